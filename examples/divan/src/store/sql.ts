export type Value = string | number | null;
export type Row = Readonly<Record<string, Value>>;

/** Runs one statement with `$1`-style parameters and resolves to its rows. */
export type Query = (text: string, values?: readonly Value[]) => Promise<Row[]>;

/** What only one process may do at a time. */
export type Lock = 'migrate' | 'snapshot';

/** The little that the SQL store needs of a database. Failures to reach it are `StoreUnavailable`. */
export interface Database {
  readonly kind: 'sqlite' | 'postgres';
  readonly query: Query;
  /** Commits when `fn` resolves, rolls back when it rejects. */
  transaction<R>(fn: (query: Query) => Promise<R>, lock?: Lock): Promise<R>;
  close(): Promise<void>;
}

/** Makes PostgreSQL order text by its bytes, as SQLite and memory do. */
export const bytewise = (database: Database, column: string) =>
  database.kind === 'postgres' ? `${column} COLLATE "C"` : column;

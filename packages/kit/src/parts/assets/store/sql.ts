export type Value = string | number | null;
export type Row = Readonly<Record<string, Value>>;

/** Placeholders are `?` in both dialects; PostgreSQL's driver numbers them. */
export type Query = (text: string, values?: readonly Value[]) => Promise<readonly Row[]>;

/** What SQLite and PostgreSQL have in common, and the words in which they differ. */
export interface Database {
  readonly dialect: 'sqlite' | 'postgres';
  readonly query: Query;
  /** All or nothing; `lock` keeps other processes out, where the dialect does not by itself. */
  transaction<R>(fn: (query: Query) => Promise<R>): Promise<R>;
  close(): Promise<void>;
}

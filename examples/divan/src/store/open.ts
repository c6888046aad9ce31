import type { Obs } from 'plimsoll';
import { memoryStore } from './memory.ts';
import { openPostgres } from './postgres.ts';
import { sqlStore } from './sql-store.ts';
import { openSqlite } from './sqlite.ts';
import type { Store } from './store.ts';
import { traced } from './traced.ts';

export interface Where {
  /** PostgreSQL; beats the others. */
  readonly databaseUrl?: string | undefined;
  /** A file for SQLite, `:memory:` (the default), or `none` for plain memory. */
  readonly sqlitePath?: string | undefined;
  /** Gives each statement of a request a span. */
  readonly trace?: Obs['trace'];
}

export function openStore({ databaseUrl, sqlitePath, trace }: Where): Store {
  if (!databaseUrl && sqlitePath === 'none') return memoryStore();
  const database = databaseUrl ? openPostgres(databaseUrl) : openSqlite(sqlitePath);
  return sqlStore(trace ? traced(database, trace) : database);
}

import { memoryStore } from './memory.ts';
import { openPostgres } from './postgres.ts';
import { sqlStore } from './sql-store.ts';
import { openSqlite } from './sqlite.ts';
import type { Store } from './store.ts';

export interface Where {
  /** PostgreSQL; beats the others. */
  readonly databaseUrl?: string | undefined;
  /** A file for SQLite, `:memory:` (the default), or `none` for plain memory. */
  readonly sqlitePath?: string | undefined;
}

export function openStore({ databaseUrl, sqlitePath }: Where): Store {
  if (databaseUrl) return sqlStore(openPostgres(databaseUrl));
  if (sqlitePath === 'none') return memoryStore();
  return sqlStore(openSqlite(sqlitePath));
}

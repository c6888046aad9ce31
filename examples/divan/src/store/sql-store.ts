import { MIGRATIONS } from './migrations.ts';
import type { Database, Query } from './sql.ts';
import { sqlBoard } from './sql-board.ts';
import { sqlChat } from './sql-chat.ts';
import { sqlGroups } from './sql-groups.ts';
import { sqlPeople, sqlPlaces } from './sql-people.ts';
import type { Store } from './store.ts';

/** The store over SQL: one text for SQLite and PostgreSQL. */
export function sqlStore(database: Database): Store {
  return {
    kind: database.kind,
    chat: sqlChat(database),
    people: sqlPeople(database),
    places: sqlPlaces(database),
    groups: sqlGroups(database),
    board: sqlBoard(database),
    migrate: () => database.transaction(migrate, 'migrate'),
    version: () => version(database),
    ping: async () => void (await database.query('SELECT 1')),
    close: () => database.close(),
  };
}

async function migrate(query: Query): Promise<void> {
  await query(
    'CREATE TABLE IF NOT EXISTS schema_migrations (version TEXT PRIMARY KEY, applied_at BIGINT NOT NULL)',
  );
  const applied = new Set((await query('SELECT version FROM schema_migrations')).map(row => row['version']));
  for (const { version, statements } of MIGRATIONS) {
    if (applied.has(version)) continue;
    for (const statement of statements) await query(statement);
    await query('INSERT INTO schema_migrations VALUES ($1, $2)', [version, Date.now()]);
  }
}

async function version({ query }: Database): Promise<string | undefined> {
  try {
    const newest = 'SELECT version FROM schema_migrations ORDER BY CAST(version AS INTEGER) DESC LIMIT 1';
    const [row] = await query(newest);
    return row?.['version'] as string | undefined;
  } catch (error) {
    if (noSuchTable(error)) return undefined;
    throw error;
  }
}

function noSuchTable(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  return code === '42P01' || /^no such table/.test(message ?? '');
}

import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Database, Query, Row } from './sql.ts';
import { StoreUnavailable } from './store.ts';

/** SQLite result codes that a caller may retry: busy, locked, I/O error, full, can't open. */
const UNREACHABLE = new Set([5, 6, 10, 13, 14]);

/**
 * `node:sqlite`, in memory unless a file is named. The driver is synchronous, so a statement blocks the event
 * loop for its tens of microseconds; that is fair for one machine, and what PostgreSQL is for past it.
 */
export function openSqlite(path = ':memory:'): Database {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 1000');
  const statements = new Map<string, StatementSync>();
  let tail: Promise<unknown> = Promise.resolve();

  /** One connection: a statement from outside must not slip into somebody's transaction, so all stand in one line. */
  const inLine = <R>(fn: () => R | Promise<R>): Promise<R> => {
    const run = tail.then(fn);
    tail = run.catch(() => {});
    return run;
  };
  const now: Query = async (text, values = []) => {
    try {
      let statement = statements.get(text);
      if (!statement) {
        statement = database.prepare(text.replaceAll(/\$(\d+)/g, '?$1'));
        statements.set(text, statement);
      }
      return statement.all(...values) as Row[];
    } catch (error) {
      throw asUnavailable(error);
    }
  };
  const transaction = async <R>(fn: (query: Query) => Promise<R>): Promise<R> => {
    await now('BEGIN IMMEDIATE');
    try {
      const result = await fn(now);
      await now('COMMIT');
      return result;
    } catch (error) {
      if (database.isTransaction) await now('ROLLBACK');
      throw error;
    }
  };
  return {
    kind: 'sqlite',
    query: (text, values) => inLine(() => now(text, values)),
    transaction: fn => inLine(() => transaction(fn)),
    close: () => inLine(() => void (database.isOpen && database.close())),
  };
}

function asUnavailable(error: unknown): unknown {
  const { code, errcode } = error as { code?: string; errcode?: number };
  const closed = code === 'ERR_INVALID_STATE';
  return closed || (errcode !== undefined && UNREACHABLE.has(errcode & 0xff))
    ? new StoreUnavailable(error)
    : error;
}

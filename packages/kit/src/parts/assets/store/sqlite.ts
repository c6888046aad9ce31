import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Database, Query, Row, Value } from './sql.ts';

/**
 * One file, for the processes of one machine: the write-ahead log lets readers read while another writes, and a commit
 * is on the disk before it is told (`synchronous=FULL`).
 */
export async function openSqlite(path: string): Promise<Database> {
  // Not at the top: Node 22 warns when the module is loaded, and whoever hands in PostgreSQL never needs it.
  const { DatabaseSync } = await import('node:sqlite');
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
  const db = new DatabaseSync(path);
  if (path !== ':memory:' && process.platform !== 'win32') chmodSync(path, 0o600);
  db.exec(
    'PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=5000; PRAGMA cache_size=-32768',
  );
  return new Sqlite(db);
}

class Sqlite implements Database {
  readonly dialect = 'sqlite';
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  /** One connection, so a transaction keeps the others waiting. */
  #work: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | undefined;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  query: Query = (text, values = []) => this.#next(async () => this.#run(text, values));

  transaction<R>(fn: (query: Query) => Promise<R>): Promise<R> {
    return this.#next(async () => {
      this.#db.exec('BEGIN IMMEDIATE');
      try {
        const result = await fn(async (text, values = []) => this.#run(text, values));
        this.#db.exec('COMMIT');
        return result;
      } catch (error) {
        this.#db.exec('ROLLBACK');
        throw error;
      }
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#next(async () => {
      this.#statements.clear();
      this.#db.close();
    });
    return this.#closed;
  }

  #next<R>(fn: () => Promise<R>): Promise<R> {
    const work = this.#work.then(fn);
    this.#work = work.catch(() => {});
    return work;
  }

  #run(text: string, values: readonly Value[]): readonly Row[] {
    let statement = this.#statements.get(text);
    if (statement === undefined) {
      if (this.#statements.size >= STATEMENTS) this.#statements.clear();
      statement = this.#db.prepare(text);
      this.#statements.set(text, statement);
    }
    return statement.all(...values) as unknown as readonly Row[];
  }
}

/** Queries are built from a few pieces; more shapes than this are somebody's test. */
const STATEMENTS = 256;

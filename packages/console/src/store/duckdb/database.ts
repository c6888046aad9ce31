import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBValue,
} from '@duckdb/node-api';
import { StoreError } from '../error.ts';

export type Row = Readonly<Record<string, unknown>>;
/** By name, without the dollar sign. */
export type Params = Readonly<Record<string, string | number | bigint | boolean>>;

/** Kept free of the network, and of most of the machine's memory: segments that are written to stand in it. */
const SETTINGS = {
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  // Segments are checkpointed once, when they are full: doing it on the way rewrites what is there several times.
  checkpoint_threshold: '1TB',
  memory_limit: '2GB',
} as const;
const LOCK = 'lock.duckdb';

/** One engine that segments are attached to; the folder is this process's own while it is open. */
export class Database {
  readonly dir: string;
  readonly #instance: DuckDBInstance;
  readonly #writer: DuckDBConnection;
  readonly #idle: DuckDBConnection[] = [];

  private constructor(dir: string, instance: DuckDBInstance, writer: DuckDBConnection) {
    this.dir = dir;
    this.#instance = instance;
    this.#writer = writer;
  }

  /** Throws PLIMSOLL_STORE_LOCKED where another process has the folder. */
  static async open(dir: string): Promise<Database> {
    await mkdir(dir, { recursive: true });
    const instance = await DuckDBInstance.create(':memory:', {
      ...SETTINGS,
      temp_directory: join(dir, 'tmp'),
    });
    try {
      const writer = await instance.connect();
      await lock(writer, dir);
      return new Database(dir, instance, writer);
    } catch (error) {
      instance.closeSync();
      throw error;
    }
  }

  async run(sql: string): Promise<void> {
    await this.#borrow(connection => connection.run(sql));
  }

  async rows(sql: string, params: Params = {}): Promise<readonly Row[]> {
    return this.#borrow(async connection => {
      const reader = await connection.runAndReadAll(sql, params as Record<string, DuckDBValue>);
      return reader.getRowObjectsJS() as Row[];
    });
  }

  /** One transaction on the one connection that writes; calls must not overlap. A throw rolls it back. */
  async transaction(
    work: (append: (at: string, table: string) => Promise<DuckDBAppender>) => Promise<void>,
  ): Promise<void> {
    const connection = this.#writer;
    await connection.run('BEGIN');
    try {
      await work((at, table) => connection.createAppender(table, 'main', at));
      await connection.run('COMMIT');
    } catch (error) {
      // A commit that failed has rolled back by itself, and says so here.
      await connection.run('ROLLBACK').catch(() => {});
      throw error;
    }
  }

  close(): void {
    for (const connection of this.#idle.splice(0)) connection.closeSync();
    this.#writer.closeSync();
    this.#instance.closeSync();
  }

  /** A connection does one thing at a time. */
  async #borrow<T>(use: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = this.#idle.pop() ?? (await this.#instance.connect());
    try {
      return await use(connection);
    } finally {
      this.#idle.push(connection);
    }
  }
}

async function lock(connection: DuckDBConnection, dir: string): Promise<void> {
  const path = join(dir, LOCK);
  const attach = () => connection.run(`ATTACH ${literal(path)} AS console_lock`);
  try {
    await attach();
  } catch (error) {
    if (isLocked(error)) throw new StoreError('PLIMSOLL_STORE_LOCKED', dir, { cause: error });
    // It holds nothing, so one that can't be read is no loss.
    await rm(path, { force: true });
    await rm(`${path}.wal`, { force: true });
    await attach();
  }
}

export function isLocked(error: unknown): boolean {
  return error instanceof Error && /set lock on file|being used by another process/i.test(error.message);
}

export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && /no space left|file too large|disk quota/i.test(error.message);
}

/** The engine refuses a file until it is closed and opened again. */
export function isInvalidated(error: unknown): boolean {
  return error instanceof Error && /invalidated/i.test(error.message);
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

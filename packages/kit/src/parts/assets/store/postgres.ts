import type { Database, Query, Row, Value } from './sql.ts';

/**
 * The slice of `pg`'s pool that is used. It is handed in, so that a service has one pool with its own settings, and
 * nothing of `pg` is a dependency of those who use SQLite.
 */
export interface PgPool {
  connect(): Promise<PgClient>;
}

export interface PgClient {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
  release(error?: Error | boolean): void;
}

export function openPostgres(pool: PgPool): Database {
  const lend = async <R>(fn: (query: Query) => Promise<R>): Promise<R> => {
    const client = await pool.connect();
    let broken: Error | undefined;
    const query: Query = async (text, values = []) => {
      try {
        return ((await client.query(numbered(text), [...values])).rows as Row[]).map(plain);
      } catch (error) {
        // A SQLSTATE comes from a server that is well; anything else may have left the connection in any state.
        if (!/^[0-9A-Z]{5}$/.test(String((error as { code?: unknown }).code))) broken = error as Error;
        throw error;
      }
    };
    try {
      return await fn(query);
    } finally {
      client.release(broken);
    }
  };
  return {
    dialect: 'postgres',
    query: (text, values) => lend(query => query(text, values)),
    transaction: fn =>
      lend(async query => {
        await query('BEGIN');
        try {
          const result = await fn(query);
          await query('COMMIT');
          return result;
        } catch (error) {
          await query('ROLLBACK').catch(() => {});
          throw error;
        }
      }),
    // The pool is its owner's.
    close: async () => {},
  };
}

const NUMBERED = new Map<string, string>();

function numbered(text: string): string {
  const known = NUMBERED.get(text);
  if (known !== undefined) return known;
  let n = 0;
  const made = text.replaceAll('?', () => `$${++n}`);
  if (NUMBERED.size < 256) NUMBERED.set(text, made);
  return made;
}

/** int8 arrives as text unless the pool was told otherwise; our numbers are far below 2^53. */
function plain(row: Row): Row {
  const out: Record<string, Value> = { ...row };
  for (const name of NUMBERS) if (typeof out[name] === 'string') out[name] = Number(out[name]);
  return out;
}

const NUMBERS = ['id', 'asset_id', 'bytes', 'total', 'version', 'at'] as const;

// Long because the pool, and what may be done with it, are one closure.
import pg from 'pg';
import type { Database, Lock, Query, Row, Value } from './sql.ts';
import { StoreUnavailable } from './store.ts';

/** bigint arrives as text; our times and counts are far below 2^53. */
const INT8 = 20;
/** Any numbers will do, as long as all processes of divan take the same. */
const LOCKS: Readonly<Record<Lock, number>> = { migrate: 4_716_203, snapshot: 4_716_204 };

/**
 * PostgreSQL through one pool. Every wait has an end: connecting, a busy pool included, 3 s, a statement 5 s. The URL is only read when
 * the first connection is made, so a service with a bad one still starts and can say so.
 */
export function openPostgres(url: string): Database {
  const types = {
    getTypeParser: (oid: number, format?: string) =>
      oid === INT8 ? Number : pg.types.getTypeParser(oid, format as 'text'),
  };
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: 3000,
    query_timeout: 5000,
    idleTimeoutMillis: 10_000,
    allowExitOnIdle: true,
    types: types as pg.CustomTypesConfig,
  });
  // An idle connection that the server closes is replaced by the next query; without a listener it ends the process.
  pool.on('error', () => {});
  // So does a lent one that the server closes between two queries; the next query says it.
  pool.on('connect', client => void client.on('error', () => {}));
  let closing: Promise<void> | undefined;

  /** Lends a connection; one on which something failed below SQL is thrown away, not returned. */
  async function lend<R>(fn: (query: Query) => Promise<R>): Promise<R> {
    const client = await connect(pool);
    let broken: Error | undefined;
    const query: Query = async (text, values = []) => {
      try {
        return (await client.query<Record<string, Value>>(text, [...values])).rows as Row[];
      } catch (error) {
        const seen = asUnavailable(error);
        if (seen instanceof StoreUnavailable) broken = seen;
        throw seen;
      }
    };
    try {
      return await fn(query);
    } finally {
      client.release(broken);
    }
  }

  return {
    kind: 'postgres',
    query: (text, values) => lend(query => query(text, values)),
    transaction: (fn, lock) =>
      lend(async query => {
        await query('BEGIN');
        try {
          if (lock) await query('SELECT pg_advisory_xact_lock($1)', [LOCKS[lock]]);
          const result = await fn(query);
          await query('COMMIT');
          return result;
        } catch (error) {
          // Where this fails too the connection is gone, and with it the transaction.
          await query('ROLLBACK').catch(() => {});
          throw error;
        }
      }),
    close: () => (closing ??= pool.end()),
  };
}

/** Whatever keeps us from a connection (socket, login, pool, a URL that does not parse) is the same to the caller. */
async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw new StoreUnavailable(error);
  }
}

/** SQLSTATE classes 08, 53, 57 and 58 are the server's trouble; an error without a state never reached it. */
function asUnavailable(error: unknown): unknown {
  if (error instanceof pg.DatabaseError && !/^(08|53|57|58)/.test(error.code ?? '')) return error;
  return new StoreUnavailable(error);
}

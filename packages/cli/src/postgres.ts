import { createRequire } from 'node:module';
import type { OpenAssetsOptions } from 'plimsoll/kit';

export type Pool = NonNullable<OpenAssetsOptions['store']> & { end(): Promise<void> };

interface Pg {
  readonly Pool: new (options: object) => Pool & { on(event: 'error', listener: () => void): void };
}

const CONNECT_MS = 10_000;

/** A pool of the `pg` that the service in this folder uses: a database's client is its own affair, and not ours. */
export async function openPool(url: string): Promise<Pool> {
  // A URL that can't be read would be a file's or a host's name to `pg`, and come back in its message.
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) {
    throw new Error('The database URL is postgres://USER:PASSWORD@HOST:PORT/NAME.');
  }
  let pg: Pg;
  try {
    pg = createRequire(`${process.cwd()}/`)('pg') as Pg;
  } catch (error) {
    if ((error as { code?: string }).code !== 'MODULE_NOT_FOUND') throw error;
    throw new Error('PostgreSQL needs pg in this folder: npm install pg');
  }
  const pool = new pg.Pool({ connectionString: url, max: 4, connectionTimeoutMillis: CONNECT_MS });
  // A connection that ends while nobody uses it is opened anew; unheard, the event would end the process.
  pool.on('error', () => {});
  return pool;
}

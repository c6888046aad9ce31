import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import pg from 'pg';
import { openPostgres } from '../../src/parts/assets/store/postgres.ts';
import { HOW, hasServices, type Service, startPostgres } from '../otel/services.ts';
import { storeContract } from './contract.ts';
import { filesIn, startAssets } from './support.ts';

const required = process.env['PLIMSOLL_TEST_REQUIRE'] === 'all';

suite('assets on PostgreSQL', { skip: hasServices() || required ? false : HOW }, () => {
  let server: Service;
  let pool: pg.Pool;
  before(async () => {
    server = await startPostgres();
    pool = new pg.Pool({
      host: '127.0.0.1',
      port: server.port,
      user: 'plimsoll',
      database: 'postgres',
      max: 4,
    });
    pool.on('error', () => {});
    pool.on('connect', client => client.on('error', () => {}));
  });
  after(async () => {
    await pool?.end();
    await server?.stop();
  });

  storeContract('PostgreSQL', async () => openPostgres(pool));

  test('a service with a pool handed in keeps its rows there, and leaves no file and the pool open', async t => {
    const { send, ask, obs, root } = await startAssets(t, { assets: { store: pool, projectId: 'handed' } });
    const sent = await send('a.txt', 'a', { metadata: JSON.stringify({ tags: ['pg'], license: 'MIT' }) });
    assert.equal(sent.status, 200, sent.text);
    assert.equal((await ask('/assets?tags=PG&licenses=mit&q=a.txt')).body.total, 1);
    assert.deepEqual(
      filesIn(root).filter(path => path.includes('.db')),
      [],
    );
    await obs.close();
    const { rows } = await pool.query("SELECT uid FROM plimsoll_assets WHERE project_id = 'handed'");
    assert.deepEqual(rows, [{ uid: sent.body.uid }]);
  });
});

import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { openStore } from '../../src/store/open.ts';
import { StoreUnavailable } from '../../src/store/store.ts';
import { type Cluster, HOW, hasPostgres, startCluster } from './cluster.ts';
import { storeContract } from './contract.ts';

const required = process.env['PLIMSOLL_TEST_REQUIRE'] === 'all';

suite('divan on PostgreSQL', { skip: hasPostgres() || required ? false : HOW }, () => {
  let cluster: Cluster;
  before(async () => {
    cluster = await startCluster();
  });
  after(() => cluster?.stop());

  storeContract('postgres', async () => openStore({ databaseUrl: cluster.url }));

  test('two processes may migrate at once', async t => {
    const stores = [1, 2, 3].map(() => openStore({ databaseUrl: cluster.url }));
    t.after(() => Promise.all(stores.map(store => store.close())));
    await Promise.all(stores.map(store => store.migrate()));
    assert.equal(new Set(await Promise.all(stores.map(store => store.version()))).size, 1);
  });

  test('a server that is not there, or a URL that does not parse, is unavailable, and says nothing else', async t => {
    for (const databaseUrl of [
      'postgres://u:hunter2@127.0.0.1:1/x',
      'not a url',
      'postgres://u@127.0.0.1:bad/x',
    ]) {
      const store = openStore({ databaseUrl });
      t.after(() => store.close());
      await assert.rejects(store.ping(), (error: Error) => {
        assert.ok(error instanceof StoreUnavailable);
        assert.equal(error.message, 'the store is not available');
        return true;
      });
    }
  });
});

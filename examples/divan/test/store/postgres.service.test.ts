import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { openStore } from '../../src/store/open.ts';
import { StoreUnavailable } from '../../src/store/store.ts';
import { hasFixtures, naughtyStrings } from '../fixtures.ts';
import { SECRET, sample, startDivan } from '../support.ts';
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

  test('divan runs on it, and shows its check and its gauges', async t => {
    const divan = await startDivan(t, { settings: { databaseUrl: cluster.url, jwtSecret: SECRET } });
    const { body } = await divan.call('/health/ready');
    assert.deepEqual(Object.keys(body.checks), ['postgres', 'migrations']);
    assert.equal(body.checks.postgres.ok, true);
    const text = await divan.metrics();
    assert.equal(sample(text, 'divan_postgres_up'), 1);
    assert.ok(sample(text, 'divan_postgres_latency_seconds_count')! >= 1);
    if (!hasFixtures(t)) return;
    for (const body of naughtyStrings()) {
      const message = { to_user_id: `to-${body}`.replaceAll(/[^\w-]/g, '').slice(0, 100), body };
      const { status } = await divan.call('/chat/messages', { as: 'naughty', body: message });
      assert.ok(status === 201 || status === 422, JSON.stringify(body));
    }
  });

  test('when it goes away divan lives on, not ready, and says no driver text', async t => {
    const own = await startCluster();
    t.after(() => own.stop());
    const settings = { databaseUrl: own.url, jwtSecret: SECRET };
    const divan = await startDivan(t, { settings, obs: { health: { intervalMs: 100 } } });
    assert.equal((await divan.call('/health/ready')).status, 200);
    await own.stop();
    let ready = await divan.call('/health/ready');
    while (ready.status === 200) ready = await divan.call('/health/ready');
    assert.equal(ready.status, 503);
    const sent = await divan.call('/chat/messages', { as: 'a', body: { to_user_id: 'b', body: 'hi' } });
    assert.deepEqual([sent.status, sent.body.detail], [503, 'idempotency_unavailable']);
    assert.equal((await divan.call('/health/live')).status, 200);
    assert.ok(!/ECONN|127\.0\.0\.1|divan@/.test(ready.text + sent.text));
    assert.equal(sample(await divan.metrics(), 'divan_postgres_up'), 0);
  });

  test('a server that accepts and never answers keeps divan not ready, not hanging', async t => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    t.after(() => silent.close());
    const { port } = silent.address() as { port: number };
    const databaseUrl = `postgres://divan@127.0.0.1:${port}/x`;
    const divan = await startDivan(t, { settings: { databaseUrl, jwtSecret: SECRET } });
    const { status, body } = await divan.call('/health/ready');
    assert.deepEqual([status, body.checks.postgres.ok], [503, false]);
    assert.equal((await divan.call('/health/live')).status, 200);
  });
});

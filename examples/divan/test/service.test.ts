import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDivan } from '../src/app.ts';
import { memoryStore } from '../src/store/memory.ts';
import { type Store, StoreUnavailable } from '../src/store/store.ts';
import { drive, SEED } from './drive.ts';
import { ADMIN, type Json, sample, startDivan } from './support.ts';

const admin = { 'X-Admin-Token': ADMIN };

test('every failure answers {detail, request_id}, also those of the framework', async t => {
  const divan = await startDivan(t);
  const json = { 'content-type': 'application/json' };
  const cases: [number, string, string, Json][] = [
    [404, 'not found', '/nothing/hunter2', { as: 'a' }],
    [404, 'not found', '/chat/messages', { as: 'a' }],
    [400, 'bad request', '/%zz', { as: 'a' }],
    [400, 'bad request', '/chat/messages', { as: 'a', body: '{"body": hunter2', headers: json }],
    [413, 'payload too large', '/chat/messages', { as: 'a', body: { body: 'x'.repeat(70_000) } }],
    [
      415,
      'unsupported media type',
      '/chat/messages',
      { as: 'a', body: '<hunter2/>', headers: { 'content-type': 'text/xml' } },
    ],
    [422, 'validation_error', '/chat/messages', { as: 'a', body: 'null' }],
  ];
  for (const [status, detail, path, asking] of cases) {
    const answer = await divan.call(path, asking);
    assert.deepEqual([answer.status, answer.body?.detail], [status, detail], `${path} ${answer.text}`);
    assert.ok(answer.body.request_id);
    assert.ok(!answer.text.includes('hunter2'));
  }
});

test('a driven divan has a sample of every metric of the seed', async t => {
  const divan = await startDivan(t);
  await drive(divan);
  const text = await divan.metrics();
  for (const series of SEED) {
    assert.equal(sample(text, `divan_${series}`), 1, series);
    const family = `divan_${series.replace(/\{.*|_count\{.*/, '').replace(/_count$/, '')}`;
    assert.ok(text.includes(`# TYPE ${family} `) && text.includes(`# HELP ${family} `), family);
  }
  assert.ok(!text.includes('unmatched="/rooms/'), 'routes are templates');
});

test('a rollover freezes the standings of the day', async t => {
  const divan = await startDivan(t);
  await drive(divan);
  const global = (await divan.call('/leaderboard', { as: 'a' })).body;
  assert.deepEqual(global.items, [
    { rank: 1, user_id: 'a', points: 6 },
    { rank: 2, user_id: 'b', points: 4 },
  ]);
  const campus = (await divan.call('/leaderboard?scope=campus', { as: 'a', campus: 'c-1' })).body;
  assert.deepEqual(campus.items, [{ rank: 1, user_id: 'a', points: 6 }]);
});

test('a rollover that fails is 500 rollover_failed, and counted as error', async t => {
  const store = memoryStore();
  const snapshot = async () => {
    throw new Error('disk full at /secret/path');
  };
  const divan = await startDivan(t, { store: { ...store, board: { ...store.board, snapshot } } });
  const { status, body, text } = await divan.call('/ops/rollover', { method: 'POST', headers: admin });
  assert.deepEqual([status, body.code, body.detail], [500, 'rollover_failed', 'rollover_failed']);
  assert.ok(!text.includes('secret'));
  const job = 'divan_jobs_runs_total{name="leaderboard_rollover",result="error"}';
  assert.equal(sample(await divan.metrics(), job), 1);
});

test('the rollover and the metrics want the admin token', async t => {
  const divan = await startDivan(t, { obs: { env: 'production' } });
  for (const [path, method] of [
    ['/ops/rollover', 'POST'],
    ['/metrics', 'GET'],
  ] as const) {
    const { status, body } = await divan.call(path, { method });
    assert.deepEqual([status, body.detail], [403, 'forbidden'], path);
    assert.equal((await divan.call(path, { method, headers: admin })).status, 200);
  }
});

test('ready tells the migration, and a newer demand than the database meets is 503', async t => {
  const divan = await startDivan(t);
  const { status, body } = await divan.call('/health/ready');
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(body), ['status', 'checks']);
  const { latency_ms, ...migrations } = body.checks.migrations;
  assert.deepEqual(migrations, { ok: true, version: '0005', required: '0001' });
  const behind = await startDivan(t, { obs: { health: { minMigration: '9' } } });
  assert.equal((await behind.call('/health/ready')).status, 503);
  assert.equal((await behind.call('/health/live')).status, 200);
});

test('divan starts without its database, is not ready, and becomes so when it can migrate', async t => {
  const real = memoryStore();
  let up = false;
  const store: Store = {
    ...real,
    migrate: async () => {
      if (!up) throw new StoreUnavailable();
      await real.migrate();
    },
    version: async () => {
      if (!up) throw new StoreUnavailable();
      return real.version();
    },
  };
  const divan = await startDivan(t, { store, obs: { health: { intervalMs: 50 } } });
  const down = await divan.call('/health/ready');
  assert.equal(down.status, 503);
  assert.equal(down.body.checks.migrations.error, 'pool_unavailable');
  assert.equal((await divan.call('/health/live')).status, 200);
  up = true;
  for (let status = 503; status !== 200; ) {
    await new Promise(resolve => setTimeout(resolve, 100));
    ({ status } = await divan.call('/health/ready'));
  }
});

test('closing twice is closing once', async () => {
  const divan = await createDivan({ obs: { log: { stdout: false } } });
  await Promise.all([divan.close(), divan.close()]);
  await divan.close();
});

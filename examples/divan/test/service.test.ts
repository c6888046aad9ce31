import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDivan } from '../src/app.ts';
import { memoryStore } from '../src/store/memory.ts';
import { type Store, StoreUnavailable } from '../src/store/store.ts';
import { ADMIN, beat, type Json, type Running, sample, startDivan } from './support.ts';

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

async function drive(divan: Running): Promise<void> {
  const me = { as: 'a', campus: 'c-1' };
  await divan.call('/presence/heartbeat', { ...me, body: beat(52, 4.37) });
  await divan.call('/presence/heartbeat', { ...me, body: beat(52, 4.37, { campus_id: 'c-2' }) });
  await divan.call('/proximity/nearby?radius_m=40', me);
  await divan.call('/invites', { ...me, body: { to_user_id: 'b' } });
  await divan.call('/invites/a/accept', { as: 'b', method: 'POST' });
  await divan.call('/chat/messages', { ...me, body: { to_user_id: 'b', body: 'hi' } });
  await divan.call('/chat/conversations/a/reads', { as: 'b', body: { read_seq: 1 } });
  const room = (await divan.call('/rooms', { ...me, body: { name: 'Chess' } })).body.room_id;
  await divan.call(`/rooms/${room}/join`, { as: 'b', method: 'POST' });
  assert.equal((await divan.call(`/rooms/${room}/messages`, { as: 'b', body: { body: 'hi' } })).status, 201);
  assert.equal((await divan.call(`/rooms/${room}/messages`, me)).body.items.length, 1);
  assert.equal((await divan.call(`/rooms/${room}/messages`, { as: 'c' })).status, 403);
  const activity = (await divan.call('/activities', { ...me, body: { kind: 'sport' } })).body.activity_id;
  assert.equal(
    (await divan.call(`/activities/${activity}/complete`, { as: 'b', method: 'POST' })).status,
    404,
  );
  assert.equal((await divan.call(`/activities/${activity}/complete`, { ...me, method: 'POST' })).status, 200);
  assert.equal((await divan.call('/ops/rollover', { method: 'POST', headers: admin })).status, 200);
}

/** What the seed lists and HTTP can provoke. */
const SEED = [
  'http_requests_total{route="/chat/messages",method="POST",status="201"}',
  'http_request_duration_seconds_count{route="/chat/messages",method="POST"}',
  'presence_heartbeats_total{campus_id="c-1"}',
  'presence_rejects_total{reason="campus_mismatch"}',
  'proximity_queries_total{radius="50"}',
  'invites_sent_total',
  'invites_accept_total',
  'friendships_accepted_total',
  'chat_send_total',
  'chat_delivered_updates_total',
  'chat_read_updates_total',
  'rooms_created_total',
  'rooms_join_total',
  'rooms_send_total',
  'activities_created_total{kind="sport"}',
  'activities_completed_total{kind="sport"}',
  'lb_events_processed_total{stream="chat"}',
  'lb_snapshots_total{period="daily",scope="campus"}',
  'lb_snapshots_total{period="daily",scope="global"}',
  'jobs_runs_total{name="leaderboard_rollover",result="ok"}',
  'jobs_duration_seconds_count{name="leaderboard_rollover"}',
];

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

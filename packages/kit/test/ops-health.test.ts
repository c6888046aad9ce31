import assert from 'node:assert/strict';
import net, { type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { healthAnswer, readyAnswer, startupAnswer } from '@plimsoll/wire/ops';
import { serve, TOKEN } from './ops/server.ts';

const base = { env: 'development', ops: { adminToken: [TOKEN] } };

test('liveness is 200 while every dependency is down', async t => {
  const { ask, kit } = await serve(t, base);
  kit.health.check('postgres', () => new Promise(() => {}), { timeoutMs: 10 });
  await kit.health.start();
  const { status, text, headers } = await ask('/health/live');
  assert.deepEqual([status, text], [200, '{"status":"ok"}']);
  assert.equal(headers.get('cache-control'), 'no-store');
  assert.match(headers.get('content-type') ?? '', /^application\/json/);
});

test('readiness has exactly the keys of the contract, passed and failed', async t => {
  const { ask, kit } = await serve(t, { ...base, health: { intervalMs: 10 } });
  let up = true;
  kit.health.check('redis', () => {
    if (!up) throw new Error('redis://user:hunter2@cache:6379 refused');
  });
  kit.health.check('postgres', () => ({ rows: [] }));
  kit.health.check('migrations', () => ({ ok: true, version: '0008', required: '0001' }));
  await kit.health.start();
  const good = await ask('/health/ready');
  assert.equal(good.status, 200);
  const { checks } = readyAnswer.parse(good.body);
  assert.deepEqual(Object.keys(good.body), ['status', 'checks']);
  assert.deepEqual(Object.keys(checks), ['redis', 'postgres', 'migrations']);
  assert.deepEqual(Object.keys(checks['redis'] ?? {}), ['ok', 'latency_ms']);
  assert.deepEqual(checks['migrations'], { ok: true, version: '0008', required: '0001' });
  up = false;
  let bad = await ask('/health/ready');
  while (bad.status === 200) bad = await ask('/health/ready');
  assert.equal(bad.status, 503);
  assert.equal(bad.body['status'], 'degraded');
  assert.deepEqual(readyAnswer.parse(bad.body).checks['redis'], { ok: false, error: 'error' });
  assert.equal(readyAnswer.parse(bad.body).checks['postgres']?.ok, true);
  const report = await ask('/health');
  assert.equal(report.status, 200);
  assert.equal(healthAnswer.parse(report.body).status, 'degraded');
  assert.equal(typeof healthAnswer.parse(report.body).checks['redis']?.age_ms, 'number');
  assert.doesNotMatch(bad.text + report.text, /hunter2|cache:6379/);
});

test('before the first round a check is pending, and a socket that never answers keeps readiness answering', async t => {
  const { ask, kit } = await serve(t, base);
  const silent = net.createServer();
  await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve));
  t.after(() => silent.close());
  const { port } = silent.address() as AddressInfo;
  const read = (signal: AbortSignal) =>
    new Promise((resolve, reject) => {
      const socket = net.connect(port, '127.0.0.1').once('data', resolve).once('error', reject);
      signal.addEventListener('abort', () => socket.destroy());
    });
  kit.health.check('postgres', read, { timeoutMs: 30 });
  const first = await ask('/health/ready');
  assert.deepEqual(
    [first.status, first.body],
    [503, { status: 'degraded', checks: { postgres: { ok: false, error: 'pending' } } }],
  );
  await kit.health.start();
  const { checks } = readyAnswer.parse((await ask('/health/ready')).body);
  assert.deepEqual(checks, { postgres: { ok: false, error: 'timeout' } });
});

test('a draining process is not ready and says why', async t => {
  const { ask, kit } = await serve(t, base);
  kit.health.draining = true;
  const { status, body } = await ask('/health/ready');
  assert.deepEqual([status, body], [503, { status: 'degraded', error: 'draining', checks: {} }]);
});

test('start-up is 503 with all findings, the first as `error`, and 200 without any', async t => {
  const { ask, kit } = await serve(t, base);
  assert.deepEqual((await ask('/health/startup')).body, { status: 'ok' });
  kit.health.finding({ field: 'OTEL_EXPORTER_OTLP_ENDPOINT', code: 'missing_otlp_endpoint' });
  kit.health.finding({ field: 'JWT_SECRET', code: 'too_short' });
  const { status, body } = await ask('/health/startup');
  assert.equal(status, 503);
  startupAnswer.parse(body);
  assert.deepEqual(body, {
    status: 'error',
    error: 'missing_otlp_endpoint',
    errors: [
      { field: 'OTEL_EXPORTER_OTLP_ENDPOINT', code: 'missing_otlp_endpoint' },
      { field: 'JWT_SECRET', code: 'too_short' },
    ],
  });
});

test('what a check says of itself shows no address, in its names as in its values', async t => {
  const { ask, kit } = await serve(t, { env: 'production' });
  kit.health.check('mail', () => ({ ok: true, to: 'ada@example.com', 'ada@example.com': 1 }));
  await kit.health.start();
  const { text } = await ask('/health');
  assert.match(text, /"to":/);
  assert.doesNotMatch(text, /ada@/);
});

test('what only its name gives away is in no answer of health either', async t => {
  const { ask, kit } = await serve(t, { env: 'production' });
  const own = {
    password: 'hunter2',
    user_id: 48213,
    caption: 'some words',
    lat: 52.52,
    version: '17.2',
    required: true,
  };
  kit.health.check('own', () => ({ ok: false, ...own }));
  await kit.health.start();
  for (const path of ['/health', '/health/ready']) {
    const { text } = await ask(path);
    assert.doesNotMatch(text, /hunter2|48213|some words|52\.52/);
    assert.match(text, /"version":"17.2","required":true/);
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { hang, make } from './make.ts';

test('a check is pending until its first round, and that alone decides it', async t => {
  const { health } = make(t);
  health.check('db', () => 'row');
  assert.deepEqual(health.ready(), { ok: false, checks: { db: { ok: false, error: 'pending' } } });
  assert.equal(health.report()['db']?.age_ms, null);
  await health.start();
  const { ok, checks } = health.ready();
  assert.equal(ok, true);
  assert.deepEqual(Object.keys(checks['db'] as object), ['ok', 'latency_ms']);
  assert.equal(typeof health.report()['db']?.age_ms, 'number');
});

test('no check at all is ready', async t => {
  const { health } = make(t);
  await health.start();
  assert.deepEqual(health.ready(), { ok: true, checks: {} });
});

test('the order of the checks is the order of their registration, whatever finishes first', async t => {
  const { health } = make(t);
  health.check('redis', () => sleep(20));
  health.check('postgres', () => {});
  health.check('migrations', async () => ({ ok: true, version: '0008', required: '0001' }));
  await health.start();
  const { checks } = health.ready();
  assert.deepEqual(Object.keys(checks), ['redis', 'postgres', 'migrations']);
  assert.deepEqual(checks['migrations'], { ok: true, version: '0008', required: '0001' });
});

test('a check that never answers is a timeout, its signal is aborted, and the others stay intact', async t => {
  const { health, seen } = make(t);
  let aborted = false;
  health.check(
    'postgres',
    signal => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      return hang(signal);
    },
    { timeoutMs: 20 },
  );
  health.check('redis', () => 'PONG');
  await health.start();
  const { ok, checks } = health.ready();
  assert.equal(ok, false);
  assert.deepEqual(checks['postgres'], { ok: false, error: 'timeout' });
  assert.equal(checks['redis']?.ok, true);
  assert.equal(aborted, true);
  assert.deepEqual(seen.failures, ['postgres: timeout: no answer within 20 ms']);
});

test('only codes are shown; what a driver said goes to the log', async t => {
  const { health, seen } = make(t);
  const dsn = 'postgres://user:hunter2@db.internal:5432/app';
  health.check('thrown', () => {
    throw new Error(`cannot connect to ${dsn}`);
  });
  health.check('rejected', async () => {
    throw Object.assign(new Error(dsn), { code: 'ECONNREFUSED' });
  });
  health.check('coded', async () => {
    throw Object.assign(new Error(dsn), { code: 'pool_unavailable' });
  });
  health.check('returned', () => ({ ok: false, error: dsn }));
  health.check('word', () => ({ ok: false, error: 'no_migrations' }));
  health.check('nothing', () => ({ ok: false }));
  health.check('mail', () => ({ ok: true, owner: 'joe@example' }));
  health.check('hostile', () => ({
    ok: true,
    get extra() {
      throw new Error(dsn);
    },
  }));
  await health.start();
  const shown = Object.entries(health.ready().checks).map(([name, { error }]) => [name, error]);
  assert.deepEqual(Object.fromEntries(shown), {
    thrown: 'error',
    rejected: 'error',
    coded: 'pool_unavailable',
    returned: 'error',
    word: 'no_migrations',
    nothing: 'error',
    mail: undefined,
    hostile: 'error',
  });
  assert.equal(health.ready().checks['mail']?.['owner'], '[email]');
  assert.doesNotMatch(JSON.stringify([health.ready(), health.report()]), /hunter2|db\.internal/);
  assert.ok(seen.failures.includes(`rejected: error: ECONNREFUSED: ${dsn}`));
});

test('a value with no boolean `ok` is a pass, and one with it is a verdict', async t => {
  const { health } = make(t);
  health.check('rows', () => ({ rows: [], command: 'SELECT' }));
  health.check('response', () => new Response('', { status: 500 }));
  await health.start();
  assert.equal(health.ready().checks['rows']?.ok, true);
  assert.deepEqual(health.ready().checks['response'], { ok: false, error: 'error' });
});

test('a check that is not critical is reported and does not decide readiness', async t => {
  const { health } = make(t);
  health.check('mail', () => ({ ok: false, error: 'refused' }), { critical: false });
  await health.start();
  assert.deepEqual(health.ready(), { ok: true, checks: {} });
  assert.equal(health.report()['mail']?.error, 'refused');
});

test('findings are kept once each, in order, without anything else that the caller put in them', t => {
  const { health } = make(t);
  health.finding({ field: 'OTEL_EXPORTER_OTLP_ENDPOINT', code: 'missing_otlp_endpoint' });
  health.finding({ field: 'OTEL_EXPORTER_OTLP_ENDPOINT', code: 'missing_otlp_endpoint' });
  health.finding({ field: 'JWT_SECRET', code: 'too_short' });
  assert.deepEqual(
    health.findings().map(({ code }) => code),
    ['missing_otlp_endpoint', 'too_short'],
  );
});

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createHealth } from '../../../src/signals/health/health.ts';
import type { CheckFn, Health } from '../../../src/signals/health/types.ts';

interface Seen {
  readonly up: Map<string, number>;
  readonly latency: Map<string, number[]>;
  readonly failures: string[];
}

function make(t: TestContext, intervalMs = 15): { health: Health; seen: Seen } {
  const seen: Seen = { up: new Map(), latency: new Map(), failures: [] };
  const health = createHealth({
    intervalMs,
    timeoutMs: 1000,
    clock: { monotonic: () => performance.now() },
    metrics: {
      gauge: name => ({ handle: () => ({ set: value => void seen.up.set(name, value) }) }),
      summary: name => ({
        handle: () => ({
          observe: value => void seen.latency.set(name, [...(seen.latency.get(name) ?? []), value]),
        }),
      }),
    },
    onFailure: (name, text) => seen.failures.push(`${name}: ${text}`),
    clean: text => text.replaceAll(/\w+@\w+/g, '[email]'),
  });
  t.after(() => health.stop());
  return { health, seen };
}

/** Waits for the background rounds; how long they take is not asserted. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5);
}

const hang: CheckFn = () => new Promise(() => {});

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

test('one failure is down and two successes are up', async t => {
  const { health } = make(t);
  let calls = 0;
  const script = [true, false, true, true];
  const shown: boolean[] = [];
  health.check('db', () => {
    if (calls > 0) shown.push(health.ready().ok);
    const pass = script[calls] ?? true;
    calls += 1;
    return { ok: pass };
  });
  await health.start();
  await until(() => shown.length === 4);
  assert.deepEqual(shown, [true, false, false, true]);
});

test('a check keeps being tried while its calls are lost, and recovers', async t => {
  const { health } = make(t);
  let broken = true;
  health.check('db', signal => (broken ? hang(signal) : 'row'), { timeoutMs: 5 });
  await health.start();
  await sleep(60);
  assert.equal(health.ready().ok, false);
  broken = false;
  await until(() => health.ready().ok);
});

test('a check that is still running is not started again', async t => {
  const { health } = make(t, 5);
  let running = 0;
  let most = 0;
  let rounds = 0;
  health.check('slow', async () => {
    running += 1;
    most = Math.max(most, running);
    await sleep(20);
    running -= 1;
    rounds += 1;
  });
  await Promise.all([health.start(), health.start()]);
  await until(() => rounds > 3);
  assert.equal(most, 1);
});

test('reading results runs no check', async t => {
  const { health } = make(t, 60_000);
  let calls = 0;
  health.check('db', () => {
    calls += 1;
  });
  await health.start();
  for (let i = 0; i < 1000; i += 1) health.ready();
  health.report();
  assert.equal(calls, 1);
  assert.equal(health.ready(), health.ready());
});

test('the gauge follows both ways without a probe, and only a success has a latency', async t => {
  const { health, seen } = make(t);
  let pass = false;
  health.check(
    'redis',
    () => {
      if (!pass) throw new Error('down');
    },
    { metric: true },
  );
  await health.start();
  assert.equal(seen.up.get('redis_up'), 0);
  assert.equal(seen.latency.get('redis_latency_seconds'), undefined);
  pass = true;
  await until(() => seen.up.get('redis_up') === 1);
  const count = seen.latency.get('redis_latency_seconds')?.length ?? 0;
  assert.ok(count >= 1);
  pass = false;
  await until(() => seen.up.get('redis_up') === 0);
});

test('a failure is reported once while it stays the same', async t => {
  const { health, seen } = make(t, 5);
  let calls = 0;
  health.check('db', () => {
    calls += 1;
    throw new Error(calls < 5 ? 'refused' : 'refused again');
  });
  await health.start();
  await until(() => calls > 8);
  assert.equal(seen.failures.length, 1);
});

test('a check that is not critical is reported and does not decide readiness', async t => {
  const { health } = make(t);
  health.check('mail', () => ({ ok: false, error: 'refused' }), { critical: false });
  await health.start();
  assert.deepEqual(health.ready(), { ok: true, checks: {} });
  assert.equal(health.report()['mail']?.error, 'refused');
});

test('a late check starts by itself, and a removed one is gone with its outcome', async t => {
  const { health } = make(t);
  await health.start();
  const remove = health.check('late', () => 'here');
  await until(() => health.ready().ok);
  assert.deepEqual(Object.keys(health.ready().checks), ['late']);
  remove();
  remove();
  assert.deepEqual(health.ready(), { ok: true, checks: {} });
  health.check('late', () => 'again');
  assert.throws(() => health.check('late', () => {}), { code: 'PLIMSOLL_DUPLICATE_CHECK' });
});

test('the report has the event loop lag, and readiness has not', async t => {
  const { health } = make(t);
  await health.start();
  await until(() => (health.report()['event_loop']?.age_ms ?? -1) >= 0);
  assert.equal(typeof health.report()['event_loop']?.['lag_ms'], 'number');
  assert.deepEqual(Object.keys(health.ready().checks), []);
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

test('stopping twice, or before a start, is safe; nothing runs afterwards', async t => {
  const { health } = make(t, 5);
  let calls = 0;
  health.check('db', () => {
    calls += 1;
  });
  health.stop();
  await health.start();
  health.stop();
  health.stop();
  const after = calls;
  await sleep(30);
  assert.equal(calls, after);
});

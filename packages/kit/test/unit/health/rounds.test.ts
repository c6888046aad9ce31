import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { hang, make, until } from './make.ts';

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

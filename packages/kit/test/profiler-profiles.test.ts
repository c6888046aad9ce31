import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { type Json, perf, TOKEN } from './support/perf.ts';

const ON = { enable_perf: true };
const P = '/api/perf/profiler';
const ADMIN = { 'x-admin-token': TOKEN };

function plantedHotFunction(ms: number): number {
  let sum = 0;
  for (const until = performance.now() + ms; performance.now() < until; ) {
    for (let n = 0; n < 10_000; n++) sum += Math.sqrt(sum + n);
  }
  return sum;
}

async function busy(until: { done: boolean }): Promise<void> {
  while (!until.done) {
    plantedHotFunction(5);
    await wait(1);
  }
}

test('a CPU profile names the hot function, says what it cost, and no folder of this machine', async t => {
  const { ask } = await perf(t, ON);
  const state = { done: false };
  const work = busy(state);
  const { status, body, headers } = await ask(`${P}/cpu?seconds=0.5`, '', ADMIN);
  state.done = true;
  await work;
  assert.equal(status, 200);
  const hits = new Map<string, number>();
  for (const { callFrame, hitCount } of body['nodes']) {
    hits.set(callFrame.functionName, (hits.get(callFrame.functionName) ?? 0) + hitCount);
  }
  const busiest = [...hits].filter(([name]) => !name.startsWith('(')).sort((a, b) => b[1] - a[1])[0]?.[0];
  assert.equal(busiest, 'plantedHotFunction');
  assert.equal(body['samples'].length, body['timeDeltas'].length);
  assert.ok(body['endTime'] - body['startTime'] > 400_000);
  const { seconds, samples, start_ms, stop_ms } = body['plimsoll'].cost;
  assert.ok(seconds === 0.5 && samples === body['samples'].length && start_ms >= 0 && stop_ms >= 0);
  assert.match(headers.get('server-timing') ?? '', /^start;dur=[\d.]+, stop;dur=[\d.]+$/);
  assert.match(headers.get('content-disposition') ?? '', /^attachment; filename="\w+\.cpuprofile"$/);
  assert.ok(!JSON.stringify(body).includes(process.cwd()), 'a folder of this machine');
});

test('a heap profile names who allocated', async t => {
  const { ask } = await perf(t, ON);
  const state = { done: false };
  const kept: unknown[] = [];
  function plantedAllocator(): void {
    kept.push(Array.from({ length: 20_000 }, (_, n) => ({ n })));
  }
  const work = (async () => {
    for (let n = 0; n < 20 && !state.done; n++) {
      plantedAllocator();
      await wait(5);
    }
  })();
  const { status, body } = await ask(`${P}/heap?seconds=0.4`, '', ADMIN);
  state.done = true;
  await work;
  assert.equal(status, 200);
  const found = (node: Json): boolean =>
    node['callFrame'].functionName === 'plantedAllocator' || node['children'].some(found);
  assert.ok(found(body['head']) && body['samples'].length > 0);
  assert.ok(!JSON.stringify(body).includes(process.cwd()));
});

test('one profile at a time, of a bounded length, for admins', async t => {
  const { ask, obs } = await perf(t, ON, { profiler: { maxSeconds: 1 } });
  assert.equal((await ask(`${P}/cpu?seconds=0.2`, '')).status, 403);
  const first = ask(`${P}/cpu?seconds=0.6`, '', ADMIN);
  while ((await ask(`${P}/heap?seconds=0.1`, '', ADMIN)).status !== 409) await wait(5);
  const second = await ask(`${P}/cpu?seconds=0.1`, '', ADMIN);
  assert.deepEqual(
    [second.status, second.body['code'], second.headers.get('retry-after')],
    [409, 'profile_running', '1'],
  );
  await assert.rejects(obs.profiler.cpu({ seconds: 0.1 }), { code: 'PLIMSOLL_PROFILE_RUNNING' });
  assert.equal((await first).status, 200);
  for (const query of ['seconds=2', 'seconds=0', 'seconds=61', 'interval_us=1']) {
    assert.equal((await ask(`${P}/cpu?${query}`, '', ADMIN)).status, 422, query);
  }
  assert.equal((await ask(`${P}/cpu?seconds=0.1`, '', ADMIN)).status, 200);
});

test('a profile that runs when the profiler is turned off ends with what it has', async t => {
  const { obs, flags } = await perf(t, ON);
  const profile = obs.profiler.cpu({ seconds: 20 });
  await wait(50);
  await flags({});
  assert.ok((await profile).nodes.length > 0);
});

test('the sampler that always runs is off unless it is asked for, and shows what is hot', async t => {
  const off = await perf(t, ON);
  assert.equal(off.obs.profiler.dashboard()?.hot, null);
  const { obs, ask } = await perf(t, ON, { profiler: { sampleHz: 100 } });
  const state = { done: false };
  const work = busy(state);
  await wait(400);
  const desk = obs.read<{ turn(): Promise<unknown> }>('profiler');
  await desk?.turn();
  const { hot } = (await ask(`${P}/dashboard`)).body['dashboard'];
  // One on demand does not disturb it.
  assert.equal((await ask(`${P}/cpu?seconds=0.1`, '', ADMIN)).status, 200);
  state.done = true;
  await work;
  assert.equal(hot[0].function, 'plantedHotFunction');
  assert.ok(hot[0].share > 0.5 && hot[0].url.endsWith('profiler-profiles.test.ts'));
});

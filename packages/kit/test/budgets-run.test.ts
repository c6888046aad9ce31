import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import { init } from 'plimsoll';
import { FairQueue } from '../src/parts/budgets/fair-queue.ts';
import { perf } from './support/perf.ts';

const ON = { enable_perf_budgets: true };

/** A job that runs until it is told to end. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { open: resolve, job: () => promise };
}
const code = (expected: string) => (error: { code?: string }) => error.code === expected;

test('run gives what the job gives, and throws what it throws', async t => {
  const { obs, hooks } = await perf(t, ON);
  assert.equal(await obs.budgets.run('render', { perf: { ram_mb: 10 } }, async () => 7), 7);
  await assert.rejects(async () => obs.budgets.run('render', {}, () => Promise.reject(new Error('no ink'))), {
    message: 'no ink',
  });
  assert.deepEqual(
    hooks.map(({ data }) => [data['trigger'], data['payload'].job.type, data['payload'].job.status]),
    [
      ...[
        ['job.registered', 'render', 'running'],
        ['job.started', 'render', 'running'],
      ],
      ['job.finished', 'render', 'complete'],
      ...[
        ['job.registered', 'render', 'running'],
        ['job.started', 'render', 'running'],
      ],
      ['job.finished', 'render', 'error'],
    ],
  );
});

test('off, run just calls: nothing waits, and a throw is a throw', async t => {
  const { obs } = await perf(t, {});
  const off = await init({ enabled: false });
  for (const { budgets } of [obs, off]) {
    assert.equal(
      budgets.run('x', {}, () => 7),
      7,
    );
    assert.throws(() => budgets.run('x', {}, () => assert.fail('mine')), { message: 'mine' });
  }
});

test('no more jobs run than may; by priority, then keys take turns, then first come first served', async t => {
  const { obs } = await perf(t, ON);
  await obs.budgets.apply({ max_running_jobs: 1 });
  const first = gate();
  const blocker = obs.budgets.run('first', {}, first.job);
  const order: string[] = [];
  const add = (name: string, key: string, priority = 0) =>
    obs.budgets.run(name, { key, priority }, async () => {
      assert.equal(obs.budgets.snapshot()?.running_ids.length, 1);
      order.push(name);
      await wait(1);
    });
  const jobs = [
    add('a1', 'a'),
    add('a2', 'a'),
    add('a3', 'a'),
    add('b1', 'b'),
    add('c1', 'c'),
    add('b2', 'b'),
  ];
  jobs.push(add('urgent', 'a', 5), add('later', 'z', -1));
  assert.equal(obs.budgets.snapshot()?.delayed_ids.length, 8);
  first.open();
  await Promise.all([blocker, ...jobs]);
  assert.deepEqual(order, ['urgent', 'a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'later']);
  const { delayed_ids, running_ids } = obs.budgets.snapshot() ?? {};
  assert.deepEqual([delayed_ids, running_ids], [[], []]);
});

test('whoever is asked for next, keys of one priority take turns and none is lost', () => {
  const jobs = fc.array(
    fc.record({ key: fc.constantFrom('a', 'b', 'c'), priority: fc.integer({ min: 0, max: 2 }) }),
    {
      maxLength: 60,
    },
  );
  fc.assert(
    fc.property(jobs, input => {
      const queue = new FairQueue<{ key: string; priority: number; gone: boolean; n: number }>();
      for (const [n, job] of input.entries()) queue.push({ ...job, gone: n % 7 === 3, n });
      const out: { key: string; priority: number; n: number }[] = [];
      for (let next = queue.peek(); next !== undefined; next = queue.peek()) {
        queue.shift();
        out.push(next);
      }
      assert.deepEqual(
        out.map(({ n }) => n).sort((a, b) => a - b),
        input.map((_, n) => n).filter(n => n % 7 !== 3),
      );
      for (const [i, job] of out.entries()) {
        const behind = out.slice(i + 1);
        assert.ok(behind.every(other => other.priority <= job.priority));
        assert.ok(
          behind.every(other => other.key !== job.key || other.priority !== job.priority || other.n > job.n),
        );
        // A key comes again only when each other key that waits had its turn.
        const next = behind.findIndex(other => other.key === job.key && other.priority === job.priority);
        const rest = behind.filter(other => other.priority === job.priority).map(({ key }) => key);
        if (next >= 0)
          for (const key of new Set(rest)) assert.ok(behind.slice(0, next + 1).some(one => one.key === key));
      }
    }),
  );
});

test('a job waits for what it asks for, and for what those before it will take', async t => {
  const { obs } = await perf(t, ON);
  await obs.budgets.sampler(() => ({ mem_used_mb: 1000 }));
  await obs.budgets.apply({ max_mem_mb: 2000, max_running_jobs: 0 });
  const holds = [gate(), gate()];
  const started: number[] = [];
  const runs = [0, 1].map(n =>
    obs.budgets.run('render', { perf: { ram_mb: 600 } }, () => {
      started.push(n);
      return holds[n]?.job();
    }),
  );
  // No sample shows the first yet.
  await wait(1);
  assert.deepEqual(started, [0]);
  assert.deepEqual(obs.budgets.snapshot()?.jobs[1]?.reason, 'ram 2200MB/2000MB');
  await obs.budgets.sampler(() => ({ mem_used_mb: 1300 }));
  await wait(1);
  assert.deepEqual(started, [0, 1]);
  for (const hold of holds) hold.open();
  await Promise.all(runs);
  await assert.rejects(
    async () => obs.budgets.run('huge', { perf: { ram_mb: 2001 } }, () => 0),
    code('PLIMSOLL_BUDGET_OVER'),
  );
});

test('a deadline, an abort and a job that must not wait reject with their codes, and free the way', async t => {
  const { obs } = await perf(t, ON);
  await obs.budgets.apply({ max_running_jobs: 1 });
  const hold = gate();
  const first = obs.budgets.run('first', {}, hold.job);
  const never = () => assert.fail('it must not run');
  const controller = new AbortController();
  const late = assert.rejects(
    async () => obs.budgets.run('a', { deadline: 5 }, never),
    code('PLIMSOLL_BUDGET_DEADLINE'),
  );
  const past = new Date(Date.now() - 1000);
  const past2 = assert.rejects(
    async () => obs.budgets.run('b', { deadline: past }, never),
    code('PLIMSOLL_BUDGET_DEADLINE'),
  );
  const canceled = assert.rejects(
    async () => obs.budgets.run('c', { signal: controller.signal }, never),
    (error: { code?: string; cause?: unknown }) =>
      error.code === 'PLIMSOLL_BUDGET_CANCELED' && error.cause === 'bored',
  );
  const after = obs.budgets.run('d', {}, () => 'ran');
  controller.abort('bored');
  await Promise.all([late, past2, canceled]);
  await assert.rejects(
    async () => obs.budgets.run('e', { wait: false }, never),
    (error: { code?: string; reasons?: string[]; position?: number; retry_after_ms?: number }) =>
      error.code === 'PLIMSOLL_BUDGET_OVER' && error.position === 2 && (error.retry_after_ms ?? 0) > 0,
  );
  await assert.rejects(
    async () => obs.budgets.run('f', { signal: AbortSignal.abort() }, never),
    code('PLIMSOLL_BUDGET_CANCELED'),
  );
  hold.open();
  await first;
  assert.equal(await after, 'ran');
  const ended = obs.budgets.snapshot()?.jobs.map(({ type, status }) => `${type} ${status}`);
  assert.deepEqual(ended, ['first complete', 'a error', 'b error', 'c canceled', 'd complete']);
});

test('a job that is aborted while it runs is handed the signal, and ends as canceled', async t => {
  const { obs } = await perf(t, ON);
  const controller = new AbortController();
  const run = obs.budgets.run('render', { signal: controller.signal }, signal =>
    wait(10_000, 0, { signal: signal! }),
  );
  controller.abort();
  await assert.rejects(async () => run, { name: 'AbortError' });
  assert.equal(obs.budgets.snapshot()?.jobs[0]?.status, 'canceled');
});

test('a job keeps the context of its caller, whoever made way for it', async t => {
  const { obs } = await perf(t, ON);
  await obs.budgets.apply({ max_running_jobs: 1 });
  const seen: unknown[] = [];
  const call = (id: string) =>
    obs.context.run({ requestId: id } as never, () =>
      obs.budgets.run('x', {}, async () => {
        await wait(1);
        seen.push(obs.context.current()?.requestId);
      }),
    );
  await Promise.all(['one', 'two', 'three'].map(call));
  assert.deepEqual(seen, ['one', 'two', 'three']);
});

test('jobs of others and of run share the places', async t => {
  const { obs } = await perf(t, ON);
  await obs.budgets.apply({ max_running_jobs: 1 });
  obs.budgets.register({ job_id: 'theirs' });
  obs.budgets.start('theirs');
  let ran = false;
  const ours = obs.budgets.run('ours', {}, () => {
    ran = true;
  });
  await wait(1);
  assert.equal(ran, false);
  obs.budgets.finish('theirs');
  await ours;
  assert.equal(ran, true);
});

test('what waits runs when budgets are turned off', async t => {
  const { obs, flags } = await perf(t, ON);
  await obs.budgets.apply({ max_running_jobs: 1 });
  const hold = gate();
  const first = obs.budgets.run('first', {}, hold.job);
  const second = obs.budgets.run('second', {}, () => 'ran');
  await flags({});
  assert.equal(await second, 'ran');
  hold.open();
  await first;
});

test('higher limits let waiting jobs go at once', async t => {
  const { obs } = await perf(t, ON);
  await obs.budgets.apply({ max_running_jobs: 1 });
  const hold = gate();
  const first = obs.budgets.run('first', {}, hold.job);
  const second = obs.budgets.run('second', {}, () => 'ran');
  await obs.budgets.apply({ max_running_jobs: 2 });
  assert.equal(await second, 'ran');
  hold.open();
  await first;
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { perf } from './support/perf.ts';

const JOBS = 5000;
const CLIENTS = 200;
const CAP = 8;
const WAVE = 500;

interface Done {
  readonly n: number;
  readonly key: string;
  readonly arrived: number;
  readonly started: number;
  readonly ended: number;
}

/** First come first served by key in turn, over as many places as there are, with the times that the jobs really took. */
function idealWaits(jobs: readonly Done[]): number[] {
  const places = Array.from({ length: CAP }, () => 0);
  const began = Math.min(...jobs.map(({ arrived }) => arrived));
  return [...jobs]
    .sort((a, b) => a.started - b.started)
    .map(({ arrived, started, ended }) => {
      const place = places.indexOf(Math.min(...places));
      const start = Math.max(places[place] as number, arrived - began);
      places[place] = start + ended - started;
      return start - (arrived - began);
    });
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] as number;

test('5,000 jobs of 200 clients: never a ninth at once, none lost or stuck, in turn, and no wait in vain', async t => {
  const { obs } = await perf(t, { enable_perf: true });
  await obs.budgets.apply({ max_running_jobs: CAP, max_queue_depth: 100_000 });
  let running = 0;
  let most = 0;
  let canceled = 0;
  const done: Done[] = [];
  const starts: { n: number; key: string }[] = [];
  const job = async (n: number, key: string, ms: number, signal?: AbortSignal): Promise<void> => {
    const arrived = performance.now();
    await obs.budgets.run('work', { key, ...(signal && { signal }) }, async () => {
      const started = performance.now();
      starts.push({ n, key });
      running += 1;
      most = Math.max(most, running);
      await wait(ms);
      running -= 1;
      done.push({ n, key, arrived, started, ended: performance.now() });
    });
  };
  const all: Promise<void>[] = [];
  // In waves, so that jobs come while others wait and run.
  for (let n = 0; n < JOBS; n++) {
    all.push(job(n, `client-${n % CLIENTS}`, 2 + ((n * 7919) % 5)));
    if (n % WAVE === WAVE - 1) await wait(10);
  }
  // Some are given up while they wait, which must cost nobody a turn.
  const controller = new AbortController();
  for (let n = 0; n < 100; n++) {
    const given = job(JOBS + n, 'gone', 1, controller.signal).catch(error => {
      assert.equal(error.code, 'PLIMSOLL_BUDGET_CANCELED');
      canceled += 1;
    });
    all.push(given);
  }
  controller.abort();
  await Promise.all(all);

  assert.deepEqual([done.length, most, running, canceled], [JOBS, CAP, 0, 100]);
  assert.equal(new Set(done.map(({ n }) => n)).size, JOBS);
  const { queued_ids, delayed_ids, running_ids } = obs.budgets.snapshot() ?? {};
  assert.deepEqual([queued_ids, delayed_ids, running_ids], [[], [], []]);

  // Of one client: as they came. Of all: nobody starts twice more than another who waits.
  const last = new Map<string, number>();
  for (const { n, key } of starts) {
    assert.ok(n > (last.get(key) ?? -1), `${key} out of order at ${n}`);
    last.set(key, n);
  }
  const counts = new Map<string, number>();
  for (const { key } of starts.slice(0, JOBS / 2)) counts.set(key, (counts.get(key) ?? 0) + 1);
  const values = [...counts.values()];
  assert.ok(values.length === CLIENTS && Math.max(...values) - Math.min(...values) <= 1 + CAP / CLIENTS + 1);

  const waited = median(done.map(({ arrived, started }) => started - arrived));
  const ideal = median(idealWaits(done));
  t.diagnostic(
    `median wait ${waited.toFixed(1)} ms, ideal ${ideal.toFixed(1)} ms: ${(waited / ideal).toFixed(3)}`,
  );
  assert.ok(waited <= ideal * 1.1, `${waited} of ${ideal}`);
});

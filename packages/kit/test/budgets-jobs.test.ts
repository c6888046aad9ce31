import assert from 'node:assert/strict';
import { test } from 'node:test';
import { perf } from './support/perf.ts';

const ON = { enable_perf: true };
const B = '/api/perf/budgets';
const states = (transitions: { job: { id: string }; queue_state: string }[]) =>
  transitions.map(({ job, queue_state }) => `${job.id} ${queue_state}`);

test('a job is queued, started, finished; the next one may then go', async t => {
  const { ask, obs } = await perf(t, ON);
  await obs.budgets.apply({ max_running_jobs: 1, evaluation_interval: 0.1 });
  assert.equal((await ask(`${B}/jobs/register`, { job_id: 'a' })).body['queue_state'], 'queued');
  // Who was told that it may start holds the place: both would start at once.
  const second = (await ask(`${B}/jobs/register`, { job_id: 'b' })).body;
  assert.deepEqual(
    [second['queue_state'], second['reason'], second['position']],
    ['delayed', 'job cap reached', 2],
  );
  const started = (await ask(`${B}/jobs/start`, { job_id: 'a' })).body['job'];
  assert.deepEqual(
    [started.id, started.type, started.status, started.reason],
    ['a', 'generic', 'running', null],
  );
  assert.ok(Math.abs(started.submitted_at - Date.now() / 1000) < 60);
  const snapshot = (await ask(B)).body;
  assert.deepEqual(
    [snapshot['ok'], snapshot['queued_ids'], snapshot['delayed_ids'], snapshot['running_ids']],
    [true, [], ['b'], ['a']],
  );
  const ended = (await ask(`${B}/jobs/finish`, { job_id: 'a', status: 'error', reason: 'no paper' })).body[
    'job'
  ];
  assert.deepEqual([ended.status, ended.reason], ['error', 'no paper']);
  const { transitions } = (await ask(`${B}/jobs/refresh`, '')).body;
  assert.deepEqual(states(transitions), ['b queued']);
  assert.equal((await ask('/api/perf/health')).body['budgets'].queue.seen_jobs, 2);
  for (const path of ['start', 'finish']) {
    const { status, body } = await ask(`${B}/jobs/${path}`, { job_id: 'nobody' });
    assert.deepEqual([status, body['detail']], [404, 'job nobody not found']);
  }
});

test('a delayed job may be started by who wants to: caps are soft there', async t => {
  const { ask, obs } = await perf(t, ON);
  await obs.budgets.apply({ max_running_jobs: 1 });
  for (const job_id of ['a', 'b']) await ask(`${B}/jobs/register`, { job_id });
  assert.equal((await ask(`${B}/jobs/start`, { job_id: 'b' })).body['job'].status, 'running');
  const again = (await ask(`${B}/jobs/start`, { job_id: 'b' })).body['job'];
  assert.equal(again.status, 'running');
});

test('registering a job again changes what it asks for and keeps its place', async t => {
  const { obs } = await perf(t, ON);
  await obs.budgets.apply({ max_running_jobs: 2, max_queue_depth: 10 });
  const ids = () => {
    const { queued_ids, delayed_ids, running_ids } = obs.budgets.snapshot() as never;
    return [queued_ids, delayed_ids, running_ids];
  };
  for (const job_id of ['a', 'b', 'c']) obs.budgets.register({ job_id });
  obs.budgets.start('a');
  assert.equal(
    obs.budgets.register({ job_id: 'a', payload: { perf: { ram_mb: 5 } } }).queue_state,
    'running',
  );
  assert.equal(obs.budgets.register({ job_id: 'b' }).queue_state, 'queued');
  assert.equal(obs.budgets.register({ job_id: 'c' }).queue_state, 'delayed');
  assert.deepEqual(ids(), [['b'], ['c'], ['a']]);
  assert.equal(obs.budgets.snapshot()?.jobs.find(({ id }) => id === 'a')?.requirements.ram_mb, 5);
  assert.equal(obs.budgets.snapshot()?.jobs.length, 3);
});

test('delayed jobs leave a full queue in order, since none counts itself or who is behind it', async t => {
  const { obs } = await perf(t, ON);
  await obs.budgets.apply({ max_running_jobs: 0, max_queue_depth: 2, evaluation_interval: 0.1 });
  const ids = ['a', 'b', 'c', 'd', 'e'];
  for (const job_id of ids) obs.budgets.register({ job_id });
  for (const id of ids) {
    obs.budgets.start(id);
    obs.budgets.finish(id);
    await new Promise(resolve => setTimeout(resolve, 110));
    obs.budgets.refresh();
  }
  assert.deepEqual(
    obs.budgets.snapshot()?.jobs.map(({ id, status }) => `${id} ${status}`),
    ids.map(id => `${id} complete`),
  );
});

test('a refresh inside the interval gives nothing, one after it looks at every delayed job', async t => {
  const { ask, obs } = await perf(t, ON);
  await obs.budgets.apply({ max_running_jobs: 1, evaluation_interval: 0.2 });
  for (const job_id of ['a', 'b', 'c']) await ask(`${B}/jobs/register`, { job_id });
  const refresh = async () => states((await ask(`${B}/jobs/refresh`, '')).body['transitions']);
  assert.deepEqual(await refresh(), ['b delayed', 'c delayed']);
  await ask(`${B}/jobs/finish`, { job_id: 'a' });
  assert.deepEqual(await refresh(), []);
  await new Promise(resolve => setTimeout(resolve, 220));
  assert.deepEqual(await refresh(), ['b queued', 'c delayed']);
  assert.ok((await ask('/api/perf/health')).body['budgets'].last_evaluation > 1e9);
});

test('each change is one hook with its trigger, raised when the change is whole', async t => {
  const { obs, hooks } = await perf(t, ON);
  let inside: unknown;
  obs.expose('port.events', () => ({
    emit: (event: string, data: { trigger: string }) => {
      hooks.push({ event, data });
      // A listener that comes back finds the job where the hook says that it is.
      if (data.trigger === 'job.registered') inside = obs.budgets.snapshot()?.queued_ids;
      return true;
    },
  }));
  await obs.budgets.apply({ evaluation_interval: 0.1, max_running_jobs: 1 });
  obs.budgets.register({ job_id: 'a', payload: { perf: { ram_mb: 1 } } });
  assert.deepEqual(inside, ['a']);
  obs.budgets.register({ job_id: 'b' });
  obs.budgets.start('a');
  obs.budgets.finish('a');
  obs.budgets.refresh();
  obs.budgets.assets.register({ asset_id: 'x', size_mb: 5, metadata: { kind: 'model' } });
  obs.budgets.assets.touch('x');
  obs.budgets.assets.evict(1);
  assert.ok(hooks.every(({ event, data }) => event === 'on_perf_budget_state' && data['timestamp'] > 1e9));
  assert.deepEqual(
    hooks.map(({ data }) => data['trigger']),
    [
      ...['limits.updated', 'job.registered', 'job.registered', 'job.started', 'job.finished'],
      ...['queue.refreshed', 'asset.registered', 'asset.evicted'],
    ],
  );
  const payload = (trigger: string) => hooks.find(({ data }) => data['trigger'] === trigger)?.data['payload'];
  assert.deepEqual(Object.keys(payload('job.finished')).sort(), ['job', 'metrics', 'status']);
  assert.deepEqual(payload('asset.evicted'), { assets: [{ asset_id: 'x', size_mb: 5 }], freed_mb: 5 });
  assert.deepEqual(payload('asset.registered').asset, {
    asset_id: 'x',
    size_mb: 5,
    metadata: { kind: 'model' },
  });
});

test('a delayed job is one line, one record and a count, with the words of the answer', async t => {
  const { obs, lines } = await perf(t, ON);
  const records: unknown[] = [];
  obs.on('breach', record => records.push(record));
  await obs.budgets.apply({ max_running_jobs: 1 });
  obs.budgets.register({ job_id: 'a' });
  const { queue_state, reasons, position, retry_after_ms } = obs.budgets.register({ job_id: 'b' });
  const line = lines.find(({ msg }) => msg === 'jobs_delayed') ?? {};
  const said = { queue_state, reasons, position, retry_after_ms, count: 1 };
  for (const [key, value] of Object.entries(said)) assert.deepEqual(line[key], value, key);
  const [record] = records as [{ time: number }];
  const { time: _time, ...rest } = record;
  assert.deepEqual(rest, {
    ...{ kind: 'breach', of: 'jobs', queueState: queue_state, reasons, position },
    ...{ retryAfterMs: retry_after_ms, count: 1 },
  });
  const text = new TextDecoder().decode(await obs.metrics.expose('prometheus'));
  assert.match(text, /plimsoll_budget_delayed_total\{budget="jobs"\} 1/);
  assert.match(text, /plimsoll_budget_jobs\{queue_state="delayed"\} 1/);
  assert.match(text, /plimsoll_budget_limit\{budget="jobs"\} 1/);
});

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { init } from 'plimsoll';
import { perf } from './support/perf.ts';

const ON = { enable_perf: true };
const B = '/api/perf/budgets';
const POSTS = [
  ...['apply', 'reset', 'jobs/register', 'jobs/start', 'jobs/finish', 'jobs/refresh'],
  ...['assets/register', 'assets/touch', 'assets/evict'],
];

test('while budgets are off each route is 403 before its body is looked at, and health answers', async t => {
  const { ask, obs } = await perf(t, {});
  const refused = { status: 403, code: 'enable_perf flag disabled', detail: 'enable_perf flag disabled' };
  for (const path of POSTS) {
    const { status, body } = await ask(`${B}/${path}`, '{"job_id":');
    const { status: said, code, detail } = body;
    assert.deepEqual([status, { status: said, code, detail }], [403, refused], path);
  }
  assert.equal((await ask(B)).status, 403);
  const { status, body } = await ask('/api/perf/health');
  const off = {
    feature_flag: false,
    budgets_enabled: false,
    profiler_enabled: false,
    budgets: null,
    profiler: null,
  };
  const flags = { umbrella: false, budgets: false, profiler: false };
  assert.deepEqual([status, body], [200, { ok: true, ...off, flags }]);
  assert.equal(obs.budgets.shed(), undefined);
  assert.equal(obs.budgets.snapshot(), undefined);
  assert.deepEqual(obs.budgets.annotate({ job_id: 'a' }), {});
  assert.throws(() => obs.budgets.register({ job_id: 'a' }), { code: 'PLIMSOLL_OFF' });
});

test('the umbrella or the legacy flag alone turns them on, and health says which', async t => {
  const { ask, flags } = await perf(t, { enable_perf_budgets: true });
  const { body } = await ask('/api/perf/health');
  assert.deepEqual(
    [body['feature_flag'], body['budgets_enabled'], body['profiler_enabled'], body['flags']],
    [true, true, false, { umbrella: false, budgets: true, profiler: false }],
  );
  assert.equal((await ask(B)).body['feature_flag'], true);
  await flags({ enable_perf_budgets: false });
  assert.equal((await ask(B)).status, 403);
  await flags(ON);
  assert.equal((await ask(B)).status, 200);
  assert.equal((await ask('/api/perf/health')).body['profiler_enabled'], true);
});

test('fresh and on, everything is empty', async t => {
  const { ask } = await perf(t, ON);
  const { budgets } = (await ask('/api/perf/health')).body;
  assert.deepEqual(budgets.queue, { queued: 0, delayed: 0, running: 0, seen_jobs: 0 });
  assert.deepEqual(budgets.assets, { registered: 0, loaded: 0 });
  assert.equal(budgets.last_evaluation, 0);
  assert.deepEqual(budgets.limits, {
    ...{ max_cpu_percent: 85, max_mem_mb: 0, max_vram_mb: 0, max_running_jobs: 3 },
    ...{ max_queue_depth: 128, lazy_asset_target_mb: 512, evaluation_interval: 2 },
  });
});

test('limits that are applied are echoed, kept for the next start, and reset; a bad one changes nothing', async t => {
  const { ask, root, obs } = await perf(t, ON);
  const applied = await ask(`${B}/apply`, { max_cpu_percent: 70, max_running_jobs: 2, max_mem_mb: null });
  const { limits } = applied.body;
  assert.deepEqual([limits.max_cpu_percent, limits.max_running_jobs, limits.max_mem_mb], [70, 2, 0]);
  assert.deepEqual([limits.max_queue_depth, Object.keys(limits).length], [128, 7]);
  for (const bad of [
    { max_cpu_percent: 101 },
    { other: 1 },
    { max_queue_depth: 0 },
    { evaluation_interval: 0.05 },
  ]) {
    const { status, body } = await ask(`${B}/apply`, { max_running_jobs: 9, ...bad });
    assert.deepEqual([status, body['code']], [422, 'validation_error']);
  }
  await assert.rejects(obs.budgets.apply({ max_running_jobs: 1.5 }), { code: 'PLIMSOLL_BUDGET_INPUT' });
  assert.equal((await ask(B)).body['limits'].max_running_jobs, 2);
  const file = join(root, 'data/perf_budgets.json');
  assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')).limits, {
    max_cpu_percent: 70,
    max_running_jobs: 2,
  });

  const again = await init({ service: 'again', env: 'test', runtimeRoot: root, log: { stdout: false } });
  t.after(() => again.close());
  assert.equal(again.budgets.snapshot()?.limits.max_running_jobs, 2);
  assert.equal((await ask(`${B}/reset`, '')).body['limits'].max_running_jobs, 3);
  assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')).limits, {});

  writeFileSync(file, '{"limits":{"max_running_jobs":"many"');
  const third = await init({ service: 'third', env: 'test', runtimeRoot: root, log: { stdout: false } });
  t.after(() => third.close());
  assert.equal(third.budgets.snapshot()?.limits.max_running_jobs, 3);
});

test('what an answer holds of the limits is a copy that nobody can change', async t => {
  const { obs } = await perf(t, ON);
  const limits = obs.budgets.snapshot()?.limits as { max_running_jobs: number };
  assert.throws(() => {
    limits.max_running_jobs = 99;
  }, TypeError);
  assert.equal(obs.budgets.snapshot()?.limits.max_running_jobs, 3);
});

test('each budget that is over gives its exact reason, the first in order wins', async t => {
  const { ask, obs } = await perf(t, ON);
  const register = async (job_id: string, hints: object = {}) =>
    (await ask(`${B}/jobs/register`, { job_id, job_type: 'render', payload: { perf: hints } })).body;
  await obs.budgets.sampler(() => ({ cpu: 85 }));
  await obs.budgets.apply({ max_cpu_percent: 70, max_running_jobs: 2 });
  const first = await register('cpu-1');
  assert.deepEqual([first['queue_state'], first['reason']], ['delayed', 'cpu 85.0%/70.0%']);
  assert.deepEqual(
    [first['position'], first['retry_after_ms'], first['reasons']],
    [1, 2000, ['cpu 85.0%/70.0%']],
  );
  await obs.budgets.sampler(() => ({ cpu: 65 }));
  const asked = await register('cpu-2', { cpu_percent: 10 });
  assert.equal(asked['reason'], 'cpu 65.0%/70.0%');
  assert.deepEqual(asked['checks'], [{ budget: 'cpu', used: 65, requested: 10, sum: 75, limit: 70 }]);
  assert.equal((await register('cpu-3', { cpu_percent: 5 }))['queue_state'], 'queued');

  const gpu = { id: 0, name: 'card', util: 0, mem_used: 3000, mem_total: 8000, temp_c: 40 };
  await obs.budgets.sampler(() => ({ cpu: 85, mem_used_mb: 1000, gpus: [gpu] }));
  await obs.budgets.apply({ max_cpu_percent: 0, max_mem_mb: 1500, max_vram_mb: 4000 });
  assert.equal((await register('ram', { ram_mb: 600 }))['reason'], 'ram 1600MB/1500MB');
  assert.equal((await register('ram-alias', { memory_mb: 600 }))['reason'], 'ram 1600MB/1500MB');
  assert.equal((await register('even', { ram_mb: 500 }))['reason'], null);
  await ask(`${B}/jobs/finish`, { job_id: 'even' });
  assert.equal((await register('vram', { gpu_mem_mb: 1500 }))['reason'], 'vram 4500MB/4000MB');

  await obs.budgets.apply({ max_cpu_percent: 70, max_running_jobs: 1 });
  const all = await register('all', { ram_mb: 600, vram_mb: 1500 });
  assert.deepEqual(all['reasons'], [
    ...['job cap reached', 'cpu 85.0%/70.0%', 'ram 1600MB/1500MB', 'vram 4500MB/4000MB'],
  ]);
  await obs.budgets.apply({ max_queue_depth: 2 });
  const deep = await register('deep', { ram_mb: 600 });
  assert.deepEqual(deep['reasons'].slice(0, 2), ['queue capacity reached', 'job cap reached']);
});

test('the event loop is a budget too', async t => {
  const { obs } = await perf(t, ON);
  await obs.budgets.sampler(() => ({ loop_delay_ms: 80, loop_utilization: 0.97 }));
  await obs.budgets.apply({ max_loop_delay_ms: 50, max_loop_utilization: 0.9 });
  assert.deepEqual(obs.budgets.register({ job_id: 'a' }).reasons, [
    ...['loop delay 80.0ms/50.0ms', 'loop utilization 97%/90%'],
  ]);
});

test('hints that are negative or empty count as 0, and one that is no number is 422', async t => {
  const { ask } = await perf(t, ON);
  const register = (hints: object) =>
    ask(`${B}/jobs/register`, { job_id: 'j', payload: { perf: hints }, other: 1 });
  for (const hints of [{ cpu_percent: -4, ram_mb: '', vram_mb: null }, {}]) {
    assert.equal((await register(hints)).status, 200);
  }
  assert.equal((await ask(B)).body['jobs'][0].requirements.cpu_percent, 0);
  await register({ ram_mb: '600' });
  assert.equal((await ask(B)).body['jobs'][0].requirements.ram_mb, 600);
  for (const hints of [{ ram_mb: 'much' }, { cpu_percent: {} }, { vram_mb: true }]) {
    assert.equal((await register(hints)).status, 422, JSON.stringify(hints));
  }
  for (const job_id of ['', 'x'.repeat(129)])
    assert.equal((await ask(`${B}/jobs/register`, { job_id })).status, 422);
});

test('ended jobs are kept for a while and counted for ever', async t => {
  const { obs } = await perf(t, ON);
  for (let n = 0; n < 2000; n++) {
    obs.budgets.register({ job_id: `j${n}` });
    obs.budgets.start(`j${n}`);
    obs.budgets.finish(`j${n}`, { status: n % 2 ? 'error' : 'anything' });
  }
  const kept = obs.budgets.snapshot()?.jobs ?? [];
  assert.ok(kept.length <= 512 && kept.at(-1)?.id === 'j1999', String(kept.length));
  const text = new TextDecoder().decode(await obs.metrics.expose('prometheus'));
  assert.match(text, /plimsoll_budget_jobs_finished_total\{status="error"\} 1000/);
  assert.match(text, /plimsoll_budget_jobs_finished_total\{status="other"\} 1000/);
});

test('a job API adds the decision to its jobs, with either flag', async t => {
  for (const flag of ['enable_perf', 'enable_perf_budgets']) {
    const { obs } = await perf(t, { [flag]: true });
    await obs.budgets.apply({ max_running_jobs: 1, evaluation_interval: 0.1 });
    assert.equal(obs.budgets.annotate({ job_id: 'a' }).status, 'queued');
    const { status, budget } = obs.budgets.annotate({ job_id: 'b', job_type: 'render' });
    assert.deepEqual([status, budget?.reason, budget?.position], ['delayed', 'job cap reached', 2]);
    obs.budgets.finish('a');
    assert.equal(obs.budgets.annotation('b').status, 'queued');
    assert.deepEqual(obs.budgets.annotation('nobody'), {});
  }
});

test('the prefix of the routes is an option', async t => {
  const { ask } = await perf(t, ON, { perf: { prefix: '/studio/perf' } });
  assert.equal((await ask('/studio/perf/budgets')).status, 200);
  assert.equal((await ask('/api/perf/health')).body['text'], 'app');
});

test('outside development the routes want the admin token', async t => {
  const { ask } = await perf(t, ON, { env: 'production' });
  const token = { 'x-admin-token': 'perf-token' };
  for (const path of ['/api/perf/health', B]) {
    assert.deepEqual([(await ask(path)).status, (await ask(path, undefined, token)).status], [403, 200]);
  }
});

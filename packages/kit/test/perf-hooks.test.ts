import assert from 'node:assert/strict';
import { test } from 'node:test';
import { init } from 'plimsoll';
import { perf } from './support/perf.ts';

test('the hooks of budgets and profiler reach the bus once each, without an id, an address or a path in clear', async t => {
  const { root } = await perf(t, { enable_perf: true, enable_hooks: true });
  const obs = await init({ service: 'studio', env: 'test', runtimeRoot: root, log: { stdout: false } });
  t.after(() => obs.close());
  await obs.budgets.sampler(() => ({ cpu: 1 }));
  const heard: string[] = [];
  for (const name of ['on_perf_budget_state', 'on_perf_profiler_snapshot']) {
    obs.hooks.on(name, (_event, data) => heard.push(`${data.trigger} ${data.payload.job?.id ?? ''}`.trim()));
  }
  const id = 'ada@example.com-render-9c1d0a3b5e7f4286';
  await obs.budgets.apply({ evaluation_interval: 0.1, max_running_jobs: 1 });
  obs.budgets.register({ job_id: id });
  obs.budgets.register({ job_id: `${id}-2` });
  obs.budgets.start(id);
  obs.budgets.finish(id);
  obs.budgets.refresh();
  obs.budgets.assets.register({
    asset_id: '/home/ada/secret-model.bin',
    size_mb: 5,
    metadata: { path: '/home/ada/x' },
  });
  obs.budgets.assets.evict(1);
  obs.profiler.mark('warm', { metadata: { user_id: 48213, password: 'hunter2' } });
  obs.profiler.recordSpan('pass', { duration_ms: 3 });
  obs.profiler.reset();
  // Listeners in the process get the original.
  assert.deepEqual(heard, [
    ...['limits.updated', `job.registered ${id}`, `job.registered ${id}-2`, `job.started ${id}`],
    ...[`job.finished ${id}`, 'queue.refreshed', 'asset.registered', 'asset.evicted'],
    ...['mark.emitted', 'span.recorded', 'reset'],
  ]);
  const history = obs.hooks.history(50);
  const triggers = history.map(({ data }) => data['trigger']);
  assert.deepEqual(
    triggers,
    heard.map(line => line.split(' ')[0]),
  );
  const text = JSON.stringify(history);
  for (const secret of ['ada@', 'example.com', '9c1d0a3b', '/home', 'secret-model', '48213', 'hunter2']) {
    assert.ok(!text.includes(secret), `${secret} in ${text}`);
  }
});

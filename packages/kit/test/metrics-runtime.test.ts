import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../src/base/clock.ts';
import type { Kit } from '../src/kernel/part.ts';
import { runtime } from '../src/parts/runtime/part.ts';
import { createMetrics } from '../src/signals/metrics/registry.ts';
import { samples, scrape } from './unit/metrics/scrape.ts';

async function started() {
  const clock = systemClock();
  const metrics = createMetrics({ clock, namespace: 'divan' });
  // Of the kit, this part uses the clock and the metrics alone.
  const stop = await runtime.setup({ clock, metrics } as Kit);
  return { metrics, stop: async () => stop?.() };
}

test('the runtime metrics have the names that dashboards for Node ask for, without the namespace', async t => {
  const { metrics, stop } = await started();
  t.after(stop);
  const found = new Set([...(await samples(metrics)).keys()].map(key => key.replace(/\{.*/, '')));
  const names = [
    ...['cpu_user_seconds_total', 'cpu_system_seconds_total', 'cpu_seconds_total', 'start_time_seconds'].map(
      name => `process_${name}`,
    ),
    ...['eventloop_lag_seconds', 'eventloop_utilization', 'heap_size_total_bytes', 'heap_size_used_bytes'],
    ...['external_memory_bytes', 'heap_space_size_total_bytes', 'heap_space_size_used_bytes'],
    ...['heap_space_size_available_bytes', 'gc_duration_seconds_count', 'version_info'],
    ...['active_handles_total', 'active_requests_total', 'active_resources_total'],
    ...['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'].map(kind => `eventloop_lag_${kind}_seconds`),
  ].map(name => (name.startsWith('process_') ? name : `nodejs_${name}`));
  for (const name of [...names, 'process_resident_memory_bytes']) assert.ok(found.has(name), name);
  if (process.platform === 'linux') {
    for (const name of ['virtual_memory_bytes', 'heap_bytes', 'open_fds', 'max_fds']) {
      assert.ok(found.has(`process_${name}`), name);
    }
  }
  for (const name of found) assert.match(name, /^(process|nodejs|plimsoll)_/);
});

test('the values are those of this process', async t => {
  const { metrics, stop } = await started();
  t.after(stop);
  const found = await samples(metrics);
  const [major = '', minor = '', patch = ''] = process.versions.node.split('.');
  const version = `{version="${process.version}",major="${major}",minor="${minor}",patch="${patch}"}`;
  assert.equal(found.get(`nodejs_version_info${version}`), '1');
  assert.ok(Number(found.get('process_cpu_seconds_total')) > 0);
  assert.ok(Number(found.get('process_resident_memory_bytes')) > 10e6);
  assert.ok(Number(found.get('nodejs_heap_size_used_bytes')) > 1e6);
  assert.ok(Number(found.get('nodejs_heap_space_size_used_bytes{space="old"}')) > 0);
  assert.ok(Number(found.get('process_start_time_seconds')) * 1000 <= Date.now());
});

test('CPU time only rises, and is counted once however often it is read', async t => {
  const { metrics, stop } = await started();
  t.after(stop);
  const cpu = async () => Number((await samples(metrics)).get('process_cpu_seconds_total'));
  const before = await cpu();
  for (let i = 0; i < 5; i++) await scrape(metrics);
  const after = await cpu();
  assert.ok(after >= before);
  const used = process.cpuUsage();
  assert.ok(after <= (used.user + used.system) / 1e6 + 1e-6);
});

test('once stopped, reading touches nothing, and a second start goes on', async () => {
  const { metrics, stop } = await started();
  await stop();
  await stop();
  const before = await samples(metrics);
  assert.deepEqual(await samples(metrics), before);
  const again = await runtime.setup({ clock: systemClock(), metrics } as Kit);
  assert.ok((await samples(metrics)).has('nodejs_eventloop_utilization'));
  await again?.();
});

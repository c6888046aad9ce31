import assert from 'node:assert/strict';
import { test } from 'node:test';
import { perf } from './support/perf.ts';

const ON = { enable_perf: true };
const B = '/api/perf/budgets';
const ids = (assets: readonly { asset_id: string }[]) => assets.map(({ asset_id }) => asset_id);

test('what was used least recently goes first, until enough is free', async t => {
  const { ask } = await perf(t, ON);
  for (const asset_id of ['a', 'b', 'c']) {
    const { body } = await ask(`${B}/assets/register`, { asset_id, size_mb: 10 });
    assert.deepEqual(body, { ok: true, asset: { asset_id, size_mb: 10 }, feature_flag: true });
  }
  const touched = (await ask(`${B}/assets/touch`, { asset_id: 'a' })).body['asset'];
  assert.ok(touched.asset_id === 'a' && touched.last_used > 1e9);
  const evict = async (target_mb: number) =>
    ids((await ask(`${B}/assets/evict`, { target_mb })).body['evicted']);
  assert.deepEqual(await evict(1), ['b']);
  assert.deepEqual(await evict(11), ['c', 'a']);
  assert.deepEqual(await evict(11), []);
  assert.deepEqual((await ask('/api/perf/health')).body['budgets'].assets, { registered: 3, loaded: 0 });
  await ask(`${B}/assets/touch`, { asset_id: 'c' });
  assert.deepEqual(ids((await ask(`${B}/assets/evict`, {})).body['evicted']), ['c']);
});

test('what is wrong with an asset is 422, one that nobody registered is 404', async t => {
  const { ask } = await perf(t, ON);
  const bad = [
    ['register', { asset_id: '', size_mb: 1 }],
    ['register', { asset_id: 'x'.repeat(257), size_mb: 1 }],
    ['register', { asset_id: 'a', size_mb: -1 }],
    ['touch', { asset_id: 'a', more: 1 }],
    ['evict', { target_mb: -1 }],
    ['evict', { target: 1 }],
  ] as const;
  for (const [path, body] of bad) assert.equal((await ask(`${B}/assets/${path}`, body)).status, 422, path);
  const { status, body } = await ask(`${B}/assets/touch`, { asset_id: 'a' });
  assert.deepEqual([status, body['detail']], [404, 'asset a not registered']);
});

test('an asset unloads by its own callback, else by the one for all; what that throws is logged and counts as freed', async t => {
  const { obs, lines } = await perf(t, ON);
  const unloaded: unknown[] = [];
  obs.budgets.assets.onUnload(asset => unloaded.push(['all', asset]));
  const { assets } = obs.budgets;
  assets.register({ asset_id: 'a', size_mb: 1, metadata: { kind: 'model' } });
  assets.register({ asset_id: 'b', size_mb: 1, unload: ({ asset_id }) => unloaded.push(['own', asset_id]) });
  assets.register({ asset_id: 'c', size_mb: 1, unload: () => assert.fail('stuck') });
  assets.register({ asset_id: 'd', size_mb: 1, unload: () => Promise.reject(new Error('stuck later')) });
  assert.deepEqual(ids(assets.evict(10)), ['a', 'b', 'c', 'd']);
  await new Promise(resolve => setImmediate(resolve));
  assert.deepEqual(unloaded, [
    ['all', { asset_id: 'a', metadata: { kind: 'model' } }],
    ['own', 'b'],
  ]);
  assert.equal(lines.filter(({ msg }) => msg === 'budget_callback_failed').length, 2);
});

test('a snapshot over budget frees the overshoot and the target, once, until memory was seen again', async t => {
  let ahead = 0;
  const { obs } = await perf(t, ON);
  const real = obs.clock.monotonic;
  Object.assign(obs.clock, { monotonic: () => real() + ahead });
  for (let n = 0; n < 20; n++) obs.budgets.assets.register({ asset_id: `a${n}`, size_mb: 100 });
  const loaded = () => obs.budgets.snapshot()?.assets.filter(asset => asset.loaded).length;
  await obs.budgets.apply({ max_mem_mb: 1500, lazy_asset_target_mb: 200 });
  await obs.budgets.sampler(() => ({ mem_used_mb: 1750 }));
  obs.budgets.register({ job_id: 'j' });
  // 250 over, 200 beyond: five of 100.
  assert.equal(loaded(), 15);
  assert.equal(loaded(), 15);
  ahead += 3000;
  assert.equal(loaded(), 15, 'memory was not looked at since');
  await obs.budgets.sample();
  assert.equal(loaded(), 10);
  // Memory did not fall: the next one waits twice as long.
  ahead += 3000;
  await obs.budgets.sample();
  assert.equal(loaded(), 10);
  ahead += 3000;
  await obs.budgets.sample();
  assert.equal(loaded(), 5);
  await obs.budgets.apply({ lazy_asset_target_mb: 0 });
  ahead += 60_000;
  await obs.budgets.sample();
  assert.equal(loaded(), 5);
});

test('the larger overshoot of memory and video memory counts', async t => {
  const { obs } = await perf(t, ON);
  for (let n = 0; n < 20; n++) obs.budgets.assets.register({ asset_id: `a${n}`, size_mb: 100 });
  await obs.budgets.apply({ max_mem_mb: 1000, max_vram_mb: 1000, lazy_asset_target_mb: 100 });
  const gpu = { id: 0, name: 'card', util: 0, mem_used: 1400, mem_total: 8000, temp_c: 40 };
  await obs.budgets.sampler(() => ({ mem_used_mb: 1200, gpus: [gpu] }));
  assert.equal(obs.budgets.snapshot()?.assets.filter(({ loaded }) => loaded).length, 15);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PORTS } from '../../src/kernel/ports.ts';
import type { Loose } from '../parts/support.ts';
import { startAssets } from './support.ts';

test('hooks: order, payloads, a copy each, and one that throws; and the bus with its names and fields', async t => {
  const { send, obs, lines, ask } = await startAssets(t);
  const seen: [string, Loose][] = [];
  const bus: [string, Loose][] = [];
  obs.expose(PORTS.events, () => ({ emit: (event: string, data: object) => bus.push([event, data]) > 0 }));
  assert.throws(() => obs.assets.add_hook('asset_exploded' as never, () => {}), {
    code: 'PLIMSOLL_ASSETS_HOOK',
  });
  const bad = (payload: Loose): void => {
    payload.uid = 'changed';
    throw new Error('hook broke');
  };
  const good = (payload: Loose): void => void seen.push(['asset_registered', payload]);
  obs.assets.add_hook('asset_registered', bad);
  obs.assets.add_hook('asset_registered', good);
  obs.assets.add_hook('asset_registered', good);
  for (const event of ['asset_sidecar_written', 'asset_meta_updated', 'asset_removed'] as const) {
    obs.assets.add_hook(event, payload => void seen.push([event, payload]));
  }
  assert.deepEqual((await ask('/assets/debug/hooks')).body.hooks, {
    asset_registered: 2,
    asset_meta_updated: 1,
    asset_removed: 1,
    asset_sidecar_written: 1,
  });
  const { body } = await send('h.txt', 'hook', { metadata: JSON.stringify({ tags: ['t'] }) });
  const { uid } = body;
  assert.deepEqual(
    seen.map(([name]) => name),
    ['asset_sidecar_written', 'asset_registered'],
  );
  assert.deepEqual(seen[0]?.[1], {
    uid,
    type: 'generic',
    sidecar: 'generic/h.txt.asset.json',
    rel_path: 'generic/h.txt.asset.json',
  });
  assert.deepEqual(Object.keys(seen[1]?.[1] ?? {}).sort(), [
    'bytes',
    'meta',
    'path',
    'sidecar',
    'type',
    'uid',
  ]);
  assert.equal(seen[1]?.[1].uid, uid);
  assert.deepEqual(
    bus.map(([name]) => name),
    ['on_asset_sidecar_written', 'on_asset_saved', 'on_asset_registered'],
  );
  assert.deepEqual(Object.keys(bus[2]?.[1] ?? {}).sort(), [
    'bytes',
    'hook_event',
    'meta',
    'path',
    'sidecar',
    'timestamp',
    'type',
    'uid',
  ]);
  assert.equal(bus[2]?.[1].hook_event, 'asset_registered');
  assert.ok(lines.some(line => line.includes('asset_hook_failed')));
  seen.length = 0;
  bus.length = 0;
  await send('h.txt', 'hook');
  assert.deepEqual(
    seen.map(([name]) => name),
    ['asset_sidecar_written', 'asset_meta_updated'],
  );
  assert.deepEqual(Object.keys(seen[1]?.[1] ?? {}).sort(), ['meta', 'path', 'sidecar', 'type', 'uid']);
  await obs.assets.audit({ overwrite: true });
  assert.deepEqual(
    seen.slice(2).map(([name]) => name),
    ['asset_sidecar_written', 'asset_meta_updated'],
  );
  await obs.assets.remove(uid);
  assert.deepEqual([seen.at(-1)?.[0], bus.at(-1)?.[0]], ['asset_removed', 'on_asset_removed']);
  obs.assets.remove_hook('asset_removed', () => {});
  obs.assets.remove_hook('asset_registered', good);
  assert.deepEqual(
    [
      obs.assets.iter_hooks('asset_registered').map(({ callback }) => callback),
      obs.assets.iter_hooks().length,
    ],
    [[bad], 4],
  );
  const history = (await ask('/assets/debug/history?limit=2')).body.items;
  assert.deepEqual(
    history.map((item: Loose) => item.event),
    ['on_asset_meta_updated', 'on_asset_removed'],
  );
  assert.equal((await ask('/assets/debug/history?limit=201')).status, 422);
  assert.equal((await ask('/assets/debug/bus-hooks')).body.hooks.length, 5);
});

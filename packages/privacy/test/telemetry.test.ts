import assert from 'node:assert/strict';
import { test } from 'node:test';
import { privacy } from './support/privacy.ts';

const { redact } = privacy();
const HASH = /^[0-9a-f]{32}$/;
const clean = (value: Record<string, unknown>) => redact(value, 'telemetry') as Record<string, unknown>;

test("telemetry hashes every id of the seed's list, whole words in any spelling, numbers too", () => {
  const names = [
    'asset_id',
    'assetId',
    'asset.id',
    'id',
    'job-uuid',
    'cache_key',
    'license',
    'ID',
    'Fingerprint',
  ];
  for (const name of [...names, 'serial', 'email', 'user', 'account', 'file_path', 'address', 'identifier']) {
    assert.match(String(clean({ [name]: 'raw-48213' })[name]), HASH, name);
  }
  assert.match(String(clean({ asset_id: 48213 })['asset_id']), HASH);
  const lists = clean({ asset_ids: ['a', 'b'], nested: { scene_id: 'c' } });
  assert.ok((lists['asset_ids'] as string[]).every(item => HASH.test(item)));
  assert.match((lists['nested'] as { scene_id: string }).scene_id, HASH);
});

test('one thing has one hash under every spelling of its name', () => {
  const { asset_id, assetId, asset } = clean({ asset_id: 'a', assetId: 'a', asset: { id: 'b' } });
  assert.equal(asset_id, assetId);
  assert.notEqual((asset as { id: string }).id, asset_id);
});

test('telemetry keeps what only looks like an id', () => {
  const given = { video: 'x', width: 'y', provider: 'z', side: 'left', keyboard: 'de', monkey: 'm', ids: 4 };
  assert.deepEqual(clean(given), given);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { webhook } from '../src/doctor/probes/webhook.ts';

test('the probe webhook delivers a signed webhook to itself', async () => {
  const found: string[] = [];
  const result = await webhook.run({ find: code => found.push(code) });
  assert.deepEqual(found, []);
  assert.equal(result.ok, true);
  assert.match(String(result['id']), /^evt_/);
});

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { readEnabled } from '../../../src/config/enabled.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { folder } from './fixture.ts';

test('code beats OBS_ENABLED, which beats the files, and only then is a file read', t => {
  const root = folder(t, { 'package.json': {}, 'config/plimsoll.json': { obs: { enabled: false } } });
  const argv1 = join(root, 'main.js');
  const gate = (code: Record<string, unknown>, env: Record<string, string>) => {
    const { enabled, preread } = readEnabled({ code, env, argv1 });
    return [enabled, preread.length];
  };
  assert.deepEqual(gate({ enabled: true }, { OBS_ENABLED: 'false' }), [true, 0]);
  assert.deepEqual(gate({ enabled: false }, {}), [false, 0]);
  assert.deepEqual(gate({}, { OBS_ENABLED: 'NO' }), [false, 0]);
  assert.deepEqual(gate({}, { OBS_ENABLED: '1' }), [true, 0]);
  assert.deepEqual(gate({}, {}), [false, 1]);
  assert.deepEqual(gate({ configFiles: ['none.json'] }, {}), [true, 1]);
});

test('the gate and the loader agree', t => {
  const folders = [{}, { obs: { enabled: false } }, { obs: { enabled: true } }, { obs: 1 }].map(content =>
    folder(t, { 'config/plimsoll.json': content }),
  );
  for (const root of [...folders, folder(t, { 'config/plimsoll.json': '{' })]) {
    for (const OBS_ENABLED of ['', 'true', 'false', '0', 'maybe']) {
      const env = { OBS_ENABLED, PLIMSOLL_RUNTIME_ROOT: root };
      const { enabled, preread } = readEnabled({ env });
      assert.equal(enabled, loadConfig({ env, preread }).get('enabled'), `${root} ${OBS_ENABLED}`);
    }
  }
});

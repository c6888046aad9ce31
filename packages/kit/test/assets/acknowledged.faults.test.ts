import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createKit, loadConfig, openAssets } from 'plimsoll/kit';
import { tempFolder } from '../parts/support.ts';

const PROGRAM = fileURLToPath(new URL('../support/programs/assets-register.ts', import.meta.url));

test('what was told to be registered is there after kill -9, with its sidecar, although many shared a commit', async t => {
  const root = tempFolder(t);
  const child = spawn(process.execPath, ['--conditions=plimsoll-source', PROGRAM, root, '3000']);
  t.after(() => child.kill('SIGKILL'));
  let out = '';
  child.stdout.on('data', chunk => {
    out += chunk;
    if (out.split('\n').length > 300) child.kill('SIGKILL');
  });
  const [, signal] = await once(child, 'close');
  assert.equal(signal, 'SIGKILL');
  const told = out.split('\n').slice(0, -1);
  assert.ok(told.length >= 300 && told.length < 3000, `${told.length} were told`);
  const config = loadConfig({ code: { runtimeRoot: root }, env: {}, argv1: undefined });
  const kit = createKit({ config });
  const folder = join(root, 'assets');
  const assets = await openAssets(kit, { root: folder, dbPath: join(root, 'assets.db') });
  for (const uid of told) {
    const asset = await assets.get(uid);
    assert.ok(asset, uid);
    assert.ok(existsSync(join(folder, asset.sidecar)), asset.sidecar);
  }
  await assets.close();
  await kit.close();
});

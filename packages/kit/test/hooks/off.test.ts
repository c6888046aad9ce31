import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { flags, folder } from './open.ts';

function run(on: boolean): {
  raised: boolean[];
  modules: string[];
  files: string[];
  patched: boolean;
  resources: string[];
} {
  const root = folder();
  flags(root, { enable_hooks: on });
  const program = join(import.meta.dirname, 'programs', 'loaded.ts');
  const said = execFileSync(process.execPath, ['--conditions=plimsoll-source', program, root]).toString();
  return JSON.parse(said.trim().split('\n').at(-1) as string);
}

test('while the bus is off only its gate is loaded, no server is touched and nothing is written', () => {
  const off = run(false);
  assert.deepEqual(off.raised, [false, false]);
  assert.deepEqual(off.modules, ['gate.ts']);
  assert.deepEqual(off.files, ['config']);
  assert.equal(off.patched, false);
});

test('while it is on, the stream and ws wait for their first client, and plugins for developer mode', () => {
  const on = run(true);
  assert.deepEqual(on.raised, [true, true]);
  assert.ok(on.modules.includes('bus.ts'));
  assert.deepEqual(
    on.modules.filter(name => /ws\/|stream|plugins/.test(name)),
    [],
  );
  assert.deepEqual(on.files, ['config', 'hooks']);
  assert.equal(on.patched, true);
});

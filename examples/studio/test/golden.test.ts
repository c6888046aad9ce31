import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checkFlow, type GoldenFlow, updateFlow } from 'plimsoll/testing';
import flow, { run } from './golden/flow.ts';
import { folder } from './support.ts';

const FLOW = fileURLToPath(new URL('./golden/flow.ts', import.meta.url));
const GOLDEN = fileURLToPath(flow.file);
const CLI = fileURLToPath(new URL('./bin/plimsoll.js', import.meta.resolve('plimsoll/package.json')));

interface Where {
  readonly cwd: string;
  readonly tmp: string;
  /** A moment that `faketime` makes the process believe in. */
  readonly at?: string;
}

async function check({ cwd, tmp, at }: Where): Promise<readonly [code: number | null, out: string]> {
  const node = [process.execPath, '--conditions=plimsoll-source', CLI, 'golden', 'check', FLOW];
  const [command, ...args] = at === undefined ? node : ['faketime', at, ...node];
  const child = spawn(command!, args, { cwd, env: { ...process.env, TMPDIR: tmp } });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (out += chunk));
  const failed = new Promise<null>(resolve => child.once('error', () => resolve(null)));
  const closed = once(child, 'close').then(([code]) => code as number | null);
  return [await Promise.race([closed, failed]), out];
}

test('the ten answers are as their goldens, twice in a row and in other folders', async t => {
  for (const where of [
    { cwd: folder(t), tmp: folder(t) },
    { cwd: '/', tmp: folder(t) },
  ]) {
    const [code, out] = await check(where);
    assert.equal(code, 0, out);
    assert.match(out, /10 answers, as their goldens/);
  }
});

test('they are so on another day', async t => {
  for (const day of [0, Date.UTC(2040, 1, 29, 23, 59, 59)]) {
    const { differences } = await checkFlow({ ...flow, run: () => run(() => day) });
    assert.deepEqual(differences, []);
  }
  const [code, out] = await check({ cwd: folder(t), tmp: folder(t), at: '2031-01-02 03:04:05' });
  if (code === null && process.env['PLIMSOLL_TEST_REQUIRE'] !== 'all')
    return t.diagnostic('faketime is not installed');
  assert.equal(code, 0, out);
});

test('one changed field is told by answer and path, and an update takes it over', async t => {
  const file = join(folder(t), 'payloads.json');
  copyFileSync(GOLDEN, file);
  const goldens = JSON.parse(readFileSync(file, 'utf8'));
  goldens.save_list.slots[0].slot = 'other';
  goldens.presentation_plan.plan.pop();
  delete goldens.scenario_validate.errors;
  goldens.scenario_step_1.extra = 1;
  writeFileSync(file, JSON.stringify(goldens));
  const changed: GoldenFlow = { ...flow, file };
  const { differences } = await checkFlow(changed);
  assert.deepEqual(differences.map(({ name, kind, path }) => `${name} ${kind} ${path}`).sort(), [
    'presentation_plan added $.plan[5]',
    'save_list changed $.slots[0].slot',
    'scenario_step_1 removed $.extra',
    'scenario_validate added $.errors',
  ]);
  await updateFlow(changed);
  assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), JSON.parse(readFileSync(GOLDEN, 'utf8')));
});

test('a time that turns into another type is found', async () => {
  const { values, paths = {} } = await run();
  const wrong = structuredClone(values) as Record<string, Record<string, unknown>>;
  wrong['export_renpy']!['generated_at'] = 1772616000;
  const { differences } = await checkFlow({ ...flow, run: async () => ({ values: wrong, paths }) });
  assert.deepEqual(
    differences.map(({ name, path, actual }) => [name, path, actual]),
    [['export_renpy', '$.generated_at', 1772616000]],
  );
});

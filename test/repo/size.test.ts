import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from './source.ts';

/**
 * Bytes of each chunk of the dist, not minified, and modules loaded by `import 'plimsoll'`.
 * Regenerate: UPDATE_GOLDEN=1 npm test -- test/repo/size.test.ts, which sets each budget 10 % above the measured.
 */
const BUDGET = join(ROOT, 'test/repo/size.budget.json');
const dist = join(ROOT, 'packages/kit/dist');

interface Budget {
  readonly modulesAtImport: number;
  readonly bytes: Readonly<Record<string, number>>;
}

const measured = Object.fromEntries(
  readdirSync(dist, { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.js'))
    .sort()
    .map(path => [path, statSync(join(dist, path)).size]),
);

if (process.env['UPDATE_GOLDEN'] === '1') {
  const bytes = Object.fromEntries(
    Object.entries(measured).map(([path, size]) => [path, Math.ceil((size * 1.1) / 256) * 256]),
  );
  writeFileSync(BUDGET, `${JSON.stringify({ modulesAtImport: 1, bytes }, null, 2)}\n`);
}
const budget = JSON.parse(readFileSync(BUDGET, 'utf8')) as Budget;

test('every chunk of the dist has a budget, and every budget a chunk', () => {
  assert.deepEqual(Object.keys(measured), Object.keys(budget.bytes).sort());
});

test('no chunk is larger than its budget', () => {
  const over = Object.entries(measured).filter(([path, size]) => size > (budget.bytes[path] ?? 0));
  assert.deepEqual(over, []);
});

test("import 'plimsoll' loads no module beyond the gate of the whole", () => {
  const script = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load(url, context, next) { if (!url.startsWith('node:')) loaded.push(url); return next(url, context); } });
    await import('plimsoll');
    console.log(JSON.stringify(loaded));`;
  const args = ['--input-type=module', '--eval', script];
  const loaded: string[] = JSON.parse(execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' }));
  assert.equal(loaded.length, budget.modulesAtImport, loaded.join('\n'));
});

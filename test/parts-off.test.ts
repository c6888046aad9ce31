import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { BARE_ENV } from './support/bare-env.ts';

/** Off is free for each part alone: no module but its gate, no timer, no file, and none of Node's costly modules. */
interface Told {
  readonly atStart: readonly string[];
  readonly used: readonly string[];
  readonly asked: readonly string[];
  readonly files: readonly string[];
  readonly timers: readonly string[];
  readonly resources: readonly string[];
  readonly builtins: readonly string[];
  readonly answers: Readonly<Record<string, number>>;
}

async function run(t: TestContext, features: Record<string, boolean>): Promise<Told> {
  const root = mkdtempSync(join(tmpdir(), 'plimsoll-parts-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, 'config'));
  const telemetry = { telemetry_opt_in: true, crash_opt_in: true, diagnostics_opt_in: true, dry_run: false };
  writeFileSync(join(root, 'config/plimsoll.json'), JSON.stringify({ features, telemetry }));
  const program = join(import.meta.dirname, 'parts/program.ts');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=plimsoll-source', program, root],
    {
      env: BARE_ENV,
    },
  );
  return JSON.parse(stdout) as Told;
}

const partOf = (module: string): string => module.split('/')[0] as string;
const beyondGates = (modules: readonly string[]): string[] =>
  modules.filter(module => !module.endsWith('/gate.ts'));

test('with every flag off all parts together are their gates: nothing more is loaded, kept, opened or written', async t => {
  const told = await run(t, {});
  assert.deepEqual(
    [...told.used].sort(),
    ['assets', 'budgets', 'crash', 'hooks', 'profiler', 'providers', 'telemetry'].map(
      name => `${name}/gate.ts`,
    ),
  );
  assert.deepEqual(told.used, told.atStart);
  // The log is no part of these.
  const files = told.files.filter(name => !/^logs(?:\/run-|$)/.test(name));
  assert.deepEqual(files, ['config', 'config/plimsoll.json']);
  assert.deepEqual([told.timers, told.resources, told.builtins], [[], [], []]);
  // Who asks is told that it is off, and that needs no part.
  const answering = /^(?:budgets|profiler|telemetry)\//;
  const wrong = (module: string): boolean => module.endsWith('/part.ts') || !answering.test(module);
  assert.deepEqual(beyondGates(told.asked).filter(wrong), []);
  assert.deepEqual(told.answers, {
    ...{ hooks: 0, providers: 0, assets: 0, 'perf/health': 200, 'perf/budgets': 403 },
    ...{ 'perf/profiler/dashboard': 403, 'telemetry/health': 200 },
  });
});

/** And what shows that the probe sees what a part that is on does. */
for (const [flag, part, shows] of [
  ['enable_providers', 'providers', 'providers/registry.ts'],
  ['enable_assets', 'assets', 'NativeModule sqlite'],
  ['enable_perf_budgets', 'budgets', 'setInterval of budgets'],
  ['enable_perf_profiler_dashboard', 'profiler', 'NativeModule inspector'],
] as const) {
  test(`${flag} alone loads ${part} and leaves the others their gates`, async t => {
    const told = await run(t, { [flag]: true });
    const own = beyondGates(told.used).filter(name => !name.startsWith('/node_modules'));
    assert.deepEqual([...new Set(own.map(partOf))], [part]);
    assert.ok(told.used.includes(`${part}/part.ts`));
    assert.deepEqual(
      [...new Set(told.timers.map(name => name.replace(/.* of /, '')))].filter(name => name !== part),
      [],
    );
    const seen = [...told.used, ...told.timers, ...told.builtins];
    assert.ok(seen.includes(shows), String(seen));
  });
}

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { CONFIG_FILE, HOME } from '../src/settings.ts';
import { startStudio, until } from './support.ts';

/** The lines of the first checklist that need no part that is still being built; the others are in the file beside it. */
const FLAGS = ['enable_observability', 'enable_perf'] as const;

/** Those that the check profile names, and the one that the notice on exports links to. */
const DOCUMENTS = [
  'docs/OBS_TELEMETRY.md',
  'docs/PERF_BUDGETS.md',
  'docs/development/observability_debug.md',
  'docs/development/perf_budgets_profiler.md',
  'docs/development_notes.md',
  'docs/dev_notes_observability_perf.md',
  'docs/dev_notes_modder_hooks.md',
  'docs/development/plugins_and_assets.md',
  'docs/development/advisory_modding.md',
];

test('step 1: the features are off in the config of a fresh checkout', async () => {
  const config = JSON.parse(readFileSync(join(HOME, CONFIG_FILE), 'utf8'));
  for (const flag of FLAGS) {
    assert.equal(config.features[flag], false);
    const jq = promisify(execFile)('jq', [`.features.${flag}`, CONFIG_FILE], { cwd: HOME });
    const { stdout } = await jq.catch(error => {
      if (error.code !== 'ENOENT' || process.env['PLIMSOLL_TEST_REQUIRE'] === 'all') throw error;
      return { stdout: 'false\n' };
    });
    assert.equal(stdout, 'false\n');
  }
  assert.deepEqual([config.telemetry.telemetry_opt_in, config.telemetry.dry_run], [false, true]);
});

test('step 1: they are off in a fresh boot, in the file that it reads and in what it read', async t => {
  const { obs, settings } = await startStudio(t);
  const { features } = JSON.parse(readFileSync(join(settings.runtimeRoot, CONFIG_FILE), 'utf8'));
  for (const flag of FLAGS) assert.deepEqual([features[flag], obs.flags.isEnabled(flag)], [false, false]);
  assert.deepEqual(obs.flags.rejected(), []);
});

test('step 2: health answers on a fresh boot', async t => {
  const { call } = await startStudio(t);
  const { status, body } = await call('/health');
  assert.deepEqual([status, body.status], [200, 'ok']);
});

test('step 3: every document that the profile names is there, and says something', () => {
  for (const path of DOCUMENTS) {
    assert.ok(existsSync(join(HOME, path)), path);
    assert.ok(readFileSync(join(HOME, path), 'utf8').length > 500, `${path} is a stub`);
  }
});

test('structured lines are in logs/run-*/run.log, with timestamp, event, logger and component', async t => {
  const { obs, settings } = await startStudio(t);
  obs.log
    .named('asset.registry')
    .bind({ component: 'asset-registry' })
    .info({ path: 'hero.png' }, 'sidecar-updated');
  const logs = join(settings.runtimeRoot, 'logs');
  const lines = () =>
    readdirSync(logs)
      .filter(name => name.startsWith('run-'))
      .flatMap(name =>
        readFileSync(join(logs, name, 'run.log'), 'utf8')
          .split('\n')
          .filter(Boolean),
      )
      .map(line => JSON.parse(line));
  await until(() => lines().some(({ event }) => event === 'sidecar-updated'));
  const { component, event, logger, path, timestamp } = lines().find(one => one.event === 'sidecar-updated')!;
  assert.deepEqual(
    [component, event, logger, path],
    ['asset-registry', 'sidecar-updated', 'asset.registry', 'hero.png'],
  );
  assert.match(timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/);
});

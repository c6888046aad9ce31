import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createFlags, FLAG_DEFAULTS, FLAG_PAIRS } from '../../../src/config/flags.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { folder, write } from './fixture.ts';

const FILE = 'config/plimsoll.json';

function setUp(t: TestContext, files: Record<string, string | object>, configFiles: string[] = [FILE]) {
  const root = folder(t, files);
  const config = loadConfig({ code: { runtimeRoot: root, configFiles }, env: {} });
  let now = 0;
  const flags = createFlags({ files: config.files, clock: { monotonic: () => now } });
  return { root, config, flags, path: join(root, FILE), later: (ms: number) => (now += ms) };
}

test('on a fresh install every flag that we know is off', t => {
  const { flags } = setUp(t, {});
  assert.deepEqual(flags.load(), FLAG_DEFAULTS);
  assert.equal(flags.isEnabled('enable_observability'), false);
  assert.equal(flags.isEnabled('enable_perf', true), false, 'a fallback is not for what the defaults know');
  assert.equal(flags.isEnabled('enable_weather', true), true);
  assert.equal(flags.isEnabled('enable_weather'), false);
  assert.equal(flags.isEnabled('constructor'), false);
});

test('a host may bring defaults of its own, key by key', () => {
  const flags = createFlags({ files: [], defaults: { enable_weather: true } });
  assert.equal(flags.isEnabled('enable_weather'), true);
  assert.equal(flags.isEnabled('enable_perf'), false);
});

test('an edited file is picked up without a call, looked at no more than every 250 ms', t => {
  const { flags, path, later } = setUp(t, { [FILE]: { features: { enable_perf: false } } });
  write(path, { features: { enable_perf: true } });
  later(249);
  assert.equal(flags.isEnabled('enable_perf'), false);
  later(1);
  assert.equal(flags.isEnabled('enable_perf'), true);
  rmSync(path);
  later(250);
  assert.equal(flags.isEnabled('enable_perf'), false);
});

test('refresh reads at once', t => {
  const { flags, path } = setUp(t, {});
  write(path, { features: { enable_perf: true } });
  assert.equal(flags.isEnabled('enable_perf'), false);
  assert.equal(flags.refresh()['enable_perf'], true);
  assert.equal(flags.isEnabled('enable_perf'), true);
});

test('a subsystem is on when its umbrella or its legacy flag is, and both are shown', t => {
  const { flags, path } = setUp(t, { [FILE]: { features: { enable_perf_budgets: true } } });
  assert.deepEqual(flags.subsystem('budgets'), { enabled: true, umbrella: false, legacy: true });
  assert.deepEqual(flags.subsystem('profiler'), { enabled: false, umbrella: false, legacy: false });
  for (const [name, pair] of Object.entries(FLAG_PAIRS)) {
    for (const key of Object.values(pair)) {
      write(path, { features: { [key]: true } });
      flags.refresh();
      assert.equal(flags.subsystem(name as keyof typeof FLAG_PAIRS).enabled, true, `${name} by ${key}`);
    }
  }
});

test('only JSON booleans count, and what is refused is named', t => {
  const { flags, config } = setUp(t, {
    [FILE]: { features: { enable_perf: 'true', enable_observability: 1, other: null, good: true } },
  });
  assert.equal(flags.isEnabled('enable_perf'), false);
  assert.equal(flags.isEnabled('enable_observability'), false);
  assert.equal(flags.isEnabled('good'), true);
  assert.deepEqual(
    flags.rejected().map(({ flag, file }) => [flag, file]),
    [
      ['enable_perf', FILE],
      ['enable_observability', FILE],
      ['other', FILE],
    ],
  );
  assert.deepEqual(config.rejected, flags.rejected());
  assert.equal(config.features['enable_perf'], 'true');
  assert.deepEqual(config.findings, []);
  assert.ok(config.warnings.some(warning => warning.field === 'features.enable_perf'));
});

test('the second file overrides the first, flag by flag', t => {
  const { flags } = setUp(
    t,
    {
      'one.json': { features: { enable_perf: true, enable_observability: true } },
      'two.json': { features: { enable_perf: false, enable_observability: 'no' } },
    },
    ['one.json', 'two.json'],
  );
  assert.equal(flags.isEnabled('enable_perf'), false);
  assert.equal(flags.isEnabled('enable_observability'), true, 'what is no boolean overrides nothing');
});

test('a corrupt file falls back to the defaults, says so, and counts again once it is mended', t => {
  const { flags, path } = setUp(t, { [FILE]: { features: { enable_perf: true } } });
  for (const text of ['{"features": {"enable_perf": tr', '[]', '{"features": [true]}']) {
    write(path, text);
    flags.refresh();
    assert.deepEqual(flags.load(), FLAG_DEFAULTS, text);
  }
  write(path, '{');
  flags.refresh();
  assert.deepEqual(flags.corrupt(), [FILE]);
  write(path, { features: { enable_perf: true } });
  flags.refresh();
  assert.equal(flags.isEnabled('enable_perf'), true);
  assert.deepEqual(flags.corrupt(), []);
});

test('a listener hears what changed, by itself, until it stops; one that throws hurts nobody', async t => {
  const root = folder(t);
  const config = loadConfig({ code: { runtimeRoot: root }, env: {} });
  const flags = createFlags({ files: config.files });
  const heard = new EventEmitter();
  const warned = once(process, 'warning');
  const stopBad = flags.watch(() => {
    throw new Error('a listener of the test');
  });
  const stop = flags.watch((all, changed) => void heard.emit('change', all, changed));
  write(join(root, FILE), { features: { enable_perf: true } });
  // The watcher's timer keeps no process alive, so the test holds one of its own.
  const hold = setInterval(() => {}, 1000);
  const [all, changed] = await once(heard, 'change');
  clearInterval(hold);
  assert.equal(all.enable_perf, true);
  assert.deepEqual(changed, ['enable_perf']);
  assert.match(String((await warned)[0]), /a listener of the test/);
  stop();
  stop();
  stopBad();
  let calls = 0;
  heard.on('change', () => calls++);
  write(join(root, FILE), { features: {} });
  flags.refresh();
  assert.equal(calls, 0);
  assert.equal(
    process.getActiveResourcesInfo().filter(kind => kind === 'Timeout').length,
    0,
    'no timer without a listener',
  );
});

// Long because it is one list, the rest of the first checklist, from top to bottom.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { unzipSync } from 'fflate';
import { CONFIG_FILE, HOME } from '../src/settings.ts';
import { type Json, type Running, startStudio, until } from './support.ts';

const CLI = fileURLToPath(new URL('./bin/plimsoll.js', import.meta.resolve('plimsoll/package.json')));
const EMAIL = 'someone@example.test';

const fileOf = ({ settings }: Running) => join(settings.runtimeRoot, CONFIG_FILE);

/** As the document does it with sed, in the file of the running studio. */
function turnOn(studio: Running, ...flags: readonly string[]): void {
  const config = JSON.parse(readFileSync(fileOf(studio), 'utf8'));
  for (const flag of flags) config.features[flag] = true;
  writeFileSync(fileOf(studio), `${JSON.stringify(config, null, 2)}\n`);
  studio.obs.flags.refresh();
}

/** studio with these flags on, once what they turn on has started. */
async function studioWith(t: TestContext, ...flags: readonly string[]): Promise<Running> {
  const studio = await startStudio(t, { obs: { telemetry: { ci: '' } } as never });
  turnOn(studio, ...flags);
  const { call } = studio;
  if (flags.includes('enable_observability'))
    await until(async () => (await call('/api/telemetry/health')).body.feature_flag === true);
  if (flags.includes('enable_perf'))
    await until(async () => (await call('/api/perf/budgets')).status === 200);
  if (flags.includes('enable_hooks'))
    await until(async () => (await call('/api/modder/hooks')).status === 200);
  return studio;
}

async function check(studio: Running, ...words: readonly string[]): Promise<readonly [number, Json]> {
  const args = [
    '--profile',
    'p3_ops_obs_perf',
    '--base',
    studio.origin,
    '--flags-file',
    fileOf(studio),
    ...words,
  ];
  const child = spawn(process.execPath, ['--conditions=plimsoll-source', CLI, 'check', ...args], {
    cwd: HOME,
  });
  let out = '';
  child.stdout.on('data', chunk => (out += chunk));
  const [code] = await once(child, 'close');
  return [code, JSON.parse(out)];
}

test('step 2: a fresh boot has no consent, no flag and empty queues', async t => {
  const { call } = await startStudio(t);
  const telemetry = (await call('/api/telemetry/health')).body;
  for (const key of [
    'feature_flag',
    'flag_enabled',
    'telemetry_opt_in',
    'telemetry_active',
    'diagnostics_active',
  ])
    assert.equal(telemetry[key], false, key);
  assert.equal(telemetry.dry_run, true);
  const perf = (await call('/api/perf/health')).body;
  assert.deepEqual(
    [perf.feature_flag, perf.budgets_enabled, perf.budgets, perf.profiler],
    [false, false, null, null],
  );
});

test('step 3: the check profile passes on a fresh boot, and fails once a flag is on', async t => {
  const studio = await startStudio(t);
  const [code, report] = await check(studio);
  assert.deepEqual([code, report.pass], [0, true], JSON.stringify(report));
  assert.equal(report.files.length, 8);
  turnOn(studio, 'enable_perf');
  const [failed, { flags }] = await check(studio);
  assert.equal(failed, 2);
  assert.equal(flags.find(({ key }: Json) => key === 'enable_perf').ok, false);
});

test('telemetry: consent, a recorded event, and nothing of it in clear', async t => {
  const studio = await studioWith(t, 'enable_observability');
  const { call, settings } = studio;
  const event = {
    event: 'modder.asset.packaged',
    payload: { uid: 'abc123', path: 'mods/hero.png', email: EMAIL },
  };
  assert.equal((await call('/api/telemetry/events', event)).body.recorded, false, 'no consent yet');
  const { health } = (await call('/api/telemetry/opt_in', { diagnostics: true, dry_run: true })).body;
  assert.deepEqual([health.telemetry_active, health.diagnostics_active, health.dry_run], [true, true, true]);
  assert.equal((await call('/api/telemetry/events', event)).body.recorded, true);
  const { flag_enabled, telemetry_active, diagnostics_active } = (await call('/api/telemetry/health')).body;
  assert.deepEqual([flag_enabled, telemetry_active, diagnostics_active], [true, true, true]);
  const summary = (await call('/api/telemetry/summary')).body;
  assert.match(summary.anonymous_id, /^[0-9a-f]{32}$/);
  assert.equal(typeof summary.features, 'object');
  const usage = join(settings.runtimeRoot, 'logs/telemetry/usage.json');
  await until(() => {
    try {
      return readFileSync(usage, 'utf8').includes('modder.asset.packaged');
    } catch {
      return false;
    }
  });
  const text = readFileSync(usage, 'utf8');
  for (const clear of ['abc123', 'mods/hero.png', EMAIL]) assert.ok(!text.includes(clear), clear);
  assert.match(text, /"[0-9a-f]{32}"/);
});

test('telemetry: consent without the flag records nothing', async t => {
  const { call } = await startStudio(t);
  await call('/api/telemetry/opt_in', {});
  assert.equal((await call('/api/telemetry/events', { event: 'x' })).body.recorded, false);
});

test('diagnostics: a zip of three documents under the name of the first host', async t => {
  const { origin, call } = await studioWith(t, 'enable_observability');
  await call('/api/telemetry/opt_in', { diagnostics: true, dry_run: true });
  const answer = await fetch(`${origin}/api/telemetry/diagnostics`);
  assert.equal(answer.headers.get('content-type'), 'application/zip');
  assert.match(
    answer.headers.get('content-disposition') ?? '',
    /comfyvn-diagnostics-\d{8}_\d{6}-[0-9a-f]{8}\.zip/,
  );
  const names = Object.keys(unzipSync(new Uint8Array(await answer.arrayBuffer())));
  for (const name of ['manifest.json', 'telemetry.json', 'crashes.json'])
    assert.ok(names.includes(name), name);
});

test('budgets: limits are applied, and a job above them is delayed with the reason', async t => {
  const studio = await studioWith(t, 'enable_perf');
  const { call } = studio;
  const { limits } = (await call('/api/perf/budgets/apply', { max_cpu_percent: 70, max_running_jobs: 2 }))
    .body;
  assert.deepEqual([limits.max_cpu_percent, limits.max_running_jobs], [70, 2]);
  await (studio.obs as Json).budgets.sampler(() => ({ ok: true, cpu: 85 }));
  const register = { job_id: 'j-1', job_type: 'render' };
  const { queue_state, reason } = (await call('/api/perf/budgets/jobs/register', register)).body;
  assert.deepEqual([queue_state, reason], ['delayed', 'cpu 85.0%/70.0%']);
  const job = (await call('/jobs/submit', { type: 'render' })).body;
  assert.deepEqual([job.ok, job.status, job.budget.reason], [true, 'delayed', 'cpu 85.0%/70.0%']);
});

test('profiler: a mark shows in perf health', async t => {
  const { call } = await studioWith(t, 'enable_perf');
  const mark = { name: 'qa.smoke', category: 'tests', metadata: { step: 'load' } };
  assert.equal((await call('/api/perf/profiler/mark', mark)).body.mark.name, 'qa.smoke');
  const { profiler } = (await call('/api/perf/health')).body;
  assert.ok(JSON.stringify(profiler).includes('qa.smoke'));
  for (const list of ['top_time', 'top_memory']) assert.ok(Array.isArray(profiler[list]), list);
});

test('flags: a toggle writes umbrella and legacy keys together, and leaves the rest', async t => {
  const studio = await startStudio(t);
  const pairs: [flag: string, keys: string[]][] = [
    ['enable_observability', ['enable_observability', 'enable_privacy_telemetry']],
    ['enable_perf', ['enable_perf', 'enable_perf_budgets', 'enable_perf_profiler_dashboard']],
  ];
  for (const on of [true, false]) {
    for (const [flag, keys] of pairs) {
      assert.equal((await studio.call('/api/flags', { [flag]: on })).status, 200);
      const { features, server } = JSON.parse(readFileSync(fileOf(studio), 'utf8'));
      for (const key of keys) assert.equal(features[key], on, key);
      assert.equal(server.host, '127.0.0.1');
    }
  }
});

test('hooks: the stream tells budgets and marks, with nothing in clear', async t => {
  const { origin, call } = await studioWith(t, 'enable_perf', 'enable_hooks');
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/api/modder/hooks/ws`);
  t.after(() => socket.close());
  const frames: string[] = [];
  socket.addEventListener('message', ({ data }) => frames.push(String(data)));
  await once(socket, 'open');
  await until(async () => {
    await call('/api/perf/budgets/jobs/register', { job_id: EMAIL, payload: { note: EMAIL } });
    await call('/api/perf/profiler/mark', { name: 'qa.smoke', metadata: { email: EMAIL } });
    return ['on_perf_budget_state', 'on_perf_profiler_snapshot'].every(name => frames.join().includes(name));
  });
  assert.ok(!frames.join().includes(EMAIL));
  const catalogue = (await call('/api/modder/hooks')).body;
  assert.ok(catalogue.hooks.some(({ ws_topic }: Json) => ws_topic === 'modder.on_scene_enter'));
  assert.equal((await call('/api/modder/hooks/history?limit=10')).status, 200);
});

test('hooks: a step of a scene reaches the history', async t => {
  const { call } = await studioWith(t, 'enable_hooks');
  const scene = { id: 's', start: 'a', nodes: [{ id: 'a' }] };
  await call('/api/scenario/run/step', { scene });
  const { items } = (await call('/api/modder/hooks/history?limit=10')).body;
  assert.deepEqual(
    items.map(({ event }: Json) => event).filter((event: string) => event !== 'on_flag_changed'),
    ['on_scene_enter', 'on_choice_render'],
  );
});

test('doctor passes against a running studio', async t => {
  const { origin } = await startStudio(t);
  const child = spawn(process.execPath, ['--conditions=plimsoll-source', CLI, 'doctor', '--base', origin], {
    cwd: HOME,
  });
  let out = '';
  child.stdout.on('data', chunk => (out += chunk));
  const [code] = await once(child, 'close');
  assert.equal(code, 0, out);
  assert.equal(JSON.parse(out).pass, true);
});

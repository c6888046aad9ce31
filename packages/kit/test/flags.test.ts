import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { HookData } from '@plimsoll/wire';
import { init } from 'plimsoll';
import { FLAGS } from '../src/config/flag-table.ts';
import { PORTS } from '../src/kernel/ports.ts';
import { serve } from './ops/server.ts';
import { folder } from './unit/config/fixture.ts';

const FILE = 'config/plimsoll.json';
const HAND = `{
    "server": { "host": "127.0.0.1",   "ports": [8401, 8400] },
    "features": {
        "enable_perf": false, "mine": true,
        "bad": "true"
    },
    "exact": 12345678901234567890,
    "telemetry": { "dry_run": true }
}
`;

async function setUp(t: TestContext, text: string | null = HAND) {
  const root = folder(t, text === null ? {} : { [FILE]: text });
  const server = await serve(t, { runtimeRoot: root, env: 'development' });
  const post = (flags: unknown) => server.ask('/api/flags', { method: 'POST', body: JSON.stringify(flags) });
  return { ...server, root, path: join(root, FILE), post };
}

const features = (path: string) =>
  (JSON.parse(readFileSync(path, 'utf8')) as { features: Record<string, unknown> }).features;

test('on a fresh install every flag is shown off, by default, with its doc line', async t => {
  const { ask } = await setUp(t, null);
  const { status, body } = await ask('/api/flags');
  assert.equal(status, 200);
  const flags = body['flags'] as { name: string; value: boolean; source: string; doc: string }[];
  assert.deepEqual(
    flags.map(({ name, value, source, doc }) => ({ name, value, source, doc })),
    FLAGS.map(row => ({ name: row.name, value: row.default, source: 'default', doc: row.doc })),
  );
});

test('a flag shows the file that it comes from, and a value that is no boolean is named', async t => {
  const { ask } = await setUp(t);
  const { body } = await ask('/api/flags');
  const flags = body['flags'] as { name: string; value: boolean; source: string; default: unknown }[];
  const mine = flags.find(({ name }) => name === 'mine');
  assert.deepEqual(mine, { name: 'mine', value: true, default: null, source: FILE });
  assert.deepEqual(body['rejected'], [{ flag: 'bad', file: FILE }]);
  assert.equal(body['file'], FILE);
});

test('writing one flag of a group writes them all, on and off, and nothing else in the file moves', async t => {
  const { post, path } = await setUp(t);
  const on = await post({ enable_perf_budgets: true });
  assert.equal(on.status, 200);
  const perf = ['enable_perf', 'enable_perf_budgets', 'enable_perf_profiler_dashboard'];
  assert.deepEqual([...(on.body['changed'] as string[])].sort(), perf);
  for (const name of perf) assert.equal(features(path)[name], true, name);
  await post({ enable_privacy_telemetry: true });
  assert.equal(features(path)['enable_observability'], true);
  await post({ enable_observability: false, enable_perf: false });
  for (const name of [...perf, 'enable_observability', 'enable_privacy_telemetry']) {
    assert.equal(features(path)[name], false, name);
  }
  const text = readFileSync(path, 'utf8');
  for (const line of HAND.split('\n').filter(line => !line.includes('enable_perf'))) {
    assert.ok(text.includes(line), line);
  }
  assert.equal(features(path)['bad'], 'true');
});

test('a name that nobody knows is refused with the nearest one, and nothing is written', async t => {
  const { post, path } = await setUp(t);
  const { status, body } = await post({ enable_perf: true, enable_observabilty: true });
  assert.equal(status, 422);
  assert.equal(body['code'], 'unknown_flag');
  assert.match(String(body['hint']), /enable_observability/);
  assert.equal((await post({ enable_perf: 'true' })).status, 422);
  assert.equal((await post({})).status, 422);
  assert.equal(readFileSync(path, 'utf8'), HAND);
  assert.equal((await post({ mine: false, bad: true })).status, 200, 'what a file knows may be set');
  assert.equal(features(path)['bad'], true);
});

test('a corrupt file is refused with a code and stays as it is', async t => {
  for (const text of ['{"features": {"enable_perf": tr', '[]', '{"features": "none"}']) {
    const { post, ask, path } = await setUp(t, text);
    const { status, body } = await post({ enable_perf: true });
    assert.equal(status, 409);
    assert.equal(body['code'], 'config_corrupt');
    assert.equal(readFileSync(path, 'utf8'), text);
    assert.equal((await ask('/api/flags')).status, 200);
    assert.equal((await ask('/health/live')).status, 200);
  }
});

test('where there is no file one is made, and the last of several is written', async t => {
  const { post, path, root } = await setUp(t, null);
  assert.equal((await post({ debug_health_checks: true })).status, 200);
  assert.equal(readFileSync(path, 'utf8'), '{\n  "features": {\n    "debug_health_checks": true\n  }\n}\n');
  assert.equal(existsSync(`${path}.lock`), false);
  const two = await serve(t, { runtimeRoot: root, env: 'test', configFiles: ['one.json', 'two.json'] });
  writeFileSync(join(root, 'one.json'), '{"features":{"enable_perf":true}}');
  await two.ask('/api/flags', { method: 'POST', body: '{"enable_perf":false}' });
  assert.equal(features(join(root, 'one.json'))['enable_perf'], true);
  assert.equal(features(join(root, 'two.json'))['enable_perf'], false);
  assert.equal(two.kit.flags.isEnabled('enable_perf'), false);
});

test('a link to the file stays a link, and the rights of the file stay', async t => {
  const { post, path, root } = await setUp(t, null);
  const real = join(root, 'elsewhere.json');
  writeFileSync(real, '{}', { mode: 0o640 });
  await post({ enable_perf: true });
  rmSync(path);
  symlinkSync(real, path);
  assert.equal((await post({ enable_perf: true })).status, 200);
  assert.ok(lstatSync(path).isSymbolicLink());
  assert.equal(features(real)['enable_perf'], true);
  assert.equal(statSync(real).mode & 0o777, 0o640);
});

test('processes that write at the same time lose no edit of each other', async t => {
  const { path, root } = await setUp(t);
  const program = join(import.meta.dirname, 'support/programs/flag-writer.ts');
  const children = ['a', 'b', 'c'].map(name => fork(program, [root, name, '20']));
  const ends = await Promise.all(children.map(child => once(child, 'exit')));
  assert.deepEqual(ends, [
    [0, null],
    [0, null],
    [0, null],
  ]);
  const written = features(path);
  for (const name of ['a', 'b', 'c']) {
    for (let n = 0; n < 20; n++) assert.equal(written[`${name}_${n}`], true, `${name}_${n}`);
  }
  assert.equal(written['mine'], true);
});

test('the lock of a process that was killed is taken over', async t => {
  const { path, post } = await setUp(t);
  const child = fork(join(import.meta.dirname, 'support/programs/lock-holder.ts'), [`${path}.lock`]);
  await once(child, 'message');
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(existsSync(`${path}.lock`), true);
  assert.equal((await post({ enable_perf: true })).status, 200);
});

test('on_flag_changed is raised for a change by code, by API and by an edit of the file', async t => {
  const root = folder(t, { [FILE]: HAND });
  const obs = await init({ service: 'flags', env: 'test', runtimeRoot: root, log: { stdout: false } });
  t.after(() => obs.close());
  const raised: (readonly [name: string, changed: readonly string[], flags: Record<string, boolean>])[] = [];
  obs.expose(PORTS.events, () => ({
    emit: (name: string, { changed, flags, timestamp }: HookData<'on_flag_changed'>) => {
      assert.equal(typeof timestamp, 'number');
      return raised.push([name, changed as string[], flags as Record<string, boolean>]) > 0;
    },
  }));
  await obs.flags.set({ debug_health_checks: true });
  assert.deepEqual(
    raised.map(([name, changed, flags]) => [name, changed, flags['debug_health_checks']]),
    [['on_flag_changed', ['debug_health_checks'], true]],
  );
  const request = new Request('http://127.0.0.1/api/flags', { method: 'POST', body: '{"enable_perf":true}' });
  const answer = await obs.ops.handle(request, { address: '127.0.0.1' });
  assert.equal(answer?.status, 200);
  assert.deepEqual([...(raised[1]?.[1] ?? [])].sort(), [
    'enable_perf',
    'enable_perf_budgets',
    'enable_perf_profiler_dashboard',
  ]);
  writeFileSync(
    join(root, FILE),
    readFileSync(join(root, FILE), 'utf8').replace('"mine": true', '"mine": false'),
  );
  obs.flags.refresh();
  assert.equal(raised.length, 3);
  assert.deepEqual([raised[2]?.[1], raised[2]?.[2]['mine']], [['mine'], false]);
  await assert.rejects(obs.flags.set({ nobody: true }), { code: 'unknown_flag' });
});

import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { test } from 'node:test';

const ROOT = resolve(import.meta.dirname, '../../../..');
const SOURCE = ['--conditions=plimsoll-source'];
const REGISTER = ['--import', 'plimsoll/register'];
type Line = Record<string, unknown>;

interface Run {
  readonly told: Record<string, never>;
  readonly lines: readonly Line[];
  readonly stderr: () => string;
  /** The first line of which this is true, once it is there. */
  line(is: (line: Line) => boolean): Promise<Line>;
  stop(): Promise<void>;
}

async function run(
  program: string,
  execArgv: readonly string[],
  env: Record<string, string> = {},
): Promise<Run> {
  const child: ChildProcess = fork(join(import.meta.dirname, 'register', program), {
    cwd: ROOT,
    execArgv: [...execArgv],
    env: { ...process.env, OBS_SERVICE: 'registered', LOG_SAMPLING_RATE_INFO: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const lines: Line[] = [];
  let text = '';
  let stderr = '';
  child.stdout?.on('data', chunk => {
    text += chunk;
    const whole = text.split('\n');
    text = whole.pop() ?? '';
    lines.push(...whole.map(line => JSON.parse(line) as Line));
  });
  child.stderr?.on('data', chunk => {
    stderr += chunk;
  });
  const exited = new Promise(done => child.once('exit', done));
  const told = await Promise.race([
    new Promise<Record<string, never>>(done => child.once('message', message => done(message as never))),
    exited.then(() => assert.fail(`${program} ended early: ${stderr}`)),
  ]);
  const line: Run['line'] = async is => {
    for (let turn = 0; turn < 600; turn++) {
      const found = lines.find(is);
      if (found !== undefined) return found;
      await new Promise(done => setTimeout(done, 10));
    }
    return assert.fail(`no such line in ${JSON.stringify(lines)} ${stderr}`);
  };
  const stop = async (): Promise<void> => {
    if (child.connected) child.send('stop');
    await exited;
  };
  return { told, lines, stderr: () => stderr, line, stop };
}

const completion = (id: string | null) => (line: Line) =>
  line['msg'] === 'http_request' && line['request_id'] === id;

for (const [name, conditions] of [
  ['the source', SOURCE],
  ['the dist', []],
] as const) {
  test(`an app that knows nothing is observed from its first request on (${name})`, async t => {
    if (conditions.length === 0 && !existsSync(join(ROOT, 'packages/kit/dist/register.js'))) {
      assert.notEqual(process.env['PLIMSOLL_TEST_REQUIRE'], 'all', 'no dist');
      return t.skip('no dist: npm run build');
    }
    const app = await run('node.cjs', [...conditions, ...REGISTER], { OTEL_TRACES_EXPORTER: 'none' });
    try {
      const url = `http://127.0.0.1:${app.told['port']}`;
      const first = await fetch(`${url}/secret-4711`, { headers: { 'x-request-id': 'first-1' } });
      assert.equal(first.headers.get('x-request-id'), 'first-1');
      const line = await app.line(completion('first-1'));
      assert.equal(line['route'], 'unmatched');
      assert.equal(line['status'], 200);
      assert.equal(typeof line['latency_ms'], 'number');
      assert.ok(!JSON.stringify(app.lines).includes('4711'));

      const failed = await fetch(`${url}/boom`);
      assert.equal((await app.line(completion(failed.headers.get('x-request-id'))))['level'], 'error');
      assert.equal(app.stderr(), '');
    } finally {
      await app.stop();
    }
  });
}

test('contexts of requests stay apart, and the default Obs names routes', async () => {
  const app = await run('node.cjs', [...SOURCE, ...REGISTER]);
  try {
    const url = `http://127.0.0.1:${app.told['port']}`;
    await app.line(completion((await fetch(url)).headers.get('x-request-id')));
    // The default is set once all is there.
    let ready = false;
    while (!ready) ready = ((await (await fetch(`${url}/users/0`)).json()) as { id: unknown }).id !== null;
    await Promise.all(
      Array.from({ length: 200 }, async (_, n) => {
        const res = await fetch(`${url}/users/${n}`, { headers: { 'x-request-id': `par-${n}` } });
        assert.deepEqual(await res.json(), { id: `par-${n}` });
        assert.equal((await app.line(completion(`par-${n}`)))['route'], '/users/:id');
      }),
    );
  } finally {
    await app.stop();
  }
});

test('Express and Fastify tell their templates and errors without a change to the app', async () => {
  const app = await run('frameworks.mjs', [...SOURCE, ...REGISTER]);
  try {
    const cases = [
      [app.told['port'], '/api/items/4711', '/api/items/:item', undefined],
      [app.told['port'], '/api/boom', '/api/boom', 'express broke'],
      [app.told['fastify'], '/things/4711', '/things/:thing', undefined],
      [app.told['fastify'], '/boom', '/boom', 'fastify broke'],
      [app.told['fastify'], '/nothing/4711', 'unmatched', undefined],
    ] as const;
    for (const [port, path, route, message] of cases) {
      const id = (await fetch(`http://127.0.0.1:${port}${path}`)).headers.get('x-request-id');
      assert.equal((await app.line(completion(id)))['route'], route, path);
      if (message === undefined) continue;
      const error = await app.line(line => line['request_id'] === id && line['msg'] === 'http_request_error');
      assert.match(JSON.stringify(error['err']), new RegExp(message));
    }
    assert.ok(!JSON.stringify(app.lines).includes('4711'));
  } finally {
    await app.stop();
  }
});

test('the ops API is on a port of its own, which is not observed', async () => {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise(done => probe.once('listening', done));
  const { port } = probe.address() as AddressInfo;
  await new Promise(done => probe.close(done));
  const env = { OBS_OPS_PORT: String(port), OBS_ADMIN_TOKEN: 'register-admin-token' };
  const app = await run('node.cjs', [...SOURCE, ...REGISTER], env);
  try {
    const url = `http://127.0.0.1:${app.told['port']}`;
    const res = await fetch(url);
    await app.line(completion(res.headers.get('x-request-id')));
    const ops = `http://127.0.0.1:${port}`;
    let live: Response | undefined;
    while (live === undefined) live = await fetch(`${ops}/health/live`).catch(() => undefined);
    assert.equal(live.status, 200);
    const headers = { 'x-admin-token': 'register-admin-token' };
    const metrics = await (await fetch(`${ops}/metrics`, { headers })).text();
    assert.match(metrics, /http_requests_total\{route="unmatched",method="GET",status="200"\} 1\n/);
    assert.equal(await (await fetch(`${url}/health/live`)).text(), 'ok');
  } finally {
    await app.stop();
  }
});

test('instrumentations of OpenTelemetry see what an ES module imports', async () => {
  const instrument = ['--import', join(import.meta.dirname, 'register/instrument.mjs')];
  const without = await run('imports.mjs', [...SOURCE, ...instrument]);
  await without.stop();
  const app = await run('imports.mjs', [...SOURCE, ...REGISTER, ...instrument]);
  await app.stop();
  assert.deepEqual([without.told['class'], app.told['class']], ['Hono', 'Instrumented']);
});

test('off: nothing is observed, subscribed or set', async () => {
  const app = await run('node.cjs', [...SOURCE, ...REGISTER], { OBS_ENABLED: 'false' });
  try {
    const res = await fetch(`http://127.0.0.1:${app.told['port']}/users/1`);
    assert.equal(await res.text(), '{"id":null}');
    assert.equal(res.headers.get('x-request-id'), null);
    assert.deepEqual(app.lines, []);
  } finally {
    await app.stop();
  }
});

test('a start that fails is a warning, and the app goes on', async () => {
  const busy = createServer().listen(0, '127.0.0.1');
  await new Promise(done => busy.once('listening', done));
  const { port } = busy.address() as AddressInfo;
  const app = await run('node.cjs', [...SOURCE, ...REGISTER], { OBS_OPS_PORT: String(port) });
  try {
    const res = await fetch(`http://127.0.0.1:${app.told['port']}`);
    assert.equal(res.status, 200);
    await app.line(completion(res.headers.get('x-request-id')));
    assert.match(app.stderr(), /EADDRINUSE/);
  } finally {
    await app.stop();
    busy.close();
  }
});

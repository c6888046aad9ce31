import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { LogRow, Page, TraceSummary } from '@plimsoll/wire';
import { app, project, start } from './support.ts';

interface Told {
  readonly argv: readonly string[];
  readonly execArgv: readonly string[];
  readonly env: Readonly<Record<string, string | null>>;
}
const told = (out: string): Told => JSON.parse(out.split('\n')[0]!) as Told;

test('dev runs a script beside a console, and its traces, lines and metrics arrive', async t => {
  const cwd = project(t);
  const dev = start(t, ['dev', app('hello')], { cwd });
  const [, url] = await dev.said(/"listens":"([^"]+)"/);
  const [, console] = await dev.said(/The console is at (\S+)/);
  assert.equal(await (await fetch(`${url}/greet`)).text(), 'hello');
  // No address is named: the console of this project is found.
  const ask = async <T>(...words: string[]): Promise<T> => {
    const { code, out, err } = await start(t, [...words, '--json'], { cwd }).ended;
    assert.equal(code, 0, err);
    return JSON.parse(out) as T;
  };
  const arrived = async <T>(...words: string[]): Promise<T> => {
    for (;;) {
      const page = await ask<Page<T>>(...words);
      if (page.items[0]) return page.items[0];
    }
  };
  const trace = await arrived<TraceSummary>('traces', '--service', 'hello');
  assert.equal(trace.httpStatus, 200);
  const line = await arrived<LogRow>('logs', '--trace', trace.traceId, '--text', 'greeted');
  assert.equal(line.service, 'hello');
  assert.equal((await fetch(`${console}/api/console/services`)).status, 200);
  while (!JSON.stringify(await ask('metrics')).includes('http_requests_total'));
  dev.child.kill('SIGTERM');
  await dev.ended;
  await assert.rejects(fetch(`${console}/api/console/services`));
});

test('the ops API of an app under dev is asked with its token, though nobody gave it one, or its port', async t => {
  const cwd = project(t);
  const dev = start(t, ['dev', app('hello')], { cwd });
  const [, console] = await dev.said(/The console is at (\S+)/);
  await dev.said(/"listens"/);
  const ask = (path: string) => fetch(`${console}/api/console${path}`);
  // Announced as it listens; the tries of a slow start are over in seconds.
  while ((await ask('/ops/hello')).status === 404) await new Promise(resolve => setTimeout(resolve, 50));
  const { token, paths } = (await (await ask('/ops/hello')).json()) as { token: boolean; paths: string[] };
  assert.equal(token, true);
  assert.ok(paths.includes('/ops/log-level'));
  const level = await ask('/ops/hello/ops/log-level');
  assert.equal(level.status, 200, await level.text());
  const metrics = await ask('/ops/hello/metrics');
  assert.match(await metrics.text(), /# TYPE /);
  dev.child.kill('SIGTERM');
  await dev.ended;
});

test('a script gets its words, source maps, our conditions, the console, and development', async t => {
  const names = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_PROTOCOL', 'OBS_ENV'];
  const words = ['dev', app('tell'), 'exit:0', ...names, '--json', '--', '-x'];
  const { code, out, err } = await start(t, words, { cwd: project(t) }).ended;
  assert.equal(code, 0, err);
  const { argv, execArgv, env } = told(out);
  assert.deepEqual(argv, ['exit:0', ...names, '--json', '--', '-x']);
  assert.deepEqual(execArgv, ['--enable-source-maps', '--conditions=plimsoll-source']);
  assert.match(env['OTEL_EXPORTER_OTLP_ENDPOINT']!, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal(env['OTEL_EXPORTER_OTLP_PROTOCOL'], 'http/protobuf');
  assert.equal(env['OBS_ENV'], 'development');
});

test('what sent OTLP elsewhere is taken out, and an environment that is set stays', async t => {
  const given = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'https://vendor.example',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://vendor.example/t',
    OTEL_EXPORTER_OTLP_HEADERS: 'key=of-the-vendor',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_EXPORTER_OTLP_TIMEOUT: '3000',
    OTEL_RESOURCE_ATTRIBUTES: 'team=x',
    NODE_ENV: 'production',
  };
  const names = [...Object.keys(given), 'OBS_ENV'];
  const words = ['dev', '--url', 'http://127.0.0.1:3000/', app('tell'), 'exit:0', ...names];
  const { out, err } = await start(t, words, { cwd: project(t), env: given }).ended;
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...env } = told(out).env;
  assert.match(endpoint ?? '', /^http:\/\/127\.0\.0\.1:\d+$/, err);
  assert.deepEqual(env, {
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: null,
    OTEL_EXPORTER_OTLP_HEADERS: null,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_EXPORTER_OTLP_TIMEOUT: '3000',
    OTEL_RESOURCE_ATTRIBUTES: 'team=x,plimsoll.ops.url=http://127.0.0.1:3000',
    NODE_ENV: 'production',
    OBS_ENV: null,
  });
});

test('any command runs behind --, as it is', async t => {
  const cwd = project(t);
  const script = 'echo "$OTEL_EXPORTER_OTLP_ENDPOINT $1"; exit 7';
  const { code, out } = await start(t, ['dev', '--', 'sh', '-c', script, 'sh', '--port'], { cwd }).ended;
  assert.equal(code, 7);
  assert.match(out, /^http:\/\/127\.0\.0\.1:\d+ --port\n$/);
  const missing = await start(t, ['dev', '--', 'no-such-command-of-ours'], { cwd }).ended;
  assert.equal(missing.code, 127);
  assert.match(missing.err, /can't run no-such-command-of-ours: no such command/);
  assert.ok(!existsSync(join(cwd, '.plimsoll/console.json')));
});

test('dev ends as its app did: by exit code, by an error, by a signal', async t => {
  const cwd = project(t);
  const run = (how: string) => start(t, ['dev', app('tell'), how], { cwd }).ended;
  assert.equal((await run('exit:42')).code, 42);
  const thrown = await run('throw:now');
  assert.equal(thrown.code, 1);
  assert.match(thrown.err, /tell\.ts:\d+/);
  const died = await run('die:SIGKILL');
  assert.deepEqual([died.code, died.signal], [null, 'SIGKILL']);
});

test('a signal goes to the app, and dev waits for it to end', async t => {
  const dev = start(t, ['dev', app('tell'), 'wait:5'], { cwd: project(t) });
  await dev.said(/"argv"/);
  dev.child.kill('SIGTERM');
  const { code, out } = await dev.ended;
  assert.match(out, /told SIGTERM/);
  assert.equal(code, 5);
  const other = start(t, ['dev', app('tell'), 'wait:5'], { cwd: project(t) });
  await other.said(/"argv"/);
  other.child.kill('SIGINT');
  assert.equal((await other.ended).signal, 'SIGINT');
});

test('a call without an app, or with a wrong address, is refused', async t => {
  const cwd = project(t);
  assert.equal((await start(t, ['dev'], { cwd }).ended).code, 2);
  assert.equal((await start(t, ['dev', '--url', 'nowhere', 'app.ts'], { cwd }).ended).code, 2);
  assert.equal((await start(t, ['dev', '--port', 'x', 'app.ts'], { cwd }).ended).code, 2);
});

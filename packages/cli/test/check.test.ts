// Long because the contract of one command is told in one place, with the hosts that it is tried on.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { getRequestListener } from '@hono/node-server';
import { DOCTOR_FINDINGS } from '@plimsoll/wire';
import fastify from 'fastify';
import { Hono } from 'hono';
import { init } from 'plimsoll';
import { BARE_ENV } from '../../../test/support/bare-env.ts';
import { BIN, project } from './support.ts';

type Row = Readonly<Record<string, unknown>>;
interface Report {
  readonly [field: string]: unknown;
  readonly pass: boolean;
  readonly base: string | null;
  readonly tried: readonly string[];
  readonly warnings: readonly string[];
  readonly flags: readonly Row[];
  readonly routes: readonly Row[];
  readonly files: readonly Row[];
  readonly notes: readonly string[];
  readonly findings: readonly { readonly code: string; readonly severity: string }[];
}

interface Ended {
  readonly code: number | null;
  readonly err: string;
  readonly report: Report;
}

async function check(
  cwd: string,
  words: readonly string[],
  env: Record<string, string> = {},
): Promise<Ended> {
  const args = ['--conditions=plimsoll-source', BIN, 'check', ...words];
  const variables = { ...BARE_ENV, ...env };
  const { code, out, err } = await new Promise<{ code: number | null; out: string; err: string }>(resolve => {
    const child = execFile(process.execPath, args, { cwd, env: variables }, (_error, out, err) =>
      resolve({ code: child.exitCode, out, err }),
    );
  });
  const report = JSON.parse(out) as Report;
  assert.equal(out, `${JSON.stringify(report, null, 2)}\n`);
  for (const { code: one } of report.findings) assert.ok(one in DOCTOR_FINDINGS, one);
  return { code, err, report };
}

const codes = ({ findings }: Report): string[] => findings.map(({ code }) => code);

const FLAGS = { features: { enable_observability: false, enable_perf: false } };
const DOCS = [
  ...[
    'OBS_TELEMETRY',
    'PERF_BUDGETS',
    'development/observability_debug',
    'development/perf_budgets_profiler',
  ],
  ...[
    'development_notes',
    'dev_notes_observability_perf',
    'dev_notes_modder_hooks',
    'development/plugins_and_assets',
  ],
].map(name => `docs/${name}.md`);

/** A project as the profile `p3_ops_obs_perf` wants it. */
function fresh(t: TestContext): string {
  const cwd = project(t);
  put(cwd, 'config/plimsoll.json', JSON.stringify(FLAGS));
  for (const path of DOCS) put(cwd, path, '# A document');
  return cwd;
}

function put(cwd: string, path: string, text: string): void {
  mkdirSync(dirname(join(cwd, path)), { recursive: true });
  writeFileSync(join(cwd, path), text);
}

/** The routes of that profile, as a host has them: one guarded, one that is off. */
async function host(t: TestContext): Promise<string> {
  const app = fastify();
  app.get('/health', async () => ({ status: 'ok' }));
  app.get('/api/telemetry/health', async () => ({ ok: true }));
  app.post('/api/telemetry/opt_in', async () => assert.fail('a check must not act'));
  app.options('/api/telemetry/opt_in', async (_request, reply) =>
    reply.code(405).header('allow', 'POST').send(),
  );
  app.get('/api/perf/budgets', async (_request, reply) => reply.code(403).send({}));
  await app.listen({ port: 0, host: '127.0.0.1' });
  t.after(() => app.close());
  return urlOf(app.server);
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise(resolve => server.close(resolve));
}

const urlOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const P3 = ['--profile', 'p3_ops_obs_perf'];

describe('plimsoll check', { concurrency: 2 }, () => {
  test('of a fresh install exits 0 and lists every item', async t => {
    const cwd = fresh(t);
    const base = await host(t);
    const { code, report, err } = await check(cwd, [...P3, '--base', base, '--json']);
    assert.equal(code, 0, err);
    assert.deepEqual([report.pass, report.base, report.tried, report.warnings], [true, base, [base], []]);
    assert.deepEqual(report.flags, [
      { key: 'enable_observability', expect: false, required: true, got: false, ok: true },
      { key: 'enable_perf', expect: false, required: true, got: false, ok: true },
    ]);
    assert.deepEqual(
      report.routes.map(({ method, path, status, ok }) => [method, path, status, ok]),
      [
        ['POST', '/api/telemetry/opt_in', 405, true],
        ['GET', '/api/telemetry/health', 200, true],
        ['GET', '/api/perf/budgets', 403, true],
      ],
    );
    assert.deepEqual(
      report.files.map(({ path, exists, ok }) => [path, exists, ok]),
      DOCS.map(path => [path, true, true]),
    );
    assert.ok(Math.abs(Number(report['ts']) - Date.now() / 1000) < 60);
    assert.match(err, /^check p3_ops_obs_perf: pass, 13 of 13 at http/);
  });

  test('exits 2 with the flag that is on, and 0 by the profile for that case', async t => {
    const cwd = fresh(t);
    const base = await host(t);
    put(cwd, 'config/plimsoll.json', '{"features":{"enable_observability":true,"enable_perf":true}}');
    const off = await check(cwd, [...P3, '--base', base]);
    assert.deepEqual(
      [off.code, off.report.pass, codes(off.report)],
      [2, false, ['flag_differs', 'flag_differs']],
    );
    assert.deepEqual([off.report.flags[1]?.['got'], off.report.flags[1]?.['ok']], [true, false]);
    assert.equal((await check(cwd, ['--profile', 'p3_ops_obs_perf_on', '--base', base])).code, 0);
  });

  test('exits 2 when a document is gone', async t => {
    const cwd = fresh(t);
    rmSync(join(cwd, 'docs/PERF_BUDGETS.md'));
    const { code, report } = await check(cwd, [...P3, '--base', await host(t)]);
    assert.deepEqual([code, codes(report)], [2, ['file_missing']]);
  });

  test('exits 2 with a note and empty sections when nothing answers', async t => {
    const cwd = fresh(t);
    const { code, report } = await check(cwd, [...P3, '--base', 'http://127.0.0.1:9']);
    assert.deepEqual([code, report.base, report.flags, report.routes, report.files], [2, null, [], [], []]);
    assert.match(report.notes[0] ?? '', /^No base answers/);
    assert.deepEqual(codes(report), ['base_missed', 'no_base']);
    assert.equal(report.warnings.length, 1);
  });

  test('with a profile that does not exist, or is none, exits 2 and says which there are', async t => {
    const cwd = fresh(t);
    const base = await host(t);
    const unknown = await check(cwd, ['--profile', 'p3_ops', '--base', base]);
    assert.deepEqual(
      [unknown.code, unknown.report.pass, codes(unknown.report)],
      [2, false, ['unknown_profile']],
    );
    assert.match(unknown.report.notes[0] ?? '', /p3_ops_obs_perf, p3_ops_obs_perf_on, service/);
    put(cwd, 'bad.json', '{"a":{"routes":[{"method":"GET"}]},"b":[]}');
    for (const profile of ['a', 'b']) {
      const bad = await check(cwd, ['--profile', profile, '--conf', 'bad.json', '--base', base]);
      assert.deepEqual([bad.code, codes(bad.report)], [2, ['bad_profile']]);
    }
    put(cwd, 'half.json', '{"a":');
    assert.deepEqual(codes((await check(cwd, ['--profile', 'a', '--conf', 'half.json'])).report), [
      'bad_profile',
    ]);
  });

  test('tells a route that is there from one that is not, on every framework, and never acts', async t => {
    const cwd = project(t);
    const item = (path: string, method: string, more = {}) => ({ path, method, ...more });
    const conf = {
      all: {
        routes: [
          ...[item('/get', 'GET'), item('/gone', 'GET'), item('/post', 'POST'), item('/no-post', 'POST')],
          ...[item('/get', 'POST'), item('/broken', 'GET'), item('/gone', 'GET', { statuses: [404] })],
          ...[item('/no-post', 'POST', { required: false })],
        ],
      },
    };
    put(cwd, 'conf.json', JSON.stringify(conf));
    for (const [name, serve] of Object.entries(HOSTS)) {
      const words = ['--profile', 'all', '--conf', 'conf.json', '--base', await serve(t)];
      const { report, code } = await check(cwd, words);
      assert.equal(code, 2);
      // Fastify looks at the body before it looks for the route: nothing less than a request would tell.
      const post = name !== 'fastify';
      assert.deepEqual(
        report.routes.map(({ ok }) => ok),
        [true, false, post, false, false, false, true, false],
        `${name}: ${JSON.stringify(report.routes)}`,
      );
      if (!post) assert.ok(codes(report).includes('route_undecided'));
      const optional = report.findings.filter(({ severity }) => severity === 'warning');
      assert.equal(optional.length, 1);
    }
  });

  test('sends an empty request to a route that writes only where the profile lets it', async t => {
    const cwd = project(t);
    const routes = ['/sent', '/no-post'].map(path => ({ path, method: 'POST', send: true }));
    put(cwd, 'conf.json', JSON.stringify({ all: { routes } }));
    const app = fastify();
    app.post('/sent', async (_request, reply) => reply.code(422).send({}));
    app.get('/health', async () => 'ok');
    await app.listen({ port: 0, host: '127.0.0.1' });
    t.after(() => app.close());
    const { report } = await check(cwd, [
      '--profile',
      'all',
      '--conf',
      'conf.json',
      '--base',
      urlOf(app.server),
    ]);
    assert.deepEqual(
      report.routes.map(({ status, ok }) => [status, ok]),
      [
        [422, true],
        [404, false],
      ],
    );
  });

  test('knows the ops API of a service behind its token', async t => {
    const obs = await init({
      ...{ service: 'checked', env: 'production', log: { stdout: false }, drain: { enabled: false } },
      ops: { adminToken: ['right-token'] },
    });
    t.after(() => obs.close());
    const server = createServer(obs.handler((_req, res) => res.writeHead(404).end()));
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    t.after(() => stop(server));
    const { code, report } = await check(project(t), ['--profile', 'service', '--base', urlOf(server)]);
    assert.equal(code, 0, JSON.stringify(report));
    assert.deepEqual(
      report.routes.map(({ status }) => status),
      [200, 200, 200, 403, 405],
    );
  });

  test('compares the raw value of a flag, and tells one that is missing from one that is false', async t => {
    const cwd = project(t);
    put(cwd, 'flags.json', '{"features":{"a":"true","b":true,"c":false}}');
    const flags = [
      ...[{ key: 'a', expect: true }, { key: 'b', expect: true }, { key: 'c' }, { key: 'd' }],
      ...[{ key: 'enable_perf' }, { key: 'e', required: false }],
    ];
    put(cwd, 'conf.json', JSON.stringify({ all: { flags } }));
    const words = [
      '--profile',
      'all',
      '--conf',
      'conf.json',
      '--flags-file',
      'flags.json',
      '--base',
      await host(t),
    ];
    const { code, report } = await check(cwd, words);
    assert.deepEqual(
      report.flags.map(({ got, ok }) => [got, ok]),
      [
        ['true', false],
        [true, true],
        [false, true],
        [null, false],
        [false, true],
        [null, false],
      ],
    );
    assert.deepEqual([code, codes(report)], [2, ['flag_not_boolean', 'flag_missing', 'flag_missing']]);
  });

  test('looks for the base where the environment and the config say, and names what it missed', async t => {
    const cwd = fresh(t);
    const base = await host(t);
    const dead = 'http://127.0.0.1:9';
    const byEnv = await check(cwd, P3, { PLIMSOLL_BASE: base });
    assert.equal(byEnv.report.base, base);
    const byName = await check(cwd, [...P3, '--base-env', 'HOST_BASE'], {
      HOST_BASE: base,
      PLIMSOLL_BASE: dead,
    });
    assert.equal(byName.report.base, base);
    put(
      cwd,
      'config/plimsoll.json',
      JSON.stringify({ ...FLAGS, public_base: dead, ports: [Number(new URL(base).port)] }),
    );
    const { report } = await check(cwd, P3);
    assert.deepEqual([report.base, report.tried, report.warnings.length], [base, [dead, base], 1]);
  });
});

/** GET /get, POST /post, a route that breaks; nothing else. */
const HOSTS: Readonly<Record<string, (t: TestContext) => Promise<string>>> = {
  async fastify(t) {
    const app = fastify();
    app.get('/get', async () => 'got');
    app.post('/post', async () => assert.fail('a check must not act'));
    app.get('/broken', async () => {
      throw new Error('broken');
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    t.after(() => app.close());
    return urlOf(app.server);
  },
  async hono(t) {
    const app = new Hono();
    app.get('/get', c => c.text('got'));
    app.post('/post', async c => {
      const body = await c.req.json().catch(() => undefined);
      return body === undefined ? c.json({ detail: 'invalid' }, 422) : assert.fail('a check must not act');
    });
    app.get('/broken', c => c.text('broken', 500));
    const server = createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false }));
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    t.after(() => stop(server));
    return urlOf(server);
  },
  async express(t) {
    const { default: express } = await import('express');
    const app = express();
    app.set('env', 'test');
    app.use(express.json());
    app.get('/get', (_req, res) => void res.send('got'));
    app.post('/post', () => assert.fail('a check must not act'));
    app.get('/broken', (_req, res) => void res.status(500).end());
    const server = app.listen(0, '127.0.0.1');
    await new Promise(resolve => server.once('listening', resolve));
    t.after(() => stop(server));
    return urlOf(server);
  },
};

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { DOCTOR_FINDINGS } from '@plimsoll/wire';
import { init } from 'plimsoll';
import { BARE_ENV } from '../../../test/support/bare-env.ts';
import { BIN, project } from './support.ts';

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** Standard output, which must be one JSON object of two spaces and a line feed. */
  readonly report: Report;
}

type Result = Readonly<Record<string, unknown>> & { readonly ok: boolean | null };
interface Report {
  readonly [probe: string]: unknown;
  readonly http: Result;
  readonly crash_reporter: Result;
  readonly structlog: Result;
  readonly signals: Result;
  readonly webhook: Result;
  readonly timing: Result;
  readonly metrics: Result;
  readonly trace_test: Result;
  readonly config: Result;
  readonly pass: boolean;
  readonly findings: readonly { readonly code: string; readonly severity: string; readonly hint: string }[];
}

async function doctor(
  t: TestContext,
  words: readonly string[],
  env: Record<string, string> = {},
): Promise<Ended> {
  const cwd = project(t);
  const tmp = join(cwd, 'tmp');
  mkdirSync(tmp);
  const args = ['--conditions=plimsoll-source', BIN, 'doctor', ...words];
  const variables = { ...BARE_ENV, TMPDIR: tmp, ...env };
  const ended = await new Promise<Omit<Ended, 'report'>>(resolve => {
    const child = execFile(process.execPath, args, { cwd, env: variables }, (_error, out, err) =>
      resolve({ code: child.exitCode, out, err }),
    );
  });
  const report = JSON.parse(ended.out) as Report;
  assert.equal(ended.out, `${JSON.stringify(report, null, 2)}\n`);
  for (const { code } of report.findings) assert.ok(code in DOCTOR_FINDINGS, code);
  return { ...ended, report };
}

async function listen(t: TestContext, listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(async () => {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A port at which nothing listens. */
async function nowhere(): Promise<string> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

async function service(t: TestContext, options: object = {}): Promise<string> {
  const obs = await init({
    ...{ service: 'patient', env: 'production', ops: { adminToken: ['right-token'] } },
    ...{ log: { stdout: false }, drain: { enabled: false }, ...options },
  });
  t.after(() => obs.close());
  return listen(
    t,
    obs.handler((_req, res) => res.end('app')),
  );
}

/** How long an answer takes is the machine's affair, which may be busy. */
const codes = ({ findings }: Report): string[] =>
  findings.map(({ code }) => code).filter(code => code !== 'slow_answer');

describe('plimsoll doctor', { concurrency: 2 }, () => {
  test('of a healthy service exits 0, and its three probes are ok, and so is every other', async t => {
    const { code, report, err } = await doctor(t, ['--base', await service(t), '--token', 'right-token']);
    assert.equal(code, 0, err);
    assert.deepEqual(
      [report.http.ok, report.crash_reporter.ok, report.structlog.ok, report.pass],
      [true, true, true, true],
    );
    assert.equal((report.http['payload'] as { status: string }).status, 'ok');
    assert.ok(existsSync(String(report.crash_reporter['path'])));
    assert.deepEqual([report.webhook.ok, report.webhook['signed']], [true, true]);
    const { signals, metrics, timing } = report;
    assert.deepEqual(
      [signals['span'], signals['metric'], signals['log'], signals['crash']],
      [true, true, true, true],
    );
    assert.deepEqual([metrics.ok, timing.ok], [true, true]);
    assert.ok(Number(metrics['samples']) > 0 && Math.abs(Number(timing['clock_skew_ms'])) < 5000);
    // A service in production refuses the trace test, which is no failure of it.
    assert.deepEqual(codes(report), ['trace_test_refused']);
    assert.match(err, /Everything that was asked passed\.\n$/);
  });

  test('of a service that is down exits 1 with a report, in which the others are ok', async t => {
    const { code, report } = await doctor(t, ['--base', await nowhere(), '--json']);
    assert.equal(code, 1);
    assert.deepEqual([report.http.ok, report.http['error'], report.pass], [false, 'ECONNREFUSED', false]);
    assert.deepEqual(
      [report.crash_reporter.ok, report.structlog.ok, report.signals.ok, report.config.ok],
      [true, true, true, true],
    );
    assert.ok(existsSync(String(report.crash_reporter['path'])));
    assert.deepEqual(codes(report), ['base_unreachable']);
  });

  test('of a service whose health is not 200 shows the status and exits 1', async t => {
    const base = await listen(t, (_req, res) => res.writeHead(503).end('{}'));
    const { code, report } = await doctor(t, ['--base', base]);
    assert.deepEqual([code, report.http.ok, report.http['status_code']], [1, false, 503]);
    assert.ok(codes(report).includes('health_status'));
  });

  test('takes a health that is no JSON as it is, and finds a clock that is wrong and metrics that are none', async t => {
    const base = await listen(t, (_req, res) => {
      res.setHeader('date', new Date(Date.now() - 3_600_000).toUTCString());
      res.end('all good?');
    });
    const { code, report } = await doctor(t, ['--base', base]);
    assert.deepEqual(report.http, { ok: true, payload: { raw: 'all good?' } });
    assert.deepEqual(codes(report), ['clock_skew', 'metrics_malformed']);
    assert.equal(code, 1);
  });

  test('says why what needs the token was not asked, with a token that is wrong too', async t => {
    const base = await service(t);
    const { code, report } = await doctor(t, ['--base', base]);
    assert.deepEqual([code, report.metrics.ok, report.trace_test['skipped']], [0, null, 'no admin token']);
    assert.deepEqual(codes(report), ['metrics_refused']);
    const wrong = await doctor(t, ['--base', base], { OBS_ADMIN_TOKEN: 'wrong' });
    assert.deepEqual(codes(wrong.report), ['metrics_refused', 'trace_test_failed']);
    assert.equal(wrong.code, 1);
  });

  test('finds what keeps the service of this folder from starting clean', async t => {
    const { code, report } = await doctor(t, ['--base', await service(t)], {
      LOG_LEVEL: 'loud',
      OBS_ENABLD: '1',
    });
    assert.equal(code, 1);
    assert.deepEqual(
      codes(report).filter(one => one.startsWith('config_')),
      ['config_invalid', 'config_warning'],
    );
  });

  test('leaves one dump in the runtime root that it is given, marked, and no log', async t => {
    const root = mkdtempSync(join(tmpdir(), 'plimsoll-doctor-test-'));
    t.after(() => rmSync(root, { recursive: true, force: true }));
    const folder = join(root, 'logs', 'crash');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'crash-20260101_000000-real.json'), '{"exc_type":"Error","message":"real"}');
    const base = await nowhere();
    for (let n = 0; n < 2; n++) await doctor(t, ['--base', base, '--runtime-root', root]);
    const names = readdirSync(folder);
    assert.equal(names.length, 2);
    assert.deepEqual(readdirSync(join(root, 'logs')), ['crash']);
    const synthetic = names.filter(name => !name.includes('real'));
    const dump = JSON.parse(readFileSync(join(folder, synthetic[0] ?? ''), 'utf8')) as Record<
      string,
      unknown
    >;
    assert.equal(dump['synthetic'], true);
  });

  test('without a folder to write to says so, and ends with a report', async t => {
    const root = join(project(t), 'file');
    writeFileSync(root, 'not a folder');
    const { code, report } = await doctor(t, ['--base', await nowhere(), '--runtime-root', root]);
    assert.deepEqual([code, report.crash_reporter.ok, report.structlog.ok], [1, false, true]);
    assert.ok(codes(report).includes('crash_not_written'));
  });
});

test('plimsoll doctor with a base that is no URL is a wrong call', async t => {
  const ended = await new Promise<{ code: number | null; err: string }>(resolve => {
    const args = ['--conditions=plimsoll-source', BIN, 'doctor', '--base', 'ftp://x'];
    const child = execFile(process.execPath, args, { cwd: project(t) }, (_error, _out, err) =>
      resolve({ code: child.exitCode, err }),
    );
  });
  assert.equal(ended.code, 2);
  assert.match(ended.err, /ftp:\/\/x is not the URL of a service/);
});

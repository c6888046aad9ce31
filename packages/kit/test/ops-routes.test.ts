import assert from 'node:assert/strict';
import net, { type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import {
  healthAnswer,
  indexAnswer,
  logLevelAnswer,
  problem,
  readyAnswer,
  recentAnswer,
  startupAnswer,
  traceTestAnswer,
} from '@plimsoll/wire/ops';
import { z } from 'zod';
import { sendChunked, serve, TOKEN } from './ops/server.ts';

const admin = { 'x-admin-token': TOKEN };
const base = { env: 'development', ops: { adminToken: [TOKEN] } };
const post = (body: unknown) => ({ method: 'POST', headers: admin, body: JSON.stringify(body) });

test('liveness is 200 while every dependency is down', async t => {
  const { ask, kit } = await serve(t, base);
  kit.health.check('postgres', () => new Promise(() => {}), { timeoutMs: 10 });
  await kit.health.start();
  const { status, text, headers } = await ask('/health/live');
  assert.deepEqual([status, text], [200, '{"status":"ok"}']);
  assert.equal(headers.get('cache-control'), 'no-store');
  assert.match(headers.get('content-type') ?? '', /^application\/json/);
});

test('readiness has exactly the keys of the contract, passed and failed', async t => {
  const { ask, kit } = await serve(t, { ...base, health: { intervalMs: 10 } });
  let up = true;
  kit.health.check('redis', () => {
    if (!up) throw new Error('redis://user:hunter2@cache:6379 refused');
  });
  kit.health.check('postgres', () => ({ rows: [] }));
  kit.health.check('migrations', () => ({ ok: true, version: '0008', required: '0001' }));
  await kit.health.start();
  const good = await ask('/health/ready');
  assert.equal(good.status, 200);
  const { checks } = readyAnswer.parse(good.body);
  assert.deepEqual(Object.keys(good.body), ['status', 'checks']);
  assert.deepEqual(Object.keys(checks), ['redis', 'postgres', 'migrations']);
  assert.deepEqual(Object.keys(checks['redis'] ?? {}), ['ok', 'latency_ms']);
  assert.deepEqual(checks['migrations'], { ok: true, version: '0008', required: '0001' });
  up = false;
  let bad = await ask('/health/ready');
  while (bad.status === 200) bad = await ask('/health/ready');
  assert.equal(bad.status, 503);
  assert.equal(bad.body['status'], 'degraded');
  assert.deepEqual(readyAnswer.parse(bad.body).checks['redis'], { ok: false, error: 'error' });
  assert.equal(readyAnswer.parse(bad.body).checks['postgres']?.ok, true);
  const report = await ask('/health');
  assert.equal(report.status, 200);
  assert.equal(healthAnswer.parse(report.body).status, 'degraded');
  assert.equal(typeof healthAnswer.parse(report.body).checks['redis']?.age_ms, 'number');
  assert.doesNotMatch(bad.text + report.text, /hunter2|cache:6379/);
});

test('before the first round a check is pending, and a socket that never answers keeps readiness answering', async t => {
  const { ask, kit } = await serve(t, base);
  const silent = net.createServer();
  await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve));
  t.after(() => silent.close());
  const { port } = silent.address() as AddressInfo;
  const read = (signal: AbortSignal) =>
    new Promise((resolve, reject) => {
      const socket = net.connect(port, '127.0.0.1').once('data', resolve).once('error', reject);
      signal.addEventListener('abort', () => socket.destroy());
    });
  kit.health.check('postgres', read, { timeoutMs: 30 });
  const first = await ask('/health/ready');
  assert.deepEqual(
    [first.status, first.body],
    [503, { status: 'degraded', checks: { postgres: { ok: false, error: 'pending' } } }],
  );
  await kit.health.start();
  const { checks } = readyAnswer.parse((await ask('/health/ready')).body);
  assert.deepEqual(checks, { postgres: { ok: false, error: 'timeout' } });
});

test('a check with metrics has its gauge and its summary under the namespace', async t => {
  const { ask, kit } = await serve(t, { ...base, namespace: 'divan' });
  kit.health.check('redis', () => 'PONG', { metric: true });
  kit.health.check('postgres', () => Promise.reject(new Error('down')), { metric: true });
  await kit.health.start();
  const { text } = await ask('/metrics', { headers: admin });
  assert.match(text, /^divan_redis_up 1$/m);
  assert.match(text, /^divan_redis_latency_seconds_count 1$/m);
  assert.match(text, /^divan_postgres_up 0$/m);
  assert.doesNotMatch(text, /^divan_postgres_latency_seconds_count [1-9]/m);
});

test('a draining process is not ready and says why', async t => {
  const { ask, kit } = await serve(t, base);
  kit.health.draining = true;
  const { status, body } = await ask('/health/ready');
  assert.deepEqual([status, body], [503, { status: 'degraded', error: 'draining', checks: {} }]);
});

test('start-up is 503 with all findings, the first as `error`, and 200 without any', async t => {
  const { ask, kit } = await serve(t, base);
  assert.deepEqual((await ask('/health/startup')).body, { status: 'ok' });
  kit.health.finding({ field: 'OTEL_EXPORTER_OTLP_ENDPOINT', code: 'missing_otlp_endpoint' });
  kit.health.finding({ field: 'JWT_SECRET', code: 'too_short' });
  const { status, body } = await ask('/health/startup');
  assert.equal(status, 503);
  startupAnswer.parse(body);
  assert.deepEqual(body, {
    status: 'error',
    error: 'missing_otlp_endpoint',
    errors: [
      { field: 'OTEL_EXPORTER_OTLP_ENDPOINT', code: 'missing_otlp_endpoint' },
      { field: 'JWT_SECRET', code: 'too_short' },
    ],
  });
});

test('metrics come in the format that Accept asks for, and gzipped for who takes it', async t => {
  const { ask, kit } = await serve(t, base);
  const labelled = kit.metrics.counter('things_total', { help: 'Things', labels: ['kind'] });
  for (let i = 0; i < 100; i += 1) labelled.inc({ kind: `kind-${i}` });
  const plain = await ask('/metrics', { headers: admin });
  assert.equal(plain.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  assert.match(plain.text, /^things_total\{kind="kind-7"\} 1$/m);
  assert.equal(plain.headers.get('content-encoding'), null);
  const open = await ask('/metrics', {
    headers: { ...admin, accept: 'application/openmetrics-text; version=1.0.0' },
  });
  assert.equal(
    open.headers.get('content-type'),
    'application/openmetrics-text; version=1.0.0; charset=utf-8',
  );
  assert.ok(open.text.endsWith('# EOF\n'));
  for (const [accepted, zipped] of [
    ['gzip', true],
    ['deflate, gzip;q=0.5', true],
    ['*', true],
    ['gzip;q=0, *', false],
    ['identity', false],
    ['br', false],
  ] as const) {
    const answer = await ask('/metrics', { headers: { ...admin, 'accept-encoding': accepted } });
    assert.equal(answer.headers.get('content-encoding'), zipped ? 'gzip' : null, accepted);
    assert.match(answer.headers.get('vary') ?? '', /accept-encoding/);
    const text = zipped ? gunzipSync(Buffer.from(answer.text, 'latin1')).toString() : answer.text;
    assert.match(text, /^things_total\{kind="kind-7"\} 1$/m, accepted);
  }
});

test('metrics that are off give a valid empty text', async t => {
  const { ask } = await serve(t, { ...base, metrics: { enabled: false } });
  const plain = await ask('/metrics', { headers: admin });
  assert.deepEqual([plain.status, plain.text], [200, '']);
  const open = await ask('/metrics', { headers: { ...admin, accept: 'application/openmetrics-text' } });
  assert.equal(open.text, '# EOF\n');
});

test('the trace test makes one span of its own trace and says whether it left', async t => {
  const { ask, kit } = await serve(t, { ...base, namespace: 'divan', trace: { enabled: true, ratio: 0 } });
  const names: string[] = [];
  kit.on('span', ({ name, attributes, traceId, flags }) => {
    names.push(name);
    assert.deepEqual({ ...attributes }, { component: 'ops', sample: true });
    names.push(traceId, String(flags & 1));
  });
  const here = await ask('/ops/trace/test', { method: 'POST', headers: admin });
  assert.equal(here.status, 200);
  const { trace_id } = traceTestAnswer.parse(here.body);
  assert.deepEqual(here.body, { status: 'ok', trace_id, exported: false });
  assert.deepEqual(names, ['divan.trace.test', trace_id, '1']);
  let traces = { exported: 7, dropped: 0 };
  const exporting = async (flush: () => Promise<void>) => {
    kit.expose('otlp', () => ({ signals: { traces }, flush }));
    return (await ask('/ops/trace/test', { method: 'POST', headers: admin })).body['exported'];
  };
  const ends = (outcome: typeof traces) => async () => {
    traces = outcome;
  };
  assert.equal(await exporting(ends({ exported: 8, dropped: 0 })), true);
  assert.equal(await exporting(ends({ exported: 8, dropped: 1 })), false);
  assert.equal(await exporting(ends({ exported: 8, dropped: 1 })), false);
  assert.equal(await exporting(() => Promise.reject(new Error('receiver down'))), false);
});

test('the trace test is ok where tracing is off', async t => {
  const { ask } = await serve(t, { ...base, trace: { enabled: false } });
  const { status, body } = await ask('/ops/trace/test', { method: 'POST', headers: admin });
  assert.deepEqual([status, body], [200, { status: 'ok', trace_id: null, exported: false }]);
});

test('recent shows what the memory part exposes, else empty lists', async t => {
  const { ask, kit } = await serve(t, base);
  assert.deepEqual((await ask('/ops/recent', { headers: admin })).body, { traces: [], lines: [] });
  kit.expose('recent', () => ({ traces: [{ trace_id: 'a' }], lines: ['{}'] }));
  const { body } = await ask('/ops/recent', { headers: admin });
  assert.deepEqual(recentAnswer.parse(body), { traces: [{ trace_id: 'a' }], lines: ['{}'] });
});

test('the log level changes while the process runs, for the service or one logger', async t => {
  const { ask, kit, lines } = await serve(t, base);
  const part = kit.log.named('billing');
  kit.log.debug('before');
  const all = await ask('/ops/log-level', post({ level: 'debug' }));
  assert.deepEqual(logLevelAnswer.parse(all.body), { level: 'debug', loggers: {} });
  kit.log.debug('after');
  const one = await ask('/ops/log-level', post({ level: 'error', logger: 'billing' }));
  assert.deepEqual(one.body, { level: 'debug', loggers: { billing: 'error' } });
  part.warn('quiet');
  kit.log.debug('still');
  const messages = lines.map(({ msg }) => msg);
  assert.deepEqual(
    messages.filter(msg => ['before', 'after', 'quiet', 'still'].includes(String(msg))),
    ['after', 'still'],
  );
  assert.deepEqual((await ask('/ops/log-level', { headers: admin })).body, one.body);
});

test('an input that the schema refuses is 422 with fields and codes and nothing of the input', async t => {
  const { ask } = await serve(t, base);
  const cases: [body: string, errors: { field: string; code: string }[]][] = [
    ['{"level":"hunter2"}', [{ field: 'level', code: 'invalid_value' }]],
    ['{}', [{ field: 'level', code: 'invalid_value' }]],
    ['{"level":"info","hunter2":1}', [{ field: '', code: 'unrecognized_keys' }]],
    ['{"level":"info","logger":5}', [{ field: 'logger', code: 'invalid_type' }]],
    ['{"level":"info","logger":"', [{ field: '', code: 'invalid_json' }]],
    ['hunter2', [{ field: '', code: 'invalid_json' }]],
    ['', [{ field: '', code: 'invalid_type' }]],
  ];
  for (const [body, errors] of cases) {
    const answer = await ask('/ops/log-level', { method: 'POST', headers: admin, body });
    assert.equal(answer.status, 422, body);
    const { code, detail, ...rest } = problem.parse(answer.body);
    assert.deepEqual([code, detail, rest.errors], ['validation_error', 'validation_error', errors], body);
    assert.doesNotMatch(answer.text, /hunter2/);
  }
});

test('keys that only the input knows are not named in an error', async t => {
  const { ask, kit } = await serve(t, base);
  const body = z.object({ flags: z.record(z.string(), z.boolean()), list: z.array(z.number()) });
  kit.routes({
    name: 'flags',
    paths: ['/api/flags'],
    load: async () => [
      { method: 'POST', path: '/api/flags', access: 'local', body, answer: z.any(), handle: () => ({}) },
    ],
  });
  const { status, body: answer } = await ask('/api/flags', post({ flags: { hunter2: 'x' }, list: ['y'] }));
  assert.equal(status, 422);
  assert.deepEqual(answer['errors'], [
    { field: 'flags.*', code: 'invalid_type' },
    { field: 'list.0', code: 'invalid_type' },
  ]);
});

test('a body over 64 KB is 413, with a length or without', async t => {
  const { ask, port } = await serve(t, base);
  const big = await ask('/ops/log-level', post({ level: 'info', logger: 'x'.repeat(65_536) }));
  assert.deepEqual([big.status, big.body['code']], [413, 'payload_too_large']);
  assert.ok(big.headers.get('x-request-id'));
  const line = await sendChunked(port, { path: '/ops/log-level', token: TOKEN, bytes: 100_000 });
  assert.match(line, /^HTTP\/1\.1 413 /);
});

test('a wrong method is 405 and Allow names the right ones', async t => {
  const { ask, ops } = await serve(t, base);
  ops.job('nightly', () => {});
  for (const [path, allow] of [
    ['/health/ready', 'GET, HEAD'],
    ['/metrics', 'GET, HEAD'],
    ['/ops/log-level', 'GET, HEAD, POST'],
    ['/ops/nightly', 'POST'],
  ] as const) {
    for (const method of ['DELETE', 'PATCH', 'OPTIONS']) {
      const answer = await ask(path, { method });
      assert.deepEqual([answer.status, answer.headers.get('allow')], [405, allow], `${method} ${path}`);
      assert.equal(answer.body['code'], 'method_not_allowed');
      assert.ok(answer.headers.get('x-request-id'));
    }
  }
});

test('HEAD is GET without a body, guards included', async t => {
  const { ask } = await serve(t, base);
  for (const path of ['/health', '/health/live', '/health/ready', '/health/startup']) {
    const answer = await ask(path, { method: 'HEAD' });
    assert.deepEqual([answer.status, answer.text], [200, ''], path);
    assert.match(answer.headers.get('content-type') ?? '', /json/);
  }
  assert.equal((await ask('/metrics', { method: 'HEAD' })).status, 403);
  assert.equal((await ask('/metrics', { method: 'HEAD', headers: admin })).status, 200);
});

test('a safe request id is kept and a hostile one replaced, on every answer', async t => {
  const { ask } = await serve(t, base);
  for (const path of ['/health/live', '/metrics', '/ops/log-level']) {
    const kept = await ask(path, { headers: { 'x-request-id': 'abc-1:2.3_4' } });
    assert.equal(kept.headers.get('x-request-id'), 'abc-1:2.3_4');
    const replaced = await ask(path, { headers: { 'x-request-id': 'a"b {evil}' } });
    assert.match(replaced.headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/);
  }
});

test('only its own paths are owned, and paths of a group come and go with it', async t => {
  const { ask, ops, kit } = await serve(t, base);
  for (const path of [
    '/',
    '/healthz',
    '/health/',
    '/health/ready/',
    '/metrics/x',
    '/ops/none',
    '/Metrics',
    '/api/things/1',
  ]) {
    assert.equal(ops.owns(path), false, path);
  }
  const remove = kit.routes({
    name: 'things',
    paths: ['/api/things/:id'],
    load: async () => [
      {
        method: 'GET',
        path: '/api/things/:id',
        access: 'open',
        answer: z.any(),
        handle: c => ({ ...c.params, q: c.query.get('q') }),
      },
    ],
  });
  assert.equal(ops.owns('/api/things/1'), true);
  assert.equal(ops.owns('/api/things/'), false);
  assert.equal(ops.owns('/api/things/1/2'), false);
  assert.deepEqual((await ask('/api/things/a%20b?q=c')).body, { id: 'a b', q: 'c' });
  await remove();
  assert.equal(ops.owns('/api/things/1'), false);
  assert.equal((await ask('/api/things/1')).text, 'app');
  assert.throws(() => kit.routes({ name: 'twice', paths: ['/metrics'], load: async () => [] }), {
    code: 'PLIMSOLL_DUPLICATE_ROUTE',
  });
});

test('with the ops API off nothing is owned', async t => {
  const { ask, ops } = await serve(t, { ...base, ops: { ...base.ops, enabled: false } });
  assert.equal(ops.owns('/health'), false);
  assert.equal((await ask('/metrics', { headers: admin })).text, 'app');
});

test('an expected error keeps its status and code, a bug is 500 without its text and one line with it', async t => {
  const { ask, kit, lines } = await serve(t, base);
  let loads = 0;
  const route = (path: string, error: unknown) => ({
    ...{ method: 'GET', path, access: 'open' as const, answer: z.any() },
    handle: () => {
      throw error;
    },
  });
  kit.routes({
    name: 'broken',
    paths: ['/api/gone', '/api/bug'],
    load: async () => {
      loads += 1;
      if (loads === 1) throw new Error('the chunk is missing');
      return [
        route(
          '/api/gone',
          Object.assign(new Error('row 7'), { status: 410, code: 'gone', hint: 'Ask again.' }),
        ),
        route('/api/bug', new Error('secret detail')),
      ];
    },
  });
  assert.equal((await ask('/api/gone')).body['code'], 'internal_error');
  const gone = await ask('/api/gone');
  const { request_id, ...rest } = gone.body;
  assert.deepEqual(rest, { status: 410, code: 'gone', detail: 'gone', hint: 'Ask again.' });
  assert.ok(request_id);
  const bug = await ask('/api/bug', { headers: { 'x-request-id': 'bug-1' } });
  const { hint, ...bare } = bug.body;
  assert.ok(hint);
  assert.deepEqual(bare, {
    ...{ status: 500, code: 'internal_error', detail: 'internal_error' },
    request_id: 'bug-1',
  });
  assert.doesNotMatch(bug.text, /secret detail/);
  const told = lines.filter(({ msg }) => msg === 'ops_route_failed');
  assert.equal(told.length, 2);
  assert.equal(told[1]?.['request_id'], 'bug-1');
});

test('the index lists every route, job routes included', async t => {
  const { ask, ops } = await serve(t, base);
  ops.job('nightly', () => {});
  const { routes, service } = indexAnswer.parse((await ask('/ops/', { headers: admin })).body);
  assert.equal(service, 'demo');
  const listed = routes.map(({ method, path }) => `${method} ${path}`);
  for (const wanted of [
    'GET /health/ready',
    'GET /metrics',
    'POST /ops/trace/test',
    'POST /ops/nightly',
    'GET /openapi.json',
  ]) {
    assert.ok(listed.includes(wanted), wanted);
  }
  for (const { path } of routes) assert.ok(ops.owns(path), path);
});

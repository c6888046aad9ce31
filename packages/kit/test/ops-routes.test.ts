import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { indexAnswer, logLevelAnswer, recentAnswer, traceTestAnswer } from '@plimsoll/wire/ops';
import { serve, TOKEN } from './ops/server.ts';

const admin = { 'x-admin-token': TOKEN };
const base = { env: 'development', ops: { adminToken: [TOKEN] } };
const post = (body: unknown) => ({ method: 'POST', headers: admin, body: JSON.stringify(body) });

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

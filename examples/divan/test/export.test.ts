import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { SpanRecord } from '@plimsoll/wire';
import type { InitOptions } from 'plimsoll';
import { startCollector, until } from './collector.ts';
import { drive } from './drive.ts';
import { ADMIN, beat, sample, startDivan } from './support.ts';

const admin = { 'X-Admin-Token': ADMIN };

const sending = (endpoint: string): InitOptions => ({
  env: 'production',
  commit: 'a1b2c3d',
  trace: { enabled: true },
  log: { stdout: false, samplingRateInfo: 1 },
  otlp: { endpoint, scheduleDelayMs: 20, metricIntervalMs: 60_000 },
});
/** Headers name the users, though the environment is production's. */
const settings = { development: true };

const one = (spans: readonly SpanRecord[], name: string): SpanRecord => {
  const found = spans.find(span => span.name === name);
  assert.ok(found, `${name} among ${spans.map(span => span.name).join(', ')}`);
  return found;
};

test('what divan sends decodes: spans with their routes, statements below them, lines with their ids, metrics', async t => {
  const collector = await startCollector(t);
  const divan = await startDivan(t, { settings, obs: sending(collector.url) });
  await drive(divan);
  const sent = await divan.call('/chat/messages', {
    as: 'a',
    campus: 'c-1',
    headers: { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
    body: { to_user_id: 'b', body: 'what nobody may read' },
  });
  assert.equal(sent.status, 201);
  await divan.close();

  const mine = collector.spans.filter(span => span.traceId === '4bf92f3577b34da6a3ce929d0e0e4736');
  const server = one(mine, 'POST /chat/messages');
  assert.equal(server.spanKind, 'server');
  assert.equal(server.parentSpanId, '00f067aa0ba902b7');
  assert.equal(server.attributes['http.route'], '/chat/messages');
  assert.equal(server.attributes['http.response.status_code'], 201);
  assert.match(String(server.attributes['user.id']), /^[0-9a-f]{32}$/);
  assert.equal(sent.headers.get('traceparent'), `00-${server.traceId}-${server.spanId}-01`);
  const insert = one(mine, 'INSERT messages');
  assert.equal(insert.parentSpanId, server.spanId);
  assert.equal(insert.spanKind, 'client');
  assert.equal(insert.attributes['db.system.name'], 'sqlite');
  assert.match(String(insert.attributes['db.query.text']), /^INSERT INTO messages/);
  const job = one(collector.spans, 'job leaderboard_rollover');
  assert.equal(job.parentSpanId, undefined);

  const line = collector.logs.find(log => log.traceId === server.traceId && log.body === 'http_request');
  assert.equal(line?.spanId, server.spanId);
  assert.equal(line?.attributes['request_id'], sent.headers.get('x-request-id'));
  const counted = collector.metrics.find(metric => metric.name === 'divan_http_requests_total');
  assert.equal(counted?.type, 'sum');
  for (const { attributes } of collector.resources) {
    assert.equal(attributes['service.name'], 'divan-api');
    assert.equal(attributes['service.version'], 'a1b2c3d');
    assert.equal(attributes['deployment.environment.name'], 'production');
  }
  assert.ok(collector.raw.length > 2);
  assert.ok(!Buffer.concat(collector.raw).includes('what nobody may read'));
});

test('a request that divan makes is a span between its own and that of whom it asks', async t => {
  const collector = await startCollector(t);
  const divan = await startDivan(t, { settings, obs: sending(collector.url) });
  await divan.obs.trace.span('outer', () =>
    divan.call('/chat/conversations/u-48213/messages?token=secret', { as: 'a' }),
  );
  await divan.close();
  const outer = one(collector.spans, 'outer');
  const out = one(collector.spans, 'GET');
  const server = one(collector.spans, 'GET /chat/conversations/:user/messages');
  assert.deepEqual([out.spanKind, out.parentSpanId], ['client', outer.spanId]);
  assert.deepEqual([server.parentSpanId, server.traceId], [out.spanId, outer.traceId]);
  assert.equal(out.attributes['url.full'], `${divan.origin}/chat/conversations/:id/messages`);
  assert.ok(!Buffer.concat(collector.raw).includes('48213'));
});

test('a trace test reaches the collector, wants the token, and says what became of it', async t => {
  const collector = await startCollector(t);
  const divan = await startDivan(t, { obs: { ...sending(collector.url), env: 'development' } });
  assert.equal((await divan.call('/ops/trace/test', { method: 'POST' })).status, 403);
  const { status, body } = await divan.call('/ops/trace/test', { method: 'POST', headers: admin });
  assert.deepEqual([status, body.status], [200, 'ok']);
  await until(() => collector.spans.some(span => span.traceId === body.trace_id));
  const span = collector.spans.find(({ name }) => name === 'divan.trace.test');
  assert.equal(span?.attributes['component'], 'ops');
  assert.equal(span?.attributes['sample'], true);
  for (const env of ['prod', 'production', 'live']) {
    const refused = await startDivan(t, {
      obs: { env, trace: { enabled: true }, otlp: { endpoint: collector.url } },
    });
    assert.equal(
      (await refused.call('/ops/trace/test', { method: 'POST', headers: admin })).status,
      403,
      env,
    );
  }
});

test('a collector that is gone costs divan no answer', async t => {
  const gone = createServer();
  await new Promise<void>(resolve => gone.listen(0, '127.0.0.1', resolve));
  const { port } = gone.address() as AddressInfo;
  await new Promise(resolve => gone.close(resolve));
  const obs = {
    ...sending(`http://127.0.0.1:${port}`),
    otlp: { endpoint: `http://127.0.0.1:${port}`, timeoutMs: 200 },
  };
  const divan = await startDivan(t, { settings, obs });
  await drive(divan);
  assert.equal((await divan.call('/health/ready')).status, 200);
  assert.equal((await divan.call('/health/startup')).body.errors, undefined);
});

test('tracing that was asked for without an endpoint is a finding, and divan works', async t => {
  const divan = await startDivan(t, { settings, obs: { env: 'production', trace: { enabled: true } } });
  const { status, body } = await divan.call('/health/startup');
  assert.deepEqual([status, body.error], [503, 'missing_otlp_endpoint']);
  await drive(divan);
});

test('with tracing off nothing is sent, and no header speaks of a span that was recorded', async t => {
  const collector = await startCollector(t);
  const obs = { ...sending(collector.url), trace: { enabled: false } };
  const divan = await startDivan(t, { settings, obs });
  const { headers } = await divan.call('/proximity/nearby?radius_m=50', { as: 'a' });
  assert.ok(!headers.get('traceparent')?.endsWith('-01'));
  await divan.close();
  assert.deepEqual(collector.spans, []);
});

test('an exception of a handler is 500, counted, timed, and its text stays inside', async t => {
  const divan = await startDivan(t);
  const lines: string[] = [];
  divan.obs.onLine(line => void lines.push(line));
  Object.assign(divan.store.people, {
    get: async () => {
      throw new Error('the disk of hunter2 is full');
    },
  });
  const { status, text, headers } = await divan.call('/presence/heartbeat', { as: 'a', body: beat(52, 4) });
  assert.equal(status, 500);
  assert.ok(headers.get('x-request-id'));
  assert.ok(!text.includes('hunter2'));
  const metrics = await divan.metrics();
  const route = 'route="/presence/heartbeat",method="POST"';
  assert.equal(sample(metrics, `divan_http_requests_total{${route},status="500"}`), 1);
  assert.equal(sample(metrics, `divan_http_request_duration_seconds_count{${route}}`), 1);
  const error = lines.map(line => JSON.parse(line)).find(line => line.msg === 'http_request_error');
  assert.match(error?.err?.stack ?? '', /\n\s+at /);
});

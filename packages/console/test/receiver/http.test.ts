import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import {
  decodeResponse,
  encodeLogs,
  encodeMetrics,
  encodeTraces,
  logsToJson,
  metricsToJson,
  tracesToJson,
} from '@plimsoll/wire';
import { otlpFixture } from '../../../wire/test/support/fixtures.ts';
import { log, logs, metrics, span, spanId, traceId, traces } from '../store/contract.ts';
import { receive } from '../support/receiving.ts';

const JSON_TYPE = { 'Content-Type': 'application/json' };
const gauge = {
  ...{ name: 'g', description: '', unit: '', type: 'gauge' as const },
  points: [{ attributes: {}, startTime: 0, time: 5, flags: 0, value: 1.5, integer: false, exemplars: [] }],
};

test('all three signals are taken as protobuf and as JSON', async t => {
  const { post, store } = await receive(t);
  const protobuf = [
    ['/v1/traces', encodeTraces(traces('a', span(1)))],
    ['/v1/logs', encodeLogs(logs('a', log(1)))],
    ['/v1/metrics', encodeMetrics(metrics('a', gauge))],
  ] as const;
  for (const [path, body] of protobuf) {
    const answer = await post(path, body);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-type'), 'application/x-protobuf');
    assert.equal(decodeResponse(new Uint8Array(await answer.arrayBuffer())), undefined);
  }
  const json = [
    ['/v1/traces', tracesToJson(traces('b', span(2)))],
    ['/v1/logs', logsToJson(logs('b', log(2)))],
    ['/v1/metrics', metricsToJson(metrics('b', gauge))],
  ] as const;
  for (const [path, body] of json) {
    const type = { 'Content-Type': 'application/json; charset=utf-8' };
    const answer = await post(path, JSON.stringify(body), type);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-type'), 'application/json');
    assert.deepEqual(await answer.json(), {});
  }
  const { spans, logs: lines, points } = await store.stats();
  assert.deepEqual([spans, lines, points], [2, 2, 2]);
  assert.deepEqual(
    (await store.services()).map(one => one.service),
    ['a', 'b'],
  );
});

test('bodies may be compressed, and may come in chunks', async t => {
  const { post, store } = await receive(t);
  const body = (n: number) => encodeTraces(traces('a', span(n)));
  const packed = [
    ['gzip', gzipSync(body(1))],
    ['deflate', deflateSync(body(2))],
    ['deflate', deflateRawSync(body(3))],
    ['zstd', zstdCompressSync(body(4))],
    ['identity', body(5)],
    ['GZIP', gzipSync(body(6))],
  ] as const;
  for (const [encoding, bytes] of packed) {
    assert.equal((await post('/v1/traces', bytes, { 'Content-Encoding': encoding })).status, 200, encoding);
  }
  const bytes = body(7);
  const stream = new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += 7) controller.enqueue(bytes.slice(at, at + 7));
      controller.close();
    },
  });
  assert.equal((await post('/v1/traces', stream)).status, 200);
  assert.equal((await store.stats()).spans, 7);
});

test('what an example of the protocol says is accepted', async t => {
  const { post, store } = await receive(t);
  for (const [path, file] of [
    ['traces', 'trace'],
    ['logs', 'logs'],
    ['metrics', 'metrics'],
  ] as const) {
    const fixture = otlpFixture(t, `${file}.json`);
    if (fixture === undefined) return;
    const answer = await post(`/v1/${path}`, JSON.stringify(fixture), JSON_TYPE);
    assert.equal(answer.status, 200, await answer.text());
  }
  const stats = await store.stats();
  assert.ok(stats.spans > 0 && stats.logs > 0 && stats.points > 0, JSON.stringify(stats));
});

test('what cannot be stored is refused by number, and the rest is kept', async t => {
  const { post, store } = await receive(t);
  const mixed = traces('a', span(1), span(2, { traceId: '' }), span(3, { spanId: '00' }));
  const answer = await post('/v1/traces', encodeTraces(mixed));
  assert.equal(answer.status, 200);
  assert.equal(decodeResponse(new Uint8Array(await answer.arrayBuffer()))?.rejected, 2);
  const json = await post('/v1/traces', JSON.stringify(tracesToJson(mixed)), JSON_TYPE);
  const { partialSuccess } = (await json.json()) as { partialSuccess: { rejectedSpans: string } };
  assert.equal(partialSuccess.rejectedSpans, '2');
  assert.equal((await store.stats()).spans, 2);
});

test('bad requests get the answers that a Collector gives', async t => {
  const { post, receiver } = await receive(t, { maxBytes: 10_000 });
  const malformed = await post('/v1/traces', new Uint8Array([0x0a, 0x05, 0x01]));
  assert.equal(malformed.status, 400);
  assert.equal(malformed.headers.get('content-type'), 'application/x-protobuf');
  assert.deepEqual([...new Uint8Array(await malformed.arrayBuffer())].slice(0, 3), [0x08, 3, 0x12]);
  for (const bad of [
    '',
    '{',
    '[]',
    '{"resourceSpans":7}',
    '{"resourceSpans":[{"scopeSpans":[{"spans":[7]}]}]}',
  ]) {
    const answer = await post('/v1/traces', bad, JSON_TYPE);
    assert.equal(answer.status, 400, bad);
    assert.equal(((await answer.json()) as { code: number }).code, 3);
  }
  assert.equal((await post('/v1/traces', 'x', { 'Content-Type': 'text/plain' })).status, 415);
  assert.equal((await post('/v1/traces', 'x', { 'Content-Encoding': 'snappy' })).status, 400);
  assert.equal((await post('/v1/traces', 'x', { 'Content-Encoding': 'gzip' })).status, 400);
  assert.equal((await post('/v1/spans', 'x')).status, 404);
  const got = await fetch(`${receiver.httpUrl}/v1/traces`);
  assert.equal(got.status, 405);
  assert.equal(got.headers.get('allow'), 'POST');
  assert.equal((await post('/v1/traces', new Uint8Array(10_001))).status, 413);
  const bomb = gzipSync(new Uint8Array(1_000_000));
  assert.equal((await post('/v1/traces', bomb, { 'Content-Encoding': 'gzip' })).status, 413);
  assert.equal(
    (await post('/v1/traces', new Uint8Array(0))).status,
    200,
    'an empty request asks for nothing',
  );
});

test('a full receiver says when to come back, and takes exports again once there is room', async t => {
  const { promise: stored, resolve: store } = Promise.withResolvers<void>();
  const slow = await receive(t);
  const writeTraces = async (groups: Parameters<typeof slow.store.writeTraces>[0]) => {
    await stored;
    return slow.store.writeTraces(groups);
  };
  const { post } = await receive(t, { maxPendingBytes: 50, store: { ...slow.store, writeTraces } });
  const first = post('/v1/traces', encodeTraces(traces('a', span(1))));
  let full = await post('/v1/traces', encodeTraces(traces('a', span(2))));
  for (let i = 0; full.status === 200 && i < 3; i++) full = await post('/v1/traces', new Uint8Array(0));
  assert.equal(full.status, 429);
  assert.match(full.headers.get('retry-after') ?? '', /^\d+$/);
  store();
  assert.equal((await first).status, 200);
  assert.equal((await post('/v1/traces', encodeTraces(traces('a', span(3))))).status, 200);
});

test('a store that cannot write is a 503 that may be tried again', async t => {
  const { store } = await receive(t);
  const writeLogs = () => Promise.reject(new Error('disk full'));
  const { post } = await receive(t, { store: { ...store, writeLogs } });
  const answer = await post('/v1/logs', encodeLogs(logs('a', log(1))));
  assert.equal(answer.status, 503);
  assert.ok(answer.headers.get('retry-after'));
  assert.ok(!(await answer.text()).includes('disk full'));
});

test('pages may send where their origin is allowed, and only there', async t => {
  const { receiver, post } = await receive(t, { corsOrigins: ['http://localhost:5173'] });
  const preflight = (origin: string) =>
    fetch(`${receiver.httpUrl}/v1/traces`, {
      method: 'OPTIONS',
      headers: { Origin: origin, 'Access-Control-Request-Method': 'POST' },
    });
  const allowed = await preflight('http://localhost:5173');
  assert.equal(allowed.status, 204);
  assert.equal(allowed.headers.get('access-control-allow-origin'), 'http://localhost:5173');
  assert.match(allowed.headers.get('access-control-allow-headers') ?? '', /content-type/i);
  assert.equal((await preflight('http://evil.example')).headers.get('access-control-allow-origin'), null);
  const sent = await post('/v1/traces', encodeTraces(traces('a', span(1))), {
    Origin: 'http://localhost:5173',
  });
  assert.equal(sent.headers.get('access-control-allow-origin'), 'http://localhost:5173');
});

test('a port that is taken falls back to a free one, and says so', async t => {
  const first = await receive(t);
  const port = (url = '') => Number(new URL(url).port);
  const second = await receive(t, {
    http: { port: port(first.receiver.httpUrl) },
    grpc: { port: port(first.receiver.grpcUrl) },
  });
  assert.notEqual(second.receiver.httpUrl, first.receiver.httpUrl);
  assert.deepEqual(
    second.reports.map(([code]) => code),
    ['PLIMSOLL_PORT_TAKEN', 'PLIMSOLL_PORT_TAKEN'],
  );
  assert.ok(second.reports[0]?.[1].includes(second.receiver.httpUrl));
  assert.equal((await second.post('/v1/traces', encodeTraces(traces('a', span(1))))).status, 200);
});

test('what was sent comes back equal, but for what the policy takes', async t => {
  const { post, store } = await receive(t);
  const attributes = {
    ...{
      nan: Number.NaN,
      high: 2n ** 63n - 1n,
      low: -(2n ** 63n),
      up: Number.POSITIVE_INFINITY,
      'http.route': '/a/:b',
    },
    ...{
      list: [1, Number.NaN, 2n ** 60n, 'x'],
      map: { deep: [Number.NEGATIVE_INFINITY] },
      ok: true,
      none: null,
    },
    ...{ 'http.response.status_code': 200, empty: '' },
  };
  const sent = span(4, { attributes, parentSpanId: spanId(3), name: 'GET /a/:b' });
  for (let i = 0; i < 2; i++) {
    const one = { ...sent, traceId: traceId(40 + i) };
    assert.equal((await post('/v1/traces', encodeTraces(traces('a', one)))).status, 200);
    const [row] = await store.trace(one.traceId);
    assert.deepEqual(row?.attributes, attributes);
    assert.equal(row?.name, sent.name);
    assert.equal(row?.parentSpanId, sent.parentSpanId);
  }
});

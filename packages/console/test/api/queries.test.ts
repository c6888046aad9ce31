import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lines, runApi, traces } from '../support/console.ts';

const A = 'a'.repeat(32);
const B = 'b'.repeat(32);

test('a trace comes with its spans, its lines and what its end waited for', async t => {
  const { store, get } = await runApi(t);
  await store.writeTraces(
    traces('shop', [
      { traceId: A, spanId: '1'.repeat(16), name: 'GET /x', kind: 'server', start: 1000, ms: 100 },
      { traceId: A, spanId: '2'.repeat(16), parentSpanId: '1'.repeat(16), start: 1010, ms: 30 },
      { traceId: A, spanId: '3'.repeat(16), parentSpanId: '1'.repeat(16), start: 1020, ms: 60 },
    ]),
  );
  await store.writeLogs(lines('shop', [{ body: 'hello', time: 1015, traceId: A }, { body: 'other' }]));
  const { status, body } = await get(`/traces/${A.toUpperCase()}`);
  assert.equal(status, 200);
  assert.equal((body['spans'] as unknown[]).length, 3);
  assert.deepEqual(
    (body['logs'] as { body: string }[]).map(row => row.body),
    ['hello'],
  );
  assert.deepEqual(body['critical'], [
    { spanId: '1'.repeat(16), from: 1000, to: 1020 },
    { spanId: '3'.repeat(16), from: 1020, to: 1080 },
    { spanId: '1'.repeat(16), from: 1080, to: 1100 },
  ]);
  assert.equal((await get(`/traces/${B}`)).body['code'], 'unknown_trace');
  assert.equal((await get('/traces/nonsense')).status, 404);
});

test('a trace that is about to come is waited for, as long as the asker says', async t => {
  const { store, get } = await runApi(t);
  const asked = get(`/traces/${A}?wait=10000`);
  await new Promise(resolve => setTimeout(resolve, 50));
  await store.writeTraces(traces('shop', [{ traceId: A, spanId: '1'.repeat(16), start: 1000, ms: 100 }]));
  assert.equal((await asked).status, 200);
  assert.equal((await get(`/traces/${B}?wait=50`)).status, 404);
  assert.equal((await get(`/traces/${B}?wait=60000`)).status, 422);
});

test('traces are found by service, route, status, duration and attribute, and paged by cursor', async t => {
  const { store, get } = await runApi(t);
  const many = Array.from({ length: 25 }, (_, i) => ({
    traceId: i.toString(16).padStart(32, '0'),
    spanId: i.toString(16).padStart(16, '0'),
    kind: 'server' as const,
    start: 1000 + i,
    ms: i,
    failed: i % 5 === 0,
    attributes: { 'http.route': i % 2 ? '/odd' : '/even', 'shop.item': `item=${i}` },
  }));
  await store.writeTraces(traces('shop', many));
  const count = async (search: string) =>
    ((await get(`/traces?${search}`)).body['items'] as unknown[]).length;
  assert.equal(await count('service=shop&route=/odd'), 12);
  assert.equal(await count('status=error'), 5);
  assert.equal(await count('minMs=10&maxMs=12'), 3);
  assert.equal(await count(`attribute=${encodeURIComponent('shop.item=item=7')}`), 1);
  assert.equal(await count('from=1010&to=1015'), 5);
  const seen = new Set<string>();
  for (let cursor: unknown = ''; cursor !== undefined; ) {
    const { body } = await get(`/traces?limit=10${cursor ? `&cursor=${cursor}` : ''}`);
    for (const one of body['items'] as { traceId: string }[]) seen.add(one.traceId);
    cursor = body['next'];
  }
  assert.equal(seen.size, 25);
});

test('a wrong parameter is 422, and the answer names the field and not its value', async t => {
  const { get } = await runApi(t);
  const wrong = [
    ['/traces?limit=0', 'limit'],
    ['/traces?limit=5000', 'limit'],
    ['/traces?minMs=fast', 'minMs'],
    ['/traces?attribute=novalue', 'attribute'],
    ['/traces?sesame=open', 'sesame'],
    ['/traces?limit=1&limit=2', 'limit'],
    ['/logs?from=2&to=1', 'to'],
    ['/logs?minSeverity=99', 'minSeverity'],
    ['/metrics/query?name=x', 'from'],
    ['/overview?from=0&to=1&step=none', 'step'],
    ['/overview?from=0&to=1e300&step=1', 'to'],
  ] as const;
  for (const [path, field] of wrong) {
    const { status, body } = await get(path);
    assert.equal(status, 422, path);
    assert.equal((body['errors'] as { field: string }[])[0]?.field, field, path);
    assert.doesNotMatch(JSON.stringify(body), /open|novalue|fast/);
  }
});

test('lines are found by severity, text, attribute, trace, request and correlation', async t => {
  const { store, get } = await runApi(t);
  await store.writeLogs(
    lines('shop', [
      { body: 'sold a hat', attributes: { request_id: 'r-1', correlation_id: 'c-1', room: 'x' } },
      {
        body: 'sold out',
        level: 'error',
        traceId: A,
        attributes: { request_id: 'r-2', correlation_id: 'c-1' },
      },
    ]),
  );
  const found = async (search: string) =>
    ((await get(`/logs?${search}`)).body['items'] as { body: string }[]).map(row => row.body);
  assert.deepEqual(await found('minSeverity=17'), ['sold out']);
  assert.deepEqual(await found('text=HAT'), ['sold a hat']);
  assert.deepEqual(await found('attribute=room%3Dx'), ['sold a hat']);
  assert.deepEqual(await found(`traceId=${A}`), ['sold out']);
  assert.deepEqual(await found('requestId=r-1'), ['sold a hat']);
  assert.deepEqual(await found('correlationId=c-1&order=oldest'), ['sold a hat', 'sold out']);
});

test('what JSON has no word for arrives as text', async t => {
  const { store, get } = await runApi(t);
  const attributes = {
    nan: Number.NaN,
    big: 2n ** 63n - 1n,
    down: Number.NEGATIVE_INFINITY,
    raw: Uint8Array.of(1, 2),
  };
  await store.writeLogs(lines('shop', [{ body: 'odd', attributes }]));
  const [row] = (await get('/logs')).body['items'] as { attributes: unknown }[];
  assert.deepEqual(row?.attributes, {
    nan: 'NaN',
    big: '9223372036854775807',
    down: '-Infinity',
    raw: 'AQI=',
  });
});

test('the overview speaks of every service, from metrics where there are some, else from spans', async t => {
  const { store, get } = await runApi(t);
  const now = 1_000_000;
  await store.writeTraces(
    traces('spans-only', [
      { traceId: A, spanId: '1'.repeat(16), kind: 'server', start: now + 1500, ms: 40, failed: true },
      { traceId: B, spanId: '2'.repeat(16), kind: 'server', start: now + 1600, ms: 20 },
    ]),
  );
  const point = { startTime: 0, time: now, flags: 0, exemplars: [] };
  const number = { ...point, integer: false };
  const scope = { name: '', version: '', attributes: {} };
  await store.writeMetrics([
    {
      resource: { attributes: { 'service.name': 'metered', 'service.version': '1.2.3' } },
      scopes: [
        {
          scope,
          items: [
            {
              name: 'divan_http_requests_total',
              description: '',
              unit: '',
              type: 'sum',
              temporality: 'cumulative',
              monotonic: true,
              points: [
                { ...number, attributes: { status: '200' }, value: 9 },
                { ...number, attributes: { status: '503' }, value: 1 },
              ],
            },
            {
              name: 'divan_http_request_duration_seconds',
              description: '',
              unit: 's',
              type: 'histogram',
              temporality: 'cumulative',
              points: [
                { ...point, attributes: {}, count: 100, sum: 1, bounds: [0.1, 0.2], buckets: [90, 10, 0] },
              ],
            },
            {
              name: 'nodejs_eventloop_lag_p99_seconds',
              description: '',
              unit: 's',
              type: 'gauge',
              points: [{ ...number, attributes: {}, value: 0.012 }],
            },
          ],
        },
      ],
    },
  ]);
  const { body } = await get(`/overview?from=${now}&to=${now + 3000}&step=1000`);
  const [metered, spans] = body['services'] as unknown as Record<string, unknown>[];
  assert.deepEqual(body['times'], [now, now + 1000, now + 2000]);
  assert.equal(metered?.['service'], 'metered');
  assert.equal(metered?.['version'], '1.2.3');
  assert.equal(metered?.['source'], 'metrics');
  assert.deepEqual(metered?.['rate'], [null, null, 10]);
  assert.deepEqual(metered?.['errors'], [null, null, 0.1]);
  const p95 = (metered?.['p95'] as (number | undefined)[] | undefined)?.[2] ?? 0;
  assert.ok(Math.abs(p95 - 150) < 1e-9);
  assert.deepEqual(metered?.['loop'], [null, null, 12]);
  assert.equal(spans?.['source'], 'spans');
  assert.deepEqual(spans?.['rate'], [null, 2, null]);
  assert.deepEqual(spans?.['errors'], [null, 0.5, null]);
});

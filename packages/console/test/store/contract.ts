// Long because it is one list of what every store does, read from top to bottom.
// Long because it is one list of what every store must show.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  Attributes,
  DecodedLog,
  DecodedLogs,
  DecodedMetric,
  DecodedMetrics,
  DecodedTraces,
  LogRow,
  SpanRecord,
  SpanRow,
} from '@plimsoll/wire';
import type { Page, PageQuery, PointStore } from '../../src/store/types.ts';

const T0 = 1_795_000_000_000;
const hex = (n: number, digits: number) => n.toString(16).padStart(digits, '0');

export const traceId = (n: number) => hex(n, 32);
export const spanId = (n: number) => hex(n, 16);

export function span(n: number, more: Partial<SpanRecord> = {}): SpanRecord {
  return {
    kind: 'span',
    ...{ traceId: traceId(n), spanId: spanId(n), flags: 1, name: `span ${n}`, spanKind: 'server' },
    ...{ startTime: T0 + n, endTime: T0 + n + 10.25, attributes: {}, events: [], links: [] },
    status: { code: 0 },
    ...more,
  };
}

export function log(n: number, more: Partial<DecodedLog> = {}): DecodedLog {
  return {
    kind: 'log',
    ...{
      time: T0 + n,
      level: 'info',
      body: `line ${n}`,
      logger: 'app',
      attributes: {},
      observedTime: T0 + n,
    },
    ...{ severityNumber: 9, severityText: 'INFO' },
    ...more,
  };
}

function under<T>(service: string, items: readonly T[]) {
  const resource = { attributes: { 'service.name': service, 'host.cpus': 4 } };
  return [{ resource, scopes: [{ scope: { name: 'lib', version: '1.2', attributes: { a: true } }, items }] }];
}

export const traces = (service: string, ...spans: readonly SpanRecord[]): DecodedTraces =>
  under(service, spans);
export const logs = (service: string, ...lines: readonly DecodedLog[]): DecodedLogs => under(service, lines);
export const metrics = (service: string, ...all: readonly DecodedMetric[]): DecodedMetrics =>
  under(service, all);

/** Everything that an attribute can hold and that a text could bend. */
const ODD: Attributes = {
  nan: Number.NaN,
  up: Number.POSITIVE_INFINITY,
  down: Number.NEGATIVE_INFINITY,
  zero: -0,
  tiny: 5e-324,
  huge: Number.MAX_VALUE,
  lowest: -(2n ** 63n),
  highest: 2n ** 63n - 1n,
  safe: Number.MAX_SAFE_INTEGER,
  none: null,
  yes: true,
  empty: '',
  bytes: new Uint8Array([0, 1, 255]),
  list: ['a', 1, Number.NaN, [2n ** 60n], { deep: Number.NEGATIVE_INFINITY }],
  map: { $i: '5', plain: { $d: 'NaN' } },
  tag: { $i: 'no number' },
  $b: 'a name at the top',
  'quote " and / and ~ \\ and \u0000': 'x\u0000y\u2028 "\\ \u{1f600}',
  ...JSON.parse('{"__proto__":"own"}'),
};

async function all<T, Q extends PageQuery>(read: (query: Q) => Promise<Page<T>>, query: Q): Promise<T[]> {
  const items: T[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await read({ ...query, ...(cursor !== undefined && { cursor }) });
    items.push(...page.items);
    if (page.next === undefined) return items;
    cursor = page.next;
  }
}

function expectSpan(row: SpanRow | undefined, sent: SpanRecord): void {
  assert.ok(row, `span ${sent.spanId} is there`);
  assert.equal(row.traceId, sent.traceId);
  assert.equal(row.spanId, sent.spanId);
  assert.equal(row.parentSpanId, sent.parentSpanId);
  assert.equal(row.name, sent.name);
  assert.equal(row.start, sent.startTime);
  assert.equal(row.durationMs, sent.endTime - sent.startTime);
  assert.equal(row.status, sent.status.code);
  assert.equal(row.statusMessage, sent.status.message);
  assert.equal(row.flags, sent.flags);
  assert.equal(row.traceState, sent.traceState);
  assert.equal(row.parentRemote, sent.parentRemote);
  assert.deepEqual(row.attributes, sent.attributes);
  assert.deepEqual(row.events, sent.events);
  assert.deepEqual(row.links, sent.links);
  assert.equal(row.droppedAttributes, sent.droppedAttributes);
  assert.equal(row.droppedEvents, sent.droppedEvents);
  assert.equal(row.droppedLinks, sent.droppedLinks);
}

/** What every store does, whatever it keeps its rows in. Each test opens an empty one. */
export function storeContract(
  name: string,
  open: (t: { after(fn: () => unknown): void }) => Promise<PointStore>,
): void {
  test(`${name}: a span comes back as it was sent, odd values and all`, async t => {
    const store = await open(t);
    const sent = span(1, {
      attributes: ODD,
      ...{ parentSpanId: spanId(9), parentRemote: true, traceState: 'a=1,b=2', flags: 3 },
      events: [{ name: 'exception', time: T0 + 2.5, attributes: { ...ODD } }],
      links: [
        { traceId: traceId(7), spanId: spanId(8), traceState: 'x=y', flags: 257, attributes: { n: 1 } },
      ],
      status: { code: 2, message: 'it broke' },
      ...{ droppedAttributes: 1, droppedEvents: 2, droppedLinks: 3 },
    });
    assert.equal(await store.writeTraces(traces('api', sent)), 1);
    const [row] = await store.trace(sent.traceId);
    expectSpan(row, sent);
    assert.equal(row?.service, 'api');
    assert.equal(row?.scope, 'lib');
    assert.equal(row?.scopeVersion, '1.2');
    assert.deepEqual(row?.scopeAttributes, { a: true });
    assert.deepEqual(row?.resource, { 'service.name': 'api', 'host.cpus': 4 });
    assert.equal(row?.kind, 2);
  });

  test(`${name}: spans and records whose ids are none are left out, and only those`, async t => {
    const store = await open(t);
    const bad = [
      { traceId: '' },
      { traceId: traceId(0) },
      { traceId: 'abc' },
      { spanId: '12' },
      { spanId: spanId(0) },
    ];
    const taken = await store.writeTraces(traces('api', span(1), ...bad.map(ids => span(2, ids)), span(3)));
    assert.equal(taken, 2);
    assert.equal((await all(store.traces, {})).length, 2);
    assert.equal(await store.writeLogs(logs('api', log(1), log(2, { traceId: 'ab' }), log(3))), 2);
  });

  test(`${name}: a record comes back as it was sent, its body of any kind`, async t => {
    const store = await open(t);
    const lines = [
      log(1, { attributes: ODD, traceId: traceId(5), spanId: spanId(6), flags: 1, eventName: 'login' }),
      log(2, {
        body: { a: [1, Number.NaN], b: 2n ** 62n },
        severityNumber: 17,
        level: 'error',
        severityText: 'ERR',
      }),
      log(3, {
        body: 42,
        attributes: { request_id: 'r-1', correlation_id: 'c-1' },
        severityText: '',
        severityNumber: 0,
      }),
      log(4, { time: 0, observedTime: T0 + 4 }),
    ];
    assert.equal(await store.writeLogs(logs('api', ...lines)), 4);
    const rows = await all(store.logs, { order: 'oldest' });
    assert.deepEqual(
      rows.map(row => row.time),
      [T0 + 1, T0 + 2, T0 + 3, T0 + 4],
    );
    assert.deepEqual(rows[0]?.attributes, ODD);
    assert.deepEqual(pick(rows[0]!), {
      traceId: traceId(5),
      spanId: spanId(6),
      flags: 1,
      eventName: 'login',
    });
    assert.deepEqual(rows[1]?.bodyValue, lines[1]?.body);
    assert.equal(rows[1]?.level, 'error');
    assert.equal(rows[1]?.severityText, 'ERR');
    assert.equal(rows[2]?.body, '42');
    assert.equal(rows[2]?.requestId, 'r-1');
    assert.equal(rows[2]?.correlationId, 'c-1');
    assert.ok(
      rows.every((row, i) => i === 0 || row.seq > rows[i - 1]!.seq),
      'seq rises',
    );
  });

  test(`${name}: points of every type come back as they were sent`, async t => {
    const store = await open(t);
    const at = { startTime: T0, time: T0 + 1000, flags: 0 };
    const exemplar = {
      attributes: { e: 1 },
      time: T0 + 5,
      value: 3.5,
      integer: false,
      traceId: traceId(1),
      spanId: spanId(1),
    };
    const number = { ...at, value: 1.5, integer: false, exemplars: [] };
    const sent: readonly DecodedMetric[] = [
      {
        name: 'g',
        description: 'a gauge',
        unit: 's',
        type: 'gauge',
        points: [{ ...number, attributes: ODD }],
      },
      {
        name: 'nan',
        description: '',
        unit: '',
        type: 'gauge',
        points: [{ ...number, attributes: {}, value: Number.NaN }],
      },
      {
        ...{ name: 'c', description: '', unit: '1', type: 'sum', temporality: 'cumulative', monotonic: true },
        points: [
          { ...number, attributes: { k: 'a' }, value: 2n ** 63n - 1n, integer: true },
          { ...number, attributes: { k: 'b' }, value: 7, integer: true, exemplars: [exemplar] },
        ],
      },
      {
        ...{ name: 'h', description: '', unit: 'ms', type: 'histogram', temporality: 'delta' },
        points: [
          {
            ...at,
            attributes: {},
            count: 3,
            sum: 6,
            min: 1,
            max: 3,
            buckets: [1, 2],
            bounds: [2],
            exemplars: [exemplar],
          },
        ],
      },
      {
        ...{ name: 'e', description: '', unit: '', type: 'exponential', temporality: 'cumulative' },
        points: [
          {
            ...{ ...at, attributes: {}, count: 3, scale: 2, zeroCount: 1, zeroThreshold: 0.1, exemplars: [] },
            positive: { offset: -1, counts: [1, 1] },
          },
        ],
      },
      {
        ...{ name: 's', description: '', unit: '', type: 'summary' },
        points: [
          { ...at, attributes: {}, count: 2, sum: 3, quantiles: [{ quantile: 0.5, value: Number.NaN }] },
        ],
      },
    ];
    assert.equal(
      await store.writeMetrics(
        metrics('api', ...sent, { name: 'x', description: '', unit: '', type: 'empty' }),
      ),
      7,
    );
    for (const metric of sent) {
      const rows = await all(store.points, { name: metric.name, service: 'api' });
      const points = rows.flatMap(row => ('points' in row.metric ? [...row.metric.points] : []));
      assert.deepEqual({ ...rows[0]?.metric, points }, metric);
    }
    const names = await store.metricNames({ from: T0, to: T0 + 2000 });
    assert.deepEqual(
      names.map(info => info.name),
      ['c', 'e', 'g', 'h', 'nan', 's'],
    );
    assert.deepEqual(names[0], {
      ...{ name: 'c', type: 'sum', unit: '1', help: '', monotonic: true, labels: ['k'], services: ['api'] },
    });
    assert.deepEqual(await store.metricNames({ from: T0 + 2000, to: T0 + 3000 }), []);
  });

  traceQueries(name, open);
  logQueries(name, open);
  metricQueries(name, open);

  test(`${name}: requests are counted by service and route, with quantiles`, async t => {
    const store = await open(t);
    const route = (n: number, more: Partial<SpanRecord>) =>
      span(n, {
        startTime: T0 + n * 100,
        endTime: T0 + n * 100 + n,
        attributes: { 'http.route': '/a' },
        ...more,
      });
    await store.writeTraces(
      traces(
        'api',
        ...Array.from({ length: 100 }, (_, i) => route(i + 1, i === 0 ? { status: { code: 2 } } : {})),
        route(200, { spanKind: 'client' }),
        route(50, { spanId: spanId(999), attributes: {}, spanKind: 'consumer', name: 'queue' }),
      ),
    );
    const [whole, ...rest] = await store.requests({ from: T0, to: T0 + 20_000 });
    assert.equal(rest.length, 0);
    assert.equal(whole?.count, 101);
    assert.equal(whole?.errors, 1);
    assert.ok(Math.abs(whole!.p50 - 50) < 2 && Math.abs(whole!.p95 - 96) < 2, JSON.stringify(whole));
    const steps = await store.requests({
      from: T0,
      to: T0 + 20_000,
      by: 'route',
      step: 5000,
      service: 'api',
    });
    assert.deepEqual(
      steps.map(row => [row.time - T0, row.route, row.count]),
      [
        [0, '/a', 49],
        [5000, '/a', 50],
        [5000, 'queue', 1],
        [10_000, '/a', 1],
      ],
    );
    assert.deepEqual(await store.requests({ from: T0, to: T0 + 20_000, service: 'none' }), []);
  });

  test(`${name}: services and stats say what is stored`, async t => {
    const store = await open(t);
    assert.deepEqual(await store.services(), []);
    await store.writeTraces(traces('b', span(5)));
    await store.writeLogs(logs('a', log(1), log(9)));
    assert.deepEqual(
      (await store.services()).map(row => [row.service, row.firstSeen - T0, row.lastSeen - T0]),
      [
        ['a', 1, 9],
        ['b', 5, 5],
      ],
    );
    const stats = await store.stats();
    assert.deepEqual(
      { ...stats, bytes: 0, segments: 0 },
      { bytes: 0, segments: 0, spans: 1, logs: 2, points: 0, oldest: T0 + 1 },
    );
    assert.ok(stats.bytes > 0);
  });

  test(`${name}: a listener gets the rows that were stored, and one that throws harms nobody`, async t => {
    const store = await open(t);
    const seen: (SpanRow | LogRow)[] = [];
    store.onRows(() => {
      throw new Error('mine');
    });
    const stop = store.onRows(({ rows }) => seen.push(...rows));
    await store.writeTraces(traces('api', span(1, { attributes: { k: 'v' } })));
    await store.writeLogs(logs('api', log(2, { body: { a: 1 } })));
    assert.deepEqual(seen[0], (await store.trace(traceId(1)))[0]);
    assert.deepEqual(seen[1], (await store.logs({})).items[0]);
    stop();
    await store.writeTraces(traces('api', span(3)));
    assert.equal(seen.length, 2);
  });

  test(`${name}: a closed store refuses to write, and closing twice is one close`, async t => {
    const store = await open(t);
    await Promise.all([store.close(), store.close()]);
    await assert.rejects(store.writeTraces(traces('api', span(1))), { code: 'PLIMSOLL_CLOSED' });
  });
}

type Open = Parameters<typeof storeContract>[1];

function traceQueries(name: string, open: Open): void {
  test(`${name}: traces are found by each filter and paged in order`, async t => {
    const store = await open(t);
    const root = (n: number, more: Partial<SpanRecord> = {}) =>
      span(n * 10, { traceId: traceId(n), ...more });
    await store.writeTraces(
      traces(
        'api',
        root(1, {
          name: 'GET /a',
          attributes: { 'http.route': '/a', 'http.response.status_code': 200, user: 7 },
        }),
        root(2, {
          name: 'GET /b',
          endTime: T0 + 2000,
          attributes: { 'http.route': '/b', flag: true, big: 2n ** 60n },
        }),
        span(31, {
          traceId: traceId(3),
          parentSpanId: spanId(30),
          startTime: T0,
          name: 'child',
          status: { code: 2 },
        }),
        root(3, { startTime: T0 + 5, name: 'root', spanId: spanId(30) }),
      ),
    );
    await store.writeTraces(
      traces(
        'db',
        span(12, { traceId: traceId(1), parentSpanId: spanId(10), name: 'SELECT' }),
        span(33, {
          ...{ traceId: traceId(3), parentSpanId: spanId(30), startTime: T0 + 6, endTime: T0 + 7 },
          attributes: { 'http.route': '/c' },
        }),
      ),
    );
    const ids = async (query: Parameters<PointStore['traces']>[0]) =>
      (await all(store.traces, query)).map(one => Number.parseInt(one.traceId, 16));
    assert.deepEqual(await ids({}), [2, 1, 3]);
    assert.deepEqual(await ids({ limit: 1 }), [2, 1, 3]);
    assert.deepEqual(await ids({ limit: 2, order: 'slowest' }), [2, 3, 1]);
    assert.deepEqual(await ids({ service: 'db' }), [1, 3]);
    assert.deepEqual(await ids({ name: 'root' }), [3]);
    assert.deepEqual(await ids({ route: '/b' }), [2]);
    assert.deepEqual(await ids({ route: '/c' }), [3]);
    assert.deepEqual(await ids({ status: 'error' }), [3]);
    assert.deepEqual(await ids({ status: 'ok' }), [2, 1]);
    assert.deepEqual(await ids({ minMs: 100 }), [2]);
    assert.deepEqual(await ids({ maxMs: 100 }), [1, 3]);
    assert.deepEqual(await ids({ from: T0 + 5, to: T0 + 20 }), [1]);
    assert.deepEqual(await ids({ attribute: { key: 'user', value: '7' } }), [1]);
    assert.deepEqual(await ids({ attribute: { key: 'flag', value: 'true' } }), [2]);
    assert.deepEqual(await ids({ attribute: { key: 'big', value: String(2n ** 60n) } }), [2]);
    assert.deepEqual(await ids({ attribute: { key: 'user', value: '8' } }), []);
    const [one] = (await store.traces({ service: 'db' })).items;
    assert.deepEqual(one, {
      ...{
        traceId: traceId(1),
        service: 'api',
        services: ['api', 'db'],
        name: 'GET /a',
        route: '/a',
        httpStatus: 200,
      },
      ...{ start: T0 + 10, durationMs: 12.25, spans: 2, errors: 0 },
    });
    assert.equal((await store.traces({ name: 'root' })).items[0]?.durationMs, 41.25);
    assert.deepEqual(
      (await store.trace(traceId(1))).map(row => row.name),
      ['GET /a', 'SELECT'],
    );
    assert.deepEqual(await store.trace('nonsense'), []);
    await assert.rejects(store.traces({ cursor: 'nonsense' }), { code: 'PLIMSOLL_STORE_CURSOR' });
  });
}

function logQueries(name: string, open: Open): void {
  test(`${name}: lines are found by each filter and paged in order`, async t => {
    const store = await open(t);
    await store.writeLogs(
      logs(
        'api',
        log(1, { body: 'Hello World', attributes: { user: 'ann', n: 1 } }),
        log(2, { body: 'bye', severityNumber: 17, logger: 'db', traceId: traceId(5) }),
        log(3, { attributes: { note: 'say "HELLO" \\ now' } }),
        log(3, { attributes: { hello: 'x', request_id: 'r', correlation_id: 'c' } }),
      ),
    );
    await store.writeLogs(logs('web', log(0)));
    const bodies = async (query: Parameters<PointStore['logs']>[0]) =>
      (await all(store.logs, query)).map(row => `${row.service} ${row.time - T0}`);
    const every = ['api 3', 'api 3', 'api 2', 'api 1', 'web 0'];
    assert.deepEqual(await bodies({}), every);
    assert.deepEqual(await bodies({ limit: 1 }), every);
    assert.deepEqual(await bodies({ limit: 2, order: 'oldest' }), every.toReversed());
    assert.deepEqual(await bodies({ service: 'web' }), ['web 0']);
    assert.deepEqual(await bodies({ minSeverity: 13 }), ['api 2']);
    assert.deepEqual(await bodies({ logger: 'db' }), ['api 2']);
    assert.deepEqual(await bodies({ traceId: traceId(5) }), ['api 2']);
    assert.deepEqual(await bodies({ traceId: 'nonsense' }), []);
    assert.deepEqual(await bodies({ requestId: 'r' }), ['api 3']);
    assert.deepEqual(await bodies({ correlationId: 'c' }), ['api 3']);
    assert.deepEqual(await bodies({ text: 'hello' }), ['api 3', 'api 1'], 'values, not names');
    assert.deepEqual(await bodies({ text: '"hello" \\' }), ['api 3']);
    assert.deepEqual(
      await bodies({
        attributes: [
          { key: 'user', value: 'ann' },
          { key: 'n', value: '1' },
        ],
      }),
      ['api 1'],
    );
    assert.deepEqual(await bodies({ from: T0 + 1, to: T0 + 3 }), ['api 2', 'api 1']);
    assert.deepEqual(await bodies({ service: "x' OR 1=1 --" }), []);
  });
}

function metricQueries(name: string, open: Open): void {
  const at = (n: number, value: number, more: object = {}) => ({
    ...{
      attributes: { k: 'a' },
      startTime: T0 - 60_000,
      time: T0 + n * 1000,
      flags: 0,
      value,
      integer: true,
      exemplars: [],
    },
    ...more,
  });
  const base = { description: '', unit: '1' };

  test(`${name}: gauges are shown as they are, counters as rates, through restarts`, async t => {
    const store = await open(t);
    const points = [at(-1, 10), at(0.5, 20), at(1.5, 40), at(2.5, 5, { startTime: T0 + 2000 })];
    const other = points.map(point => ({ ...point, attributes: { k: 'b', x: 'y' } }));
    await store.writeMetrics(
      metrics(
        'api',
        { ...base, name: 'g', type: 'gauge', points: [...points, ...other] },
        {
          ...base,
          name: 'c',
          type: 'sum',
          monotonic: true,
          temporality: 'cumulative',
          points: [...points, ...other],
        },
        {
          ...base,
          name: 'd',
          type: 'sum',
          monotonic: true,
          temporality: 'delta',
          points: [at(0.1, 4), at(0.2, 6)],
        },
      ),
    );
    const range = { from: T0, to: T0 + 4000, step: 1000 };
    const gauge = await store.metric({ ...range, name: 'g', by: ['k'] });
    assert.deepEqual(gauge?.times, [T0, T0 + 1000, T0 + 2000, T0 + 3000]);
    assert.deepEqual(
      gauge?.series.map(one => [one.labels, one.values]),
      [
        [{ k: 'a' }, [20, 40, 5, null]],
        [{ k: 'b' }, [20, 40, 5, null]],
      ],
    );
    const [both] = (await store.metric({ ...range, name: 'c' }))!.series;
    assert.deepEqual(
      both?.values.map(value => value && Math.round(value * 100) / 100),
      [13.33, 40, 10, null],
    );
    const [one] = (await store.metric({ ...range, name: 'c', filter: { x: 'y' } }))!.series;
    assert.equal(one?.values[1], 20);
    assert.deepEqual((await store.metric({ ...range, name: 'd' }))?.series[0]?.values, [
      10,
      null,
      null,
      null,
    ]);
    assert.equal(await store.metric({ ...range, name: 'none' }), undefined);
    assert.equal(await store.metric({ ...range, name: 'g', service: 'none' }), undefined);
  });

  test(`${name}: histograms give counts per step and bucket, and exemplars that name traces`, async t => {
    const store = await open(t);
    const exemplar = {
      attributes: {},
      time: T0 + 400,
      value: 3,
      integer: false,
      traceId: traceId(1),
      spanId: spanId(1),
    };
    const point = (n: number, buckets: number[], more: object = {}) => ({
      ...{ attributes: { k: 'a' }, startTime: T0 - 60_000, time: T0 + n * 1000, flags: 0, bounds: [1, 5] },
      ...{ buckets, count: buckets.reduce((a, b) => a + b), sum: 1, exemplars: [] },
      ...more,
    });
    const points = [
      point(-1, [1, 1, 1]),
      point(0.5, [2, 1, 1], { exemplars: [exemplar] }),
      point(1.5, [2, 3, 2]),
    ];
    await store.writeMetrics(
      metrics(
        'api',
        { ...base, name: 'h', type: 'histogram', temporality: 'cumulative', points },
        {
          ...{ ...base, name: 'e', type: 'exponential', temporality: 'delta' },
          points: [
            {
              ...{
                attributes: {},
                startTime: T0,
                time: T0 + 500,
                flags: 0,
                count: 4,
                scale: 0,
                zeroCount: 1,
                zeroThreshold: 0,
              },
              ...{ positive: { offset: 0, counts: [1, 2] }, exemplars: [] },
            },
          ],
        },
      ),
    );
    const range = { from: T0, to: T0 + 2000, step: 1000 };
    const answer = await store.metric({ ...range, name: 'h', by: ['k'] });
    assert.deepEqual(answer?.bounds, [1, 5]);
    assert.deepEqual(answer?.series[0]?.buckets, [
      [1, 0, 0],
      [0, 2, 1],
    ]);
    assert.deepEqual(answer?.series[0]?.exemplars, [{ time: T0 + 400, value: 3, traceId: traceId(1) }]);
    const exponential = await store.metric({ ...range, name: 'e' });
    assert.deepEqual(exponential?.bounds, [0, 2, 4]);
    assert.deepEqual(exponential?.series[0]?.buckets, [[1, 1, 2, 0], null]);
  });
}

function pick({ traceId: trace, spanId: id, flags, eventName }: LogRow) {
  return { traceId: trace, spanId: id, flags, eventName };
}

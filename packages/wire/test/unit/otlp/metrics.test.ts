import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeMetrics, encodeMetrics, type MetricFamily, metricsRequest } from '@plimsoll/wire';
import fc from 'fast-check';
import { anyMetric, groupsOf } from '../../support/arbitraries.ts';
import { arrives } from '../../support/arrives.ts';
import { attributesOfForeign, readForeign, writeForeign } from '../../support/proto.ts';

const TIME = 1_795_400_000_000;
const START = TIME - 60_000;
const EXEMPLAR = {
  value: 0.3,
  time: TIME - 5,
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
};
const FAMILIES: readonly MetricFamily[] = [
  {
    type: 'counter',
    name: 'http_requests_total',
    help: 'Requests',
    labelNames: ['method', '__proto__'],
    startTime: START,
    points: [{ labels: ['GET', 'x'], value: 7, exemplar: EXEMPLAR }],
  },
  {
    type: 'gauge',
    name: 'queue_depth',
    help: 'Depth',
    labelNames: [],
    startTime: START,
    points: [{ labels: [], value: Number.NaN }],
  },
  {
    type: 'histogram',
    name: 'latency_seconds',
    help: 'Latency',
    unit: 's',
    labelNames: ['route'],
    startTime: START,
    bounds: [0.1, 1],
    points: [
      { labels: ['/x'], buckets: [3, 1, 2], sum: 9.5, count: 6, exemplars: [undefined, EXEMPLAR, undefined] },
    ],
  },
  {
    type: 'summary',
    name: 'size_bytes',
    help: '',
    unit: 'By',
    labelNames: [],
    startTime: START,
    points: [{ labels: [], sum: 10, count: 4 }],
  },
];
const REQUEST = {
  resource: { attributes: { 'service.name': 'divan-api' } },
  scopeName: 'plimsoll',
  scopeVersion: '0.1.0',
  families: FAMILIES,
  time: TIME,
};

describe('a family of ours', () => {
  const [group] = readForeign('MetricsData', metricsRequest(REQUEST)).resourceMetrics;
  const [counter, gauge, histogram, summary] = group.scopeMetrics[0].metrics;

  test('goes out as a cumulative monotonic sum when it is a counter, exemplar included', () => {
    assert.equal(counter.name, 'http_requests_total');
    assert.equal(counter.sum.aggregationTemporality, 2);
    assert.equal(counter.sum.isMonotonic, true);
    const [point] = counter.sum.dataPoints;
    assert.equal(point.asDouble, 7);
    assert.equal(point.startTimeUnixNano, `${START}000000`);
    assert.equal(point.timeUnixNano, `${TIME}000000`);
    const labels = Object.fromEntries([
      ['method', 'GET'],
      ['__proto__', 'x'],
    ]);
    assert.deepEqual(attributesOfForeign(point.attributes), labels);
    assert.equal(point.exemplars[0].asDouble, 0.3);
    assert.equal(Buffer.from(point.exemplars[0].traceId).toString('hex'), EXEMPLAR.traceId);
    assert.equal(Buffer.from(point.exemplars[0].spanId).toString('hex'), EXEMPLAR.spanId);
  });

  test('goes out as a gauge without a start when it is a gauge', () => {
    assert.equal(gauge.gauge.dataPoints[0].asDouble, Number.NaN);
    assert.equal(gauge.gauge.dataPoints[0].startTimeUnixNano, undefined);
  });

  test('keeps bounds and buckets when it is a histogram', () => {
    assert.equal(histogram.unit, 's');
    const [point] = histogram.histogram.dataPoints;
    assert.deepEqual(point.bucketCounts, ['3', '1', '2']);
    assert.deepEqual(point.explicitBounds, [0.1, 1]);
    assert.deepEqual([point.count, point.sum, point.exemplars.length], ['6', 9.5, 1]);
  });

  test('has count and sum and no quantiles when it is a summary', () => {
    const [point] = summary.summary.dataPoints;
    assert.deepEqual([point.count, point.sum, point.quantileValues], ['4', 10, []]);
  });
});

describe('a metric of anybody', () => {
  test('is the same after writing and reading', () => {
    fc.assert(
      fc.property(groupsOf(anyMetric), groups => {
        assert.deepEqual(decodeMetrics(encodeMetrics(groups)), arrives(groups));
      }),
    );
  });

  test('reads the same to protobufjs, which then writes bytes that we read the same', () => {
    fc.assert(
      fc.property(groupsOf(anyMetric), groups => {
        const again = writeForeign('MetricsData', readForeign('MetricsData', encodeMetrics(groups)));
        // protobufjs leaves out what has its default in proto3, and proto3's default of a double is also -0.
        assert.deepEqual(unsigned(decodeMetrics(again)), unsigned(arrives(groups)));
      }),
    );
  });

  test('may come with bucket counts that are not packed', () => {
    const point = [0x42, 0x04, 0x10, 0x05, 0x10, 0x06];
    const metric = [0x52, point.length + 2, 0x0a, point.length, ...point];
    const scope = [0x12, metric.length, ...metric];
    const group = [0x12, scope.length, ...scope];
    const [read] = decodeMetrics(Uint8Array.from([0x0a, group.length, ...group]));
    const item = read?.scopes[0]?.items[0];
    assert.deepEqual(item?.type === 'exponential' && item.points[0]?.positive, { offset: 0, counts: [5, 6] });
  });
});

function unsigned<T>(value: T): T {
  if (Object.is(value, -0)) return 0 as T;
  if (Array.isArray(value)) return value.map(unsigned) as T;
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unsigned(item)])) as T;
}

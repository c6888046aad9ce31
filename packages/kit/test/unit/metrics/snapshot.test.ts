import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metricsWith } from './scrape.ts';

const REF = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
const clock = { now: () => 5000, monotonic: () => 0, epoch: () => 5000 };

test('a snapshot has every family as data, buckets uncumulated', () => {
  const metrics = metricsWith({ clock, namespace: 'divan' });
  metrics
    .counter('c_total', { help: 'count', labels: ['a'] })
    .handle({ a: 'x' })
    .inc(3, REF);
  metrics.gauge('g', { help: 'gauge', unit: 'By' }).set(-1);
  const histogram = metrics.histogram('h_seconds', { help: 'time', unit: 's', buckets: [1, 2] });
  for (const value of [0.5, 1.5, 1.75, 9]) histogram.observe(value);
  histogram.handle().observe(3, REF);
  metrics.summary('s', { help: 'sum' }).observe(4);
  const families = metrics.snapshot().filter(family => !family.name.startsWith('plimsoll_'));
  const exemplar = { ...REF, time: 5000 };
  assert.deepEqual(families, [
    {
      name: 'divan_c_total',
      help: 'count',
      labelNames: ['a'],
      startTime: 5000,
      type: 'counter',
      points: [{ labels: ['x'], value: 3, exemplar: { ...exemplar, value: 3 } }],
    },
    {
      name: 'divan_g',
      help: 'gauge',
      labelNames: [],
      startTime: 5000,
      unit: 'By',
      type: 'gauge',
      points: [{ labels: [], value: -1 }],
    },
    {
      name: 'divan_h_seconds',
      help: 'time',
      labelNames: [],
      startTime: 5000,
      unit: 's',
      type: 'histogram',
      bounds: [1, 2],
      points: [
        {
          labels: [],
          buckets: [1, 2, 2],
          sum: 15.75,
          count: 5,
          exemplars: [undefined, undefined, { ...exemplar, value: 3 }],
        },
      ],
    },
    {
      name: 'divan_s',
      help: 'sum',
      labelNames: [],
      startTime: 5000,
      type: 'summary',
      points: [{ labels: [], sum: 4, count: 1 }],
    },
  ]);
});

test('a snapshot does not change when the metric does', () => {
  const metrics = metricsWith();
  const counter = metrics.counter('c_total', { help: 'h' });
  counter.handle().inc(1, REF);
  const before = metrics.snapshot().find(family => family.name === 'c_total');
  const copy = structuredClone(before);
  counter.handle().inc(5, { ...REF, spanId: 'c'.repeat(16) });
  assert.deepEqual(before, copy);
});

test('a collector that never answers holds a scrape for a second, and others are read', async () => {
  const metrics = metricsWith({ clock });
  const gauge = metrics.gauge('read_now', { help: 'read' });
  metrics.onCollect(() => new Promise(() => {}));
  metrics.onCollect(async () => gauge.set(7));
  const text = Buffer.from(await metrics.expose('prometheus')).toString();
  assert.match(text, /^read_now 7$/m);
});

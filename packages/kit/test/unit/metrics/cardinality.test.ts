import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { metricsWith, samples, seriesOf } from './scrape.ts';

test('10,000 distinct values make as many series as the label may have, and one more', async () => {
  const warnings: string[] = [];
  const metrics = metricsWith({
    maxLabelValues: 50,
    onOverflow: (metric, label) => warnings.push(`${metric} ${label}`),
  });
  const queries = metrics.counter('proximity_queries_total', { help: 'h', labels: ['radius'] });
  for (let radius = 0; radius < 10_000; radius++) queries.inc({ radius });
  queries.inc({ radius: 7 });
  const found = await samples(metrics);
  assert.equal((await seriesOf(metrics, 'proximity_queries_total')).length, 51);
  assert.equal(found.get('proximity_queries_total{radius="other"}'), '9950');
  assert.equal(found.get('proximity_queries_total{radius="7"}'), '2', 'known values keep counting');
  assert.equal(found.get('plimsoll_metrics_overflow_total{metric="proximity_queries_total"}'), '9950');
  assert.deepEqual(warnings, ['proximity_queries_total radius']);
});

test('only the label that overflows becomes other', async () => {
  const metrics = metricsWith({ maxLabelValues: 3 });
  const requests = metrics.counter('r_total', { help: 'h', labels: ['route', 'status'] });
  for (const route of ['/a', '/b', '/c', '/d', '/e'])
    for (const status of [200, 500]) requests.inc({ route, status });
  const found = await samples(metrics);
  assert.equal(found.get('r_total{route="other",status="200"}'), '2');
  assert.equal(found.get('r_total{route="other",status="500"}'), '2');
  assert.equal(found.get('r_total{route="/c",status="500"}'), '1');
});

test('a metric that is full folds its widest label, names it once, and never grows past a bound', async () => {
  const warnings: string[] = [];
  const metrics = metricsWith({ onOverflow: (metric, label) => warnings.push(`${metric} ${label}`) });
  const counter = metrics.counter('c_total', { help: 'h', labels: ['kind', 'id', 'shape'], maxSeries: 100 });
  let total = 0;
  for (let id = 0; id < 400; id++) {
    for (let shape = 0; shape < 100; shape++) {
      counter.inc({ kind: id % 2 ? 'odd' : 'even', id, shape });
      total++;
    }
  }
  const series = await seriesOf(metrics, 'c_total');
  assert.ok(series.length <= 100 + 65, `${series.length} series`);
  const found = await samples(metrics);
  const counted = series.reduce((sum, key) => sum + Number(found.get(key)), 0);
  assert.equal(counted, total, 'no observation is lost');
  assert.equal(new Set(warnings).size, warnings.length, 'one warning per metric and label');
});

test('a removed label set makes room for another', async () => {
  const metrics = metricsWith({ maxLabelValues: 2 });
  const gauge = metrics.gauge('g', { help: 'h', labels: ['id'] });
  for (let id = 0; id < 1000; id++) {
    gauge.set({ id }, id);
    gauge.remove({ id: String(id) });
  }
  gauge.set({ id: 'last' }, 1);
  assert.deepEqual(await seriesOf(metrics, 'g'), ['g{id="last"}']);
});

/** A million takes seconds; ten million are run by hand: `PLIMSOLL_TEST_OBSERVATIONS=10000000`. */
const OBSERVATIONS = Number(process.env['PLIMSOLL_TEST_OBSERVATIONS'] ?? 1_000_000);

test('observations without end over 50,000 label sets leave memory flat, with one warning per label', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const warnings: string[] = [];
  const metrics = metricsWith({ onOverflow: (metric, label) => warnings.push(`${metric} ${label}`) });
  const histogram = metrics.histogram('h_seconds', { help: 'h', labels: ['campus', 'event'] });
  const drive = (from: number, to: number): number => {
    for (let i = from; i < to; i++) {
      const set = i % 50_000;
      histogram.observe({ campus: `campus-${set % 250}`, event: `event-${(set / 250) | 0}-${from}` }, 0.1);
    }
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const full = drive(0, 100_000);
  const later = drive(100_000, OBSERVATIONS);
  assert.ok(later - full < 1_000_000, `grew by ${later - full} bytes`);
  assert.equal(new Set(warnings).size, warnings.length);
  assert.ok(warnings.includes('h_seconds campus') || warnings.includes('h_seconds event'));
});

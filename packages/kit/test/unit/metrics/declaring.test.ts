import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HTTP_DURATION, HTTP_REQUESTS, JOB_RUNS } from '@plimsoll/wire';
import { declare } from '../../../src/signals/metrics/declare.ts';
import { noopMetrics } from '../../../src/signals/metrics/noop.ts';
import { metricsWith, samples, scrape } from './scrape.ts';

const code = (expected: string) => (error: unknown) => (error as { code?: string }).code === expected;

test('the same metric declared twice is one instrument', async () => {
  const metrics = metricsWith();
  const first = metrics.counter('a_total', { help: 'h', labels: ['x', 'y'] });
  const again = metrics.counter('a_total', { help: 'h', labels: ['x', 'y'] });
  assert.equal(again, first);
});

test('one name with another type, help, labels, unit or buckets is refused', () => {
  const metrics = metricsWith();
  metrics.histogram('a', { help: 'h', labels: ['x'], buckets: [1, 2] });
  const duplicate = code('PLIMSOLL_DUPLICATE_METRIC');
  assert.throws(() => metrics.gauge('a', { help: 'h', labels: ['x'] }), duplicate);
  assert.throws(() => metrics.histogram('a', { help: 'other', labels: ['x'], buckets: [1, 2] }), duplicate);
  assert.throws(() => metrics.histogram('a', { help: 'h', labels: ['y'], buckets: [1, 2] }), duplicate);
  assert.throws(() => metrics.histogram('a', { help: 'h', labels: ['x'], buckets: [1, 3] }), duplicate);
  assert.throws(
    () => metrics.histogram('a', { help: 'h', labels: ['x'], buckets: [1, 2], unit: 's' }),
    duplicate,
  );
});

test('two metrics whose samples would share a name are refused', () => {
  const metrics = metricsWith();
  const duplicate = code('PLIMSOLL_DUPLICATE_METRIC');
  metrics.histogram('a', { help: 'h' });
  assert.throws(() => metrics.gauge('a_count', { help: 'h' }), duplicate);
  metrics.counter('b_total', { help: 'h' });
  assert.throws(() => metrics.gauge('b', { help: 'h' }), duplicate);
});

test('names, labels, buckets and namespaces that no scraper takes are refused', () => {
  const metrics = metricsWith();
  const bad = code('PLIMSOLL_BAD_METRIC');
  for (const name of ['', '1a', 'a-b', 'a b', 'é', 'a\n']) {
    assert.throws(() => metrics.gauge(name, { help: 'h' }), bad, name);
  }
  for (const label of ['', '1', 'a-b', 'a:b', '__name__']) {
    assert.throws(() => metrics.gauge('g', { help: 'h', labels: [label] }), bad, label);
  }
  assert.throws(() => metrics.histogram('h', { help: 'h', labels: ['le'] }), bad);
  assert.throws(() => metrics.summary('s', { help: 'h', labels: ['quantile'] }), bad);
  assert.throws(() => metrics.gauge('g', { help: 'h', labels: ['a', 'a'] }), bad);
  for (const buckets of [[], [2, 1], [1, 1], [Number.NaN], [Infinity]]) {
    assert.throws(() => metrics.histogram('h', { help: 'h', buckets }), bad);
  }
  assert.throws(() => metricsWith({ namespace: '9-lives' }), bad);
});

test('the namespace stands before every name but own ones, and a prefix change moves all', async () => {
  for (const namespace of ['divan', 'unihood']) {
    const metrics = metricsWith({ namespace });
    declare(metrics, HTTP_REQUESTS).inc({ route: '/a', method: 'GET', status: 200 });
    metrics.gauge('process_thing', { help: 'h', own: true }).set(1);
    const found = await samples(metrics);
    assert.equal(found.get(`${namespace}_http_requests_total{route="/a",method="GET",status="200"}`), '1');
    assert.equal(found.get('process_thing'), '1');
    assert.match(await scrape(metrics), /^# TYPE plimsoll_metrics_overflow_total counter$/m);
  }
});

test('a counter whose name lacks its suffix gets it, in both formats', async () => {
  const metrics = metricsWith();
  assert.equal(metrics.counter('chat_send', { help: 'h' }).name, 'chat_send_total');
  assert.match(await scrape(metrics), /^# TYPE chat_send_total counter\nchat_send_total 0$/m);
  assert.match(
    await scrape(metrics, 'openmetrics'),
    /^# TYPE chat_send counter\n# HELP chat_send h\nchat_send_total 0$/m,
  );
});

test('a catalog row becomes an instrument whose labels the compiler knows', async () => {
  const metrics = metricsWith();
  declare(metrics, HTTP_DURATION).observe({ route: '/a', method: 'GET' }, 0.03);
  declare(metrics, JOB_RUNS).inc({ name: 'rollover', result: 'ok' });
  // @ts-expect-error: jobs have no label of this name
  const misspelt = () => declare(metrics, JOB_RUNS).inc({ nmae: 'rollover', result: 'ok' });
  assert.equal(typeof misspelt, 'function');
  const found = await samples(metrics);
  assert.equal(found.get('http_request_duration_seconds_bucket{route="/a",method="GET",le="0.05"}'), '1');
  assert.equal(found.get('jobs_runs_total{name="rollover",result="ok"}'), '1');
});

test('a declared metric shows its help and type before its first sample', async () => {
  const metrics = metricsWith();
  metrics.counter('presence_rejects_total', { help: 'Refused "beats" \\ and\nmore', labels: ['reason'] });
  const help = String.raw`# HELP presence_rejects_total Refused "beats" \\ and\nmore`;
  assert.ok((await scrape(metrics)).includes(`${help}\n# TYPE presence_rejects_total counter\n`));
});

test('metrics that are off share their functions and show nothing', async () => {
  const off = metricsWith({ enabled: false });
  assert.equal(off, noopMetrics);
  const counter = off.counter('a b c', { help: 'h', labels: ['x'] });
  const histogram = off.histogram('h', { help: 'h' });
  assert.equal(counter.inc, off.gauge('g', { help: 'h' }).set);
  counter.inc({ x: 1 });
  counter.handle({ x: 2 }).inc();
  assert.equal(counter.handle({ x: 1 }), histogram.handle());
  assert.equal(histogram.startTimer()(), 0);
  assert.deepEqual(off.snapshot(), []);
  assert.equal(await scrape(off), '');
  assert.equal(await scrape(off, 'openmetrics'), '# EOF\n');
});

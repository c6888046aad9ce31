import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metricsWith, samples, scrape } from './scrape.ts';

test('a counter without labels starts at zero and counts', async () => {
  const metrics = metricsWith();
  const sent = metrics.counter('chat_send_total', { help: 'Chat messages sent' });
  assert.equal((await samples(metrics)).get('chat_send_total'), '0');
  sent.inc();
  sent.inc(2.5);
  sent.handle().inc(4);
  assert.equal((await samples(metrics)).get('chat_send_total'), '7.5');
});

test('one label set is one series, whatever the order and the type of its values', async () => {
  const metrics = metricsWith();
  const requests = metrics.counter('http_requests_total', {
    help: 'h',
    labels: ['route', 'method', 'status'],
  });
  requests.inc({ route: '/a', method: 'GET', status: 200 });
  requests.inc({ status: '200', method: 'GET', route: '/a' }, 2);
  requests.handle({ route: '/a', method: 'GET', status: 200 }).inc();
  const found = await samples(metrics);
  assert.equal(found.get('http_requests_total{route="/a",method="GET",status="200"}'), '4');
  assert.equal([...found.keys()].filter(key => key.startsWith('http_requests_total')).length, 1);
});

test('metrics with one, two, four and five labels keep their sets apart', async () => {
  const metrics = metricsWith();
  metrics.counter('one_total', { help: 'h', labels: ['a'] }).inc({ a: true });
  metrics.counter('two_total', { help: 'h', labels: ['a', 'b'] }).inc({ a: 1, b: 2 });
  const four = metrics.counter('four_total', { help: 'h', labels: ['a', 'b', 'c', 'd'] });
  const five = metrics.gauge('five', { help: 'h', labels: ['a', 'b', 'c', 'd', 'e'] });
  for (const d of [1, 2, 1]) four.inc({ a: 1, b: 1, c: 1, d });
  five.set({ a: 1, b: 2, c: 3, d: 4, e: 5 }, 6);
  five.inc({ a: 1, b: 2, c: 3, d: 4, e: 5 });
  const found = await samples(metrics);
  assert.equal(found.get('one_total{a="true"}'), '1');
  assert.equal(found.get('two_total{a="1",b="2"}'), '1');
  assert.equal(found.get('four_total{a="1",b="1",c="1",d="1"}'), '2');
  assert.equal(found.get('four_total{a="1",b="1",c="1",d="2"}'), '1');
  assert.equal(found.get('five{a="1",b="2",c="3",d="4",e="5"}'), '7');
});

test('a gauge goes up and down, may be infinite, and forgets a label set', async () => {
  const metrics = metricsWith();
  const clients = metrics.gauge('socketio_clients', { help: 'h', labels: ['namespace'] });
  clients.set({ namespace: '/a' }, 5);
  clients.dec({ namespace: '/a' });
  clients.inc({ namespace: '/b' }, 3);
  const kept = clients.handle({ namespace: '/b' });
  clients.remove({ namespace: '/b' });
  clients.remove({ namespace: '/never' });
  kept.set(99);
  clients.set({ namespace: '/c' }, -Infinity);
  const found = await samples(metrics);
  assert.equal(found.get('socketio_clients{namespace="/a"}'), '4');
  assert.equal(found.has('socketio_clients{namespace="/b"}'), false);
  assert.equal(found.get('socketio_clients{namespace="/c"}'), '-Inf', 'the slot of a removed set is clean');
  clients.inc({ namespace: '/b' });
  assert.equal((await samples(metrics)).get('socketio_clients{namespace="/b"}'), '1');
});

test('30 ms raise the bucket of 0.05 and up, and the buckets are cumulative', async () => {
  const metrics = metricsWith();
  const duration = metrics.histogram('d_seconds', {
    help: 'h',
    labels: ['route'],
    buckets: [0.01, 0.025, 0.05, 0.1, 1],
  });
  for (const seconds of [0.03, 0.05, 0.2, 7]) duration.observe({ route: '/a' }, seconds);
  const found = await samples(metrics);
  const bucket = (le: string) => found.get(`d_seconds_bucket{route="/a",le="${le}"}`);
  assert.deepEqual(['0.01', '0.025', '0.05', '0.1', '1', '+Inf'].map(bucket), ['0', '0', '2', '2', '3', '4']);
  assert.equal(found.get('d_seconds_count{route="/a"}'), '4');
  assert.equal(Number(found.get('d_seconds_sum{route="/a"}')).toFixed(2), '7.28');
});

test('a summary has a sum and a count', async () => {
  const metrics = metricsWith();
  const latency = metrics.summary('redis_latency_seconds', { help: 'h', unit: 's' });
  latency.observe(0.25);
  latency.handle().observe(0.5);
  const found = await samples(metrics);
  assert.equal(found.get('redis_latency_seconds_sum'), '0.75');
  assert.equal(found.get('redis_latency_seconds_count'), '2');
});

test('a timer observes the seconds that it returns, on the clock of the kit', async () => {
  let now = 1000;
  const metrics = metricsWith({ clock: { now: () => now, monotonic: () => now, epoch: value => value } });
  const duration = metrics.histogram('work_seconds', { help: 'h', labels: ['kind'], buckets: [1, 5] });
  const end = duration.startTimer({ kind: 'a' });
  now += 2500;
  assert.equal(end(), 2.5);
  assert.equal((await samples(metrics)).get('work_seconds_sum{kind="a"}'), '2.5');
});

test('a value that cannot be taken changes nothing and is counted', async () => {
  const metrics = metricsWith();
  const counter = metrics.counter('c_total', { help: 'h' });
  const gauge = metrics.gauge('g', { help: 'h' });
  const histogram = metrics.histogram('h', { help: 'h', buckets: [1] });
  const summary = metrics.summary('s', { help: 'h' });
  for (const bad of [Number.NaN, -1, Infinity, '5' as unknown as number, 1n as unknown as number])
    counter.inc(bad);
  gauge.set(Number.NaN);
  gauge.inc(Infinity);
  histogram.observe(Number.NaN);
  histogram.observe(Infinity);
  summary.observe(-Infinity);
  const found = await samples(metrics);
  assert.deepEqual(
    ['c_total', 'g', 'h_sum', 'h_count', 's_count'].map(name => found.get(name)),
    ['0', '0', '0', '0', '0'],
  );
  const bad = (metric: string) => found.get(`plimsoll_metrics_bad_values_total{metric="${metric}"}`);
  assert.deepEqual(['c_total', 'g', 'h', 's'].map(bad), ['5', '2', '2', '1']);
});

test('a handle stays good while its metric grows by thousands of series', async () => {
  const metrics = metricsWith({ maxSeries: 10_000, maxLabelValues: 10_000 });
  const counter = metrics.counter('c_total', { help: 'h', labels: ['id'] });
  const first = counter.handle({ id: 0 });
  for (let id = 0; id < 5000; id++) counter.inc({ id });
  first.inc(10);
  assert.equal((await samples(metrics)).get('c_total{id="0"}'), '11');
});

test('a collector runs on every read, and one that throws leaves its old value and hurts nobody', async () => {
  const metrics = metricsWith();
  let reads = 0;
  const broken = metrics.gauge('broken', {
    help: 'h',
    collect: () => {
      throw new Error('no');
    },
  });
  broken.set(3);
  metrics.gauge('reads', { help: 'h', collect: gauge => gauge.set(++reads) });
  await scrape(metrics);
  metrics.snapshot();
  const found = await samples(metrics);
  assert.equal(found.get('reads'), '3');
  assert.equal(found.get('broken'), '3');
});

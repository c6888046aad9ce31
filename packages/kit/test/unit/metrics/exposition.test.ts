import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONTENT_TYPES } from '../../../src/signals/metrics/exposition.ts';
import { negotiate } from '../../../src/signals/metrics/negotiate.ts';
import { metricsWith, samples, scrape } from './scrape.ts';

const REF = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
const at = (now: number) => ({ now: () => now, monotonic: () => now, epoch: (value: number) => value });

test('a scraper gets OpenMetrics only where it asks for it by name, and not for less than plain text', () => {
  const prometheus =
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
  assert.equal(negotiate(prometheus), 'openmetrics');
  assert.equal(negotiate('Application/OpenMetrics-Text; version="1.0.0"; charset=utf-8'), 'openmetrics');
  assert.equal(negotiate('application/openmetrics-text'), 'openmetrics');
  for (const accept of [
    undefined,
    '',
    '*/*',
    'text/plain',
    'text/html,application/xhtml+xml',
    'application/openmetrics-text;version=0.0.1',
    'application/openmetrics-text;q=0',
    'application/openmetrics-text;q=0.2,text/plain;q=0.8',
    'application/openmetrics-text;q=nonsense',
    ',;,;=;q=openmetrics',
  ]) {
    assert.equal(negotiate(accept), 'prometheus', String(accept));
  }
});

test('each format has its own content type', () => {
  assert.equal(CONTENT_TYPES.prometheus, 'text/plain; version=0.0.4; charset=utf-8');
  assert.equal(CONTENT_TYPES.openmetrics, 'application/openmetrics-text; version=1.0.0; charset=utf-8');
});

test('OpenMetrics has the end mark, the unit, the family name and bounds as floats', async () => {
  const metrics = metricsWith();
  metrics.histogram('d_seconds', { help: 'a "d"', unit: 's', buckets: [0.5, 1, 10, 2e6] }).observe(0.7);
  metrics.gauge('size_bytes', { help: 's', unit: 'By' }).set(12);
  metrics.gauge('speed', { help: 'm', unit: 'm/s' }).set(1);
  const text = await scrape(metrics, 'openmetrics');
  assert.ok(text.endsWith('\n# EOF\n'));
  assert.ok(
    text.includes('# TYPE d_seconds histogram\n# UNIT d_seconds seconds\n# HELP d_seconds a \\"d\\"\n'),
  );
  assert.ok(text.includes('# UNIT size_bytes bytes\n'));
  assert.equal(text.includes('# UNIT speed'), false);
  const bounds = [...text.matchAll(/le="([^"]+)"/g)].map(match => match[1]);
  assert.deepEqual(bounds, ['0.5', '1.0', '10.0', '2e+06', '+Inf']);
  const plain = [...(await scrape(metrics)).matchAll(/le="([^"]+)"/g)].map(match => match[1]);
  assert.deepEqual(plain, ['0.5', '1', '10', '2e+06', '+Inf']);
});

test('every finite number arrives as it is', async () => {
  const metrics = metricsWith();
  const gauge = metrics.gauge('g', { help: 'h', labels: ['i'] });
  const numbers = [
    ...[0, 1, 9, 10, 99, 100, 12345, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 999999999, 1e9, 2 ** 53, 1e21, 1e300],
    ...[-1, -(2 ** 31), 0.1, 1 / 3, -2.5, 5e-324, Number.MAX_VALUE, 123456.789],
  ];
  numbers.forEach((value, i) => {
    gauge.set({ i }, value);
  });
  const found = await samples(metrics);
  for (const [i, value] of numbers.entries()) assert.equal(Number(found.get(`g{i="${i}"}`)), value);
});

test('an exemplar stands on its bucket and on its counter, in OpenMetrics alone', async () => {
  const metrics = metricsWith({ clock: at(1_700_000_000_123) });
  metrics
    .histogram('d_seconds', { help: 'h', buckets: [1, 2] })
    .handle()
    .observe(1.5, REF);
  metrics.counter('c_total', { help: 'h' }).handle().inc(2, REF);
  const text = await scrape(metrics, 'openmetrics');
  const ids = `{trace_id="${REF.traceId}",span_id="${REF.spanId}"}`;
  assert.ok(text.includes(`d_seconds_bucket{le="2.0"} 1 # ${ids} 1.5 1700000000.123\n`));
  assert.ok(text.includes(`c_total 2 # ${ids} 2 1700000000.123\n`));
  assert.equal(text.split('trace_id').length, 3);
  assert.equal((await scrape(metrics)).includes('trace_id'), false);
});

test('the newest exemplar wins; ids that are none are left out; the option turns all of them off', async () => {
  const metrics = metricsWith();
  const histogram = metrics.histogram('d_seconds', { help: 'h', buckets: [1] }).handle();
  histogram.observe(0.5, REF);
  histogram.observe(0.6, { ...REF, spanId: 'c'.repeat(16) });
  histogram.observe(5, { traceId: '"} 1\nevil', spanId: 'x' });
  const text = await scrape(metrics, 'openmetrics');
  assert.match(text, /le="1\.0"\} 2 # \{trace_id="0af7651916cd43dd8448eb211c80319c",span_id="c{16}"\} 0\.6 /);
  assert.match(text, /le="\+Inf"\} 3\n/);
  const without = metricsWith({ exemplars: false });
  without.counter('c_total', { help: 'h' }).handle().inc(1, REF);
  assert.equal((await scrape(without, 'openmetrics')).includes('trace_id'), false);
});

test('a large scrape gives the event loop back, and is of one moment', async () => {
  const metrics = metricsWith({ maxSeries: 60_000, maxLabelValues: 60_000 });
  const counter = metrics.counter('c_total', { help: 'h', labels: ['id'] });
  for (let id = 0; id < 50_000; id++) counter.inc({ id });
  const after = metrics.counter('d_total', { help: 'h' });
  let turns = 0;
  let done = false;
  const work = (): void => {
    turns++;
    for (let id = 0; id < 50_000; id += 100) counter.inc({ id });
    counter.inc({ id: `new-${turns}` });
    after.inc();
    if (!done) setImmediate(work);
  };
  setImmediate(work);
  const scraped = samples(metrics);
  const found = await scraped;
  done = true;
  assert.ok(turns > 1, 'other work ran while the text was written');
  const values = new Set(
    [...found].filter(([key]) => /^c_total\{id="\d*00"\}$/.test(key)).map(([, value]) => value),
  );
  assert.equal(values.size, 1, 'all series that rise together show one value');
  assert.equal(Number(found.get('d_total')) + 1, Number([...values][0]), 'in another family as well');
});

test('scrapes at the same time do not disturb each other', async () => {
  const metrics = metricsWith();
  metrics.counter('c_total', { help: 'h', labels: ['id'] }).inc({ id: 'é😀' });
  const texts = await Promise.all([1, 2, 3, 4].map(() => scrape(metrics)));
  assert.equal(new Set(texts).size, 1);
  assert.ok(texts[0]?.includes('c_total{id="é😀"} 1\n'));
});

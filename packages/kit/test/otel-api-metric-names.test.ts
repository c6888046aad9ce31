import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { metrics } from '@opentelemetry/api';
import { metricOfFamily } from '@plimsoll/wire';
import { type Registered, registered } from './otel/open.ts';
import { samples, scrape, seriesOf } from './unit/metrics/scrape.ts';

let obs: Registered;
before(async () => {
  obs = await registered({ namespace: 'divan' });
});
after(() => obs.close());
const now = () => metrics.getMeterProvider().getMeter('test', '1');
const read = async (series: string): Promise<string | undefined> =>
  (await samples(obs.kit.metrics)).get(series);
const families = () => obs.kit.metrics.snapshot();

describe('the name of a metric', () => {
  const named = async (name: string, unit: string | undefined, make = 'createCounter' as const) => {
    const before = new Set(families().map(family => family.name));
    now()
      [make](name, unit === undefined ? {} : { unit })
      .add(1);
    return families()
      .map(family => family.name)
      .filter(one => !before.has(one));
  };

  it('is the same in OTLP and Prometheus: dots are underscores, and the unit is a word', async () => {
    assert.deepEqual(await named('a.b-c/d', undefined), ['a_b_c_d_total']);
    assert.deepEqual(await named('cpu.time', 's'), ['cpu_time_seconds_total']);
    assert.deepEqual(await named('io_bytes', 'By'), ['io_bytes_total']);
    assert.deepEqual(await named('rate', '{request}/s'), ['rate_per_second_total']);
    assert.deepEqual(await named('flow', 'By/min'), ['flow_bytes_per_minute_total']);
    assert.deepEqual(await named('done_total', '1'), ['done_total']);
    assert.deepEqual(await named('own', '{thing}'), ['own_total']);
    for (const family of families()) assert.equal(metricOfFamily(family, 0).name, family.name);
  });

  it('has no namespace: what the field calls a metric is what a dashboard looks for', async () => {
    now().createHistogram('http.client.request.duration', { unit: 's' }).record(0.1);
    assert.ok(families().some(({ name }) => name === 'http_client_request_duration_seconds'));
  });

  it('is one metric for all meters', async () => {
    metrics.getMeterProvider().getMeter('one').createCounter('shared').add(1);
    metrics.getMeterProvider().getMeter('two', '2').createCounter('Shared').add(2);
    assert.equal(await read('shared_total'), '3');
  });

  it('that is taken, or is none, makes an instrument that keeps nothing, and says so once', async () => {
    const lines: string[] = [];
    const stop = obs.kit.onLine(line => void lines.push(line));
    obs.kit.metrics.counter('taken', { help: 'ours', own: true, labels: ['mine'] }).inc({ mine: 'x' });
    now().createCounter('taken').add(1);
    now().createCounter('taken').add(1);
    now().createCounter('kind').add(1);
    now().createUpDownCounter('kind_total').add(1);
    now().createHistogram('other.kind').record(1);
    now().createGauge('other.kind').record(1);
    for (const bad of ['', '1a', 'ü', 'a b', `a${'b'.repeat(255)}`]) now().createCounter(bad).add(1);
    assert.equal(await read('taken_total{mine="x"}'), '1');
    assert.equal((await seriesOf(obs.kit.metrics, 'taken_total')).length, 1);
    void stop();
    const ignored = lines.filter(line => /otel_metric_ignored(?!.*"callback")/.test(line));
    assert.equal(ignored.filter(line => line.includes('"taken"')).length, 1);
    assert.equal(ignored.length, 8, ignored.join('\n'));
  });
});

describe('attributes as labels', () => {
  it('may come up at any time; label sets without them have them empty, and nothing is lost', async () => {
    const counter = now().createCounter('growing');
    counter.add(1, { a: 'x' });
    counter.add(1, { b: 'y', a: 'x' });
    counter.add(1, { a: 'x' });
    counter.add(1, { c: true });
    const series = await samples(obs.kit.metrics);
    assert.equal(series.get('growing_total{a="x",b="",c=""}'), '2');
    assert.equal(series.get('growing_total{a="x",b="y",c=""}'), '1');
    assert.equal(series.get('growing_total{a="",b="",c="true"}'), '1');
  });

  it('have names that Prometheus takes', async () => {
    now().createHistogram('odd').record(1, { le: 1, 'a.b': 1, a_b: 2, __x: 1, '1': 1, ü: 1 });
    const [first] = (await seriesOf(obs.kit.metrics, 'odd_count')) as [string];
    assert.match(first, /attr_le="1"/);
    assert.match(first, /a_b="1;2"/);
    assert.match(first, /attr_1="1"/);
  });

  it('show nothing personal', async () => {
    now()
      .createCounter('private')
      .add(1, { 'user.id': 'u-17', mail: 'a@b.example', note: 'call a@b.example' });
    const text = await scrape(obs.kit.metrics);
    assert.doesNotMatch(text, /u-17|a@b/);
  });

  it('are capped in number and in values', async () => {
    const counter = now().createCounter('capped');
    for (let i = 0; i < 3000; i++) counter.add(1, { id: `n${i}` });
    const many: Record<string, number> = {};
    for (let i = 0; i < 40; i++) many[`k${i}`] = i;
    now().createCounter('wide').add(1, many);
    const series = await seriesOf(obs.kit.metrics, 'capped_total');
    assert.ok(series.length <= 600, String(series.length));
    assert.ok(series.includes('capped_total{id="other"}'));
    const [wide = ''] = await seriesOf(obs.kit.metrics, 'wide_total');
    assert.equal(wide.split('=').length - 1, 16);
  });

  it('of every type, and none, do no harm', async () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    const counter = now().createCounter('hostile');
    counter.add(1, { a: [1, 'x'], b: { c: 1 }, d: 10n, e: undefined, f: null, g: circular });
    counter.add(1, null as never);
    counter.add(1, 'text' as never);
    assert.ok((await seriesOf(obs.kit.metrics, 'hostile_total')).length >= 2);
  });
});

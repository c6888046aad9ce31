import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metricsWith, samples, scrape, seriesOf } from './scrape.ts';

async function shown(value: unknown): Promise<string> {
  const metrics = metricsWith();
  metrics.counter('c_total', { help: 'h', labels: ['v'] }).inc({ v: value as string });
  const [key = ''] = await seriesOf(metrics, 'c_total');
  return key.slice('c_total{v="'.length, -'"}'.length);
}

test('quotes, backslashes and line feeds of a label value are escaped', async () => {
  assert.equal(await shown('a"b\\c\nd'), 'a\\"b\\\\c\\nd');
});

test('a lone surrogate becomes U+FFFD, a pair stays, and a long value is cut', async () => {
  assert.equal(await shown('a\ud800b'), 'a\ufffdb');
  assert.equal(await shown('😀'), '😀');
  assert.equal(await shown('x'.repeat(129)), 'x'.repeat(128));
  assert.equal(await shown(`${'x'.repeat(127)}😀`), `${'x'.repeat(127)}\ufffd`);
});

test('what is no label value at all is an empty one, and never throws', async () => {
  const hostile = {
    toString() {
      throw new Error('no');
    },
  };
  for (const value of [undefined, null, {}, [], hostile, Symbol('x'), () => 1]) {
    assert.equal(await shown(value), '');
  }
  const metrics = metricsWith();
  const counter = metrics.counter('c_total', { help: 'h', labels: ['v'] });
  (counter.inc as (labels?: unknown) => void).call(counter, null);
  assert.equal((await samples(metrics)).get('c_total{v=""}'), '1');
});

test('a label value passes the sanitiser, which is asked once per spelling', async () => {
  const asked: string[] = [];
  const metrics = metricsWith({
    sanitize: (label, value) => {
      asked.push(`${label}=${value}`);
      return value.replace(/\S+@\S+/, '[email]');
    },
  });
  const counter = metrics.counter('c_total', { help: 'h', labels: ['who'] });
  for (let i = 0; i < 100; i++) counter.inc({ who: 'ann@example.org' });
  counter.inc({ who: 'bob@example.org' });
  assert.deepEqual(asked, ['who=ann@example.org', 'who=bob@example.org']);
  assert.equal((await samples(metrics)).get('c_total{who="[email]"}'), '101');
});

test('a sanitiser that throws gives the value other', async () => {
  const metrics = metricsWith({
    sanitize: () => {
      throw new Error('no');
    },
  });
  metrics.counter('c_total', { help: 'h', labels: ['who'] }).inc({ who: 'ann' });
  assert.deepEqual(await seriesOf(metrics, 'c_total'), ['c_total{who="other"}']);
});

test('names of the language itself are values like any other', async () => {
  for (const value of ['__proto__', 'constructor', 'toString']) assert.equal(await shown(value), value);
  const metrics = metricsWith();
  metrics.gauge('g', { help: 'h', labels: ['constructor'] }).set({ constructor: 'x' } as never, 1);
  assert.match(await scrape(metrics), /^g\{constructor="x"\} 1$/m);
});

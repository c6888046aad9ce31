import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { HTTP_DURATION, HTTP_REQUESTS, JOB_DURATION, JOB_RUNS } from '@plimsoll/wire';
import {
  complaints,
  DISLIKED,
  FORMATS,
  hasParser,
  hasPromtool,
  parsed,
} from '../../../test/support/exposition.ts';
import { present } from '../../../test/support/has.ts';
import { systemClock } from '../src/base/clock.ts';
import type { Kit } from '../src/kernel/part.ts';
import { runtime } from '../src/parts/runtime/part.ts';
import { declare } from '../src/signals/metrics/declare.ts';
import { createMetrics } from '../src/signals/metrics/registry.ts';
import type { Metrics } from '../src/signals/metrics/types.ts';

const REF = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };

test('a strict parser of each format reads every value back', async t => {
  if (!hasParser(t)) return;
  const { metrics, stop } = await driven();
  t.after(stop);
  for (const format of FORMATS) {
    const families = parsed(await metrics.expose(format), format);
    const family = (name: string) => families.find(one => one.name === name)!;
    // The parser of the older format strips the suffix itself.
    const requests = family('divan_http_requests');
    assert.equal(requests.type, 'counter');
    assert.equal(requests.help, HTTP_REQUESTS.help);
    assert.deepEqual(
      requests.samples.map(({ labels, value }) => ({ labels, value: Number(value) })),
      [{ labels: { route: '/a "q" \\ \n end', method: 'GET', status: '200' }, value: 42 }],
    );
    const duration = family('divan_http_request_duration_seconds');
    assert.equal(duration.type, 'histogram');
    assert.equal(duration.samples.length, HTTP_DURATION.buckets.length + 3);
    assert.equal(Number(duration.samples.find(sample => sample.labels['le'] === '0.05')?.value), 1);
    if (format === 'openmetrics') {
      const marked = duration.samples.filter(sample => sample.exemplar !== null);
      assert.deepEqual(
        marked.map(sample => sample.exemplar),
        [{ trace_id: REF.traceId, span_id: REF.spanId }],
      );
      assert.equal(duration.unit, 'seconds');
    }
    assert.equal(family('divan_redis_latency_seconds').type, 'summary');
    assert.ok(family('nodejs_eventloop_lag_p99_seconds').samples.length === 1);
  }
});

test('every naughty string survives as a label value, in both formats', async t => {
  if (!hasParser(t)) return;
  const file = new URL('../../../../shared/fixtures/blns.json', import.meta.url);
  if (!present(t, existsSync(file), 'get blns.json from github.com/minimaxir/big-list-of-naughty-strings'))
    return;
  const strings = [
    ...(JSON.parse(readFileSync(file, 'utf8')) as string[]),
    '\0',
    'a\rb',
    '\u2028',
    '\u0085',
    '\x1c',
    '\\n',
  ];
  const metrics = createMetrics({ clock: systemClock(), maxLabelValues: 2000 });
  const counter = metrics.counter('naughty_total', { help: strings.join('\n'), labels: ['text', 'index'] });
  for (const [index, text] of strings.entries()) counter.inc({ text, index });
  for (const format of FORMATS) {
    const found = parsed(await metrics.expose(format), format).find(family => family.name === 'naughty')!;
    assert.equal(found.samples.length, strings.length);
    for (const [i, sample] of found.samples.entries()) {
      assert.equal(sample.labels['text'], strings[i]!.slice(0, 128).toWellFormed());
    }
  }
  if (hasPromtool(t)) {
    assert.deepEqual(complaints(await metrics.expose('prometheus')), []);
  }
});

test("promtool complains of prom-client's three gauges and of nothing else", async t => {
  if (!hasPromtool(t)) return;
  const { metrics, stop } = await driven();
  t.after(stop);
  assert.deepEqual(complaints(await metrics.expose('prometheus')), DISLIKED);
});

/** A registry as a driven service has it: catalog rows, odd labels, exemplars, runtime metrics. */
async function driven(): Promise<{ metrics: Metrics; stop: () => Promise<void> }> {
  const clock = systemClock();
  const metrics = createMetrics({ clock, namespace: 'divan' });
  declare(metrics, HTTP_REQUESTS).inc({ route: '/a "q" \\ \n end', method: 'GET', status: 200 }, 42);
  declare(metrics, HTTP_DURATION).handle({ route: '/a', method: 'GET' }).observe(0.03, REF);
  declare(metrics, JOB_RUNS).handle({ name: 'rollover', result: 'ok' }).inc(1, REF);
  declare(metrics, JOB_DURATION);
  metrics.gauge('postgres_up', { help: '1 while PostgreSQL answers' }).set(1);
  metrics.summary('redis_latency_seconds', { help: 'Time of a ping', unit: 's' }).observe(0.002);
  metrics.counter('bad_total', { help: 'Never incremented' }).inc(-1);
  const stop = await runtime.setup({ clock, metrics } as Kit);
  return { metrics, stop: async () => stop?.() };
}

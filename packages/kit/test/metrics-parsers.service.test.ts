import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { HTTP_DURATION, HTTP_REQUESTS, JOB_DURATION, JOB_RUNS } from '@plimsoll/wire';
import { systemClock } from '../src/base/clock.ts';
import type { Kit } from '../src/kernel/part.ts';
import { runtime } from '../src/parts/runtime/part.ts';
import { declare } from '../src/signals/metrics/declare.ts';
import { createMetrics } from '../src/signals/metrics/registry.ts';
import type { Exposition, Metrics } from '../src/signals/metrics/types.ts';

const PYTHON = '/usr/bin/python3';
const PARSE = `
import sys, json, io
data = io.TextIOWrapper(sys.stdin.buffer, encoding='utf-8', newline='').read()
if sys.argv[1] == 'openmetrics':
    from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
else:
    from prometheus_client.parser import text_string_to_metric_families as parse
print(json.dumps([{'name': f.name, 'type': f.type, 'help': f.documentation, 'unit': f.unit, 'samples': [
    {'name': s.name, 'labels': s.labels, 'value': repr(s.value), 'exemplar': s.exemplar and s.exemplar.labels}
    for s in f.samples]} for f in parse(data)]))`;

interface Parsed {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly unit: string;
  readonly samples: readonly {
    readonly name: string;
    readonly labels: Record<string, string>;
    readonly value: string;
    readonly exemplar: Record<string, string> | null;
  }[];
}

const FORMATS = ['prometheus', 'openmetrics'] as const;
const REF = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };

test('a strict parser of each format reads every value back', async t => {
  if (!has(t, PYTHON, ['-c', 'import prometheus_client'], 'apt install python3-prometheus-client')) return;
  const { metrics, stop } = await driven();
  t.after(stop);
  for (const format of FORMATS) {
    const families = await parsed(metrics, format);
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
  if (!has(t, PYTHON, ['-c', 'import prometheus_client'], 'apt install python3-prometheus-client')) return;
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
    const found = (await parsed(metrics, format)).find(family => family.name === 'naughty')!;
    assert.equal(found.samples.length, strings.length);
    for (const [i, sample] of found.samples.entries()) {
      assert.equal(sample.labels['text'], strings[i]!.slice(0, 128).toWellFormed());
    }
  }
  if (has(t, 'promtool', ['--version'], 'apt install prometheus')) {
    const check = spawnSync('promtool', ['check', 'metrics'], {
      input: Buffer.from(await metrics.expose('prometheus')),
    });
    assert.equal(check.status, 0, String(check.stderr));
  }
});

test("promtool complains of prom-client's three gauges and of nothing else", async t => {
  if (!has(t, 'promtool', ['--version'], 'apt install prometheus')) return;
  const { metrics, stop } = await driven();
  t.after(stop);
  const input = Buffer.from(await metrics.expose('prometheus'));
  const { stderr, stdout } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
  const complaints = `${stdout}${stderr}`.trim().split('\n').sort();
  const suffix = 'non-counter metrics should not have "_total" suffix';
  assert.deepEqual(
    complaints,
    ['handles', 'requests', 'resources'].map(kind => `nodejs_active_${kind}_total ${suffix}`),
  );
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

async function parsed(metrics: Metrics, format: Exposition): Promise<readonly Parsed[]> {
  const input = Buffer.from(await metrics.expose(format));
  const { status, stdout, stderr } = spawnSync(PYTHON, ['-c', PARSE, format], { input, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

function has(t: TestContext, command: string, args: readonly string[], how: string): boolean {
  return present(t, spawnSync(command, args).status === 0, how);
}

function present(t: TestContext, found: boolean, how: string): boolean {
  if (found) return true;
  if (process.env['PLIMSOLL_TEST_REQUIRE'] === 'all') throw new Error(how);
  t.skip(how);
  return false;
}

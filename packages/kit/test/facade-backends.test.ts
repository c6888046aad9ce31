import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { decodeLogs, decodeTraces, type SpanRecord } from '@plimsoll/wire';
import { type LogLine, runProgram } from './unit/facade/run.ts';
import { openSink, type Sink } from './unit/parts/support.ts';

interface Served {
  readonly wrong: number;
  readonly series: readonly string[];
  readonly facade: readonly string[];
  readonly log: LogLine[];
}

const ON = { TELEMETRY_ENABLED: 'true', OBS_ENV: 'development' };
const serve = (env: Record<string, string>) => runProgram<Served>('service.ts', { env: { ...ON, ...env } });
const ofFacade = (log: readonly LogLine[]) => log.filter(({ logger }) => logger === 'telemetry');
const calls = (log: readonly LogLine[]) =>
  ofFacade(log).filter(({ msg }) => /^telemetry_(event|metric|timing)$/.test(msg));
const warnings = (log: readonly LogLine[]) => log.filter(({ level }) => level === 'warn');

function assertCounted(series: readonly string[]): void {
  for (const line of [
    'telemetry_events_total{event="signup"} 1',
    'telemetry_events_total{event="tick"} 1',
    'telemetry_metric{name="queue_depth"} 7',
    'telemetry_operation_duration_seconds_sum{operation="render"} 0.25',
    'telemetry_operation_duration_seconds_count{operation="render"} 1',
  ]) {
    assert.ok(series.includes(line), line);
  }
}

function assertLogged(log: readonly LogLine[]): void {
  const [event, metric, timing, tick, ...more] = calls(log);
  assert.deepEqual(more, []);
  assert.equal(event?.['event'], 'signup');
  assert.deepEqual(event?.['properties'], { plan: 'pro', password: '[redacted]', room_count: 3 });
  assert.deepEqual(
    [metric?.['metric'], metric?.['value'], metric?.['tags']],
    ['queue_depth', 7, { queue: 'mail' }],
  );
  assert.deepEqual(
    [timing?.['operation'], timing?.['duration_ms'], timing?.['tags']],
    ['render', 250, { scene: 'intro' }],
  );
  assert.equal(tick?.['event'], 'tick');
  assert.ok(event?.trace_id && event.trace_id === timing?.trace_id && event.trace_id !== tick?.trace_id);
}

describe('the backend of the facade', () => {
  it('is noop when TELEMETRY_ENABLED stands alone: one info line, and nothing else', async () => {
    const { series, facade, log } = await serve({});
    assert.deepEqual(
      log.map(({ level, msg }) => ({ level, msg })),
      [{ level: 'info', msg: 'telemetry initialized (noop)' }],
    );
    assert.deepEqual([series, facade], [[], ['part.ts']]);
  });

  it('prom puts the calls into metrics, and tags into no label', async () => {
    const { series, facade, log } = await serve({ TELEMETRY_BACKEND: 'prom' });
    assertCounted(series);
    assert.ok(!series.some(line => /mail|intro|pro"/.test(line)));
    assert.deepEqual(calls(log), []);
    assert.ok(facade.includes('prom.ts') && !facade.includes('otel.ts'));
  });

  it('otel puts the calls into logs, redacted and with the ids of their trace', async () => {
    const { series, facade, log } = await serve({ TELEMETRY_BACKEND: 'otel' });
    assertLogged(log);
    assert.deepEqual(series, []);
    assert.ok(facade.includes('otel.ts') && !facade.includes('prom.ts'));
  });

  it('hybrid puts them into both', async () => {
    const { series, log } = await serve({ TELEMETRY_BACKEND: 'hybrid' });
    assertCounted(series);
    assertLogged(log);
  });

  it('is noop, with one warning that names the known ones, when it has an unknown name', async () => {
    const { series, log } = await serve({ TELEMETRY_BACKEND: 'statsd' });
    assert.equal(warnings(log).length, 1);
    assert.match(JSON.stringify(warnings(log)), /TELEMETRY_BACKEND.*noop, prom, otel, hybrid/);
    assert.deepEqual(
      ofFacade(log).map(({ msg }) => msg),
      ['telemetry initialized (noop)'],
    );
    assert.deepEqual(series, []);
  });

  it('is set up once by two inits, and each call is counted once', async () => {
    const { series, log } = await serve({ TELEMETRY_BACKEND: 'hybrid', INITS: '2' });
    assert.equal(ofFacade(log).filter(({ msg }) => msg.startsWith('telemetry initialized')).length, 1);
    assertCounted(series);
    assertLogged(log);
  });

  it('leaves the service running with one warning when its module is missing, and the other works', async () => {
    const alone = await serve({ TELEMETRY_BACKEND: 'otel', MISSING: 'otel.ts' });
    assert.deepEqual(
      warnings(alone.log).map(({ msg }) => msg),
      ['telemetry_backend_unavailable'],
    );
    assert.deepEqual([alone.series, calls(alone.log)], [[], []]);
    const both = await serve({ TELEMETRY_BACKEND: 'hybrid', MISSING: 'otel.ts' });
    assert.equal(warnings(both.log).length, 1);
    assertCounted(both.series);
  });

  it('leaves the service running with one warning when metrics are off', async () => {
    const { series, log } = await serve({ TELEMETRY_BACKEND: 'prom', METRICS_OFF: '1' });
    assert.deepEqual(
      warnings(log).map(({ msg }) => msg),
      ['telemetry_backend_needs_option'],
    );
    assert.deepEqual(series, []);
  });

  it('keeps misuse from the caller, and warns once for each function and backend', async () => {
    const { wrong, log } = await serve({ TELEMETRY_BACKEND: 'hybrid', MISUSE: '1' });
    assert.equal(wrong, 0);
    const failed = warnings(log).filter(({ msg }) => msg === 'telemetry_call_failed');
    const found = failed.map(line => `${line['call']} ${line['backend']}`);
    const wanted = ['track_event', 'track_metric', 'track_timing'].flatMap(call => [
      `${call} otel`,
      `${call} prom`,
    ]);
    assert.deepEqual(found.toSorted(), wanted);
  });
});

describe('the facade with a collector', () => {
  let sink: Sink;
  before(async () => {
    sink = await openSink();
  });
  after(() => sink.close());

  it('sends the calls as events and spans, and as log records, redacted', async () => {
    await serve({
      TELEMETRY_BACKEND: 'otel',
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
      OTEL_METRICS_EXPORTER: 'none',
    });
    const bodies = (path: string) => sink.received.filter(one => one.path === path).map(({ body }) => body);
    const spans = bodies('/v1/traces').flatMap(body =>
      decodeTraces(body).flatMap(group => group.scopes.flatMap(scope => scope.items as SpanRecord[])),
    );
    const named = (name: string) => spans.filter(span => span.name === name);
    const [request] = named('request');
    const [render] = named('render');
    assert.deepEqual(
      request?.events.map(({ name }) => name),
      ['signup', 'telemetry_metric'],
    );
    assert.equal(request?.events[0]?.attributes['plan'], 'pro');
    assert.deepEqual(request?.events[1]?.attributes, {
      queue: 'mail',
      'telemetry.metric': 'queue_depth',
      'telemetry.value': 7,
    });
    assert.equal(render?.parentSpanId, request?.spanId);
    assert.equal(Math.round((render?.endTime ?? 0) - (render?.startTime ?? 0)), 250);
    assert.equal(named('tick').length, 1);

    const logs = bodies('/v1/logs').flatMap(body =>
      decodeLogs(body).flatMap(group => group.scopes.flatMap(scope => scope.items)),
    );
    const facade = logs.filter(({ body }) => String(body).startsWith('telemetry_'));
    assert.equal(facade.length, 4);
    for (const { body } of sink.received) assert.ok(!body.includes('hunter2secret'));
  });
});

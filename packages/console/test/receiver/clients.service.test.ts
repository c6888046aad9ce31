import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { receive } from '../support/receiving.ts';

/**
 * The official exporters as clients. They come with the peers that `bench/` measures, since they would otherwise
 * double the main install; the slices of them that are used here are written down, for the same reason.
 */
const bench = resolve(import.meta.dirname, '../../../../bench/package.json');

interface SpanContext {
  traceId: string;
  spanId: string;
}
interface Exporter {
  shutdown(): Promise<void>;
}
type Load = (name: string) => Record<string, new (...args: readonly unknown[]) => never>;

function peers(t: TestContext): Load | undefined {
  const folder = resolve(bench, '../node_modules/@opentelemetry/exporter-trace-otlp-grpc');
  if (existsSync(folder)) return createRequire(bench) as unknown as Load;
  const how = 'the official exporters are installed by `npm ci` in bench/';
  if (process.env['PLIMSOLL_TEST_REQUIRE'] === 'all') throw new Error(how);
  t.skip(how);
  return undefined;
}

const KINDS = [
  ['proto', 'HTTP with protobuf'],
  ['http', 'HTTP with JSON'],
  ['grpc', 'gRPC'],
] as const;
const N = 500;

for (const [kind, title] of KINDS) {
  test(`every span of OpenTelemetry's exporter over ${title} is read back equal by id`, async t => {
    const load = peers(t);
    if (load === undefined) return;
    const { receiver, store } = await receive(t);
    const { BasicTracerProvider, BatchSpanProcessor } = load('@opentelemetry/sdk-trace-base');
    const { resourceFromAttributes } = load('@opentelemetry/resources') as never as {
      resourceFromAttributes(attributes: object): unknown;
    };
    const { OTLPTraceExporter } = load(`@opentelemetry/exporter-trace-otlp-${kind}`);
    const url = kind === 'grpc' ? receiver.grpcUrl : `${receiver.httpUrl}/v1/traces`;
    const compression = kind === 'grpc' ? undefined : 'gzip';
    const exporter = new OTLPTraceExporter!({ url, compression });
    const provider = new BasicTracerProvider!({
      resource: resourceFromAttributes({ 'service.name': 'official' }),
      spanProcessors: [new BatchSpanProcessor!(exporter, { maxQueueSize: 10_000 })],
    }) as never as Exporter & {
      forceFlush(): Promise<void>;
      getTracer(name: string, version: string): Tracer;
    };
    const tracer = provider.getTracer('lib', '2.0');
    const sent = Array.from({ length: N }, (_, i) => {
      const span = tracer.startSpan(`work ${i}`, {
        kind: i % 5,
        startTime: 1_795_000_000_000 + i,
        attributes: { i, even: i % 2 === 0 },
      });
      span.setAttribute('list', ['a', String(i)]);
      span.setAttribute('ratio', i / 7);
      if (i % 10 === 0) span.addEvent('checkpoint', { at: i }, 1_795_000_000_000 + i);
      if (i % 50 === 0) span.setStatus({ code: 2, message: 'broken' });
      span.end(1_795_000_000_000 + i + 5);
      return { ...span.spanContext(), i };
    });
    await provider.forceFlush();
    await provider.shutdown();
    assert.equal((await store.stats()).spans, N);
    for (const { traceId, spanId, i } of sent) {
      const [row] = await store.trace(traceId);
      assert.equal(row?.spanId, spanId);
      assert.deepEqual(
        [row?.name, row?.kind, row?.start, row?.durationMs, row?.service, row?.scope],
        [`work ${i}`, (i % 5) + 1, 1_795_000_000_000 + i, 5, 'official', 'lib'],
      );
      assert.deepEqual(row?.attributes, { i, even: i % 2 === 0, list: ['a', String(i)], ratio: i / 7 });
      const events =
        i % 10 === 0 ? [{ name: 'checkpoint', time: 1_795_000_000_000 + i, attributes: { at: i } }] : [];
      assert.deepEqual(row?.events, events);
      assert.equal(row?.statusMessage, i % 50 === 0 ? 'broken' : undefined);
    }
  });

  test(`every record and point of OpenTelemetry's exporters over ${title} is read back`, async t => {
    const load = peers(t);
    if (load === undefined) return;
    const { receiver, store } = await receive(t);
    const url = (path: string) => (kind === 'grpc' ? receiver.grpcUrl : `${receiver.httpUrl}/v1/${path}`);
    const { LoggerProvider, BatchLogRecordProcessor } = load('@opentelemetry/sdk-logs');
    const { OTLPLogExporter } = load(`@opentelemetry/exporter-logs-otlp-${kind}`);
    const exporter = new OTLPLogExporter!({ url: url('logs') });
    const logs = new LoggerProvider!({
      processors: [batch(BatchLogRecordProcessor!, exporter)],
    }) as never as Exporter & {
      forceFlush(): Promise<void>;
      getLogger(name: string): { emit(record: object): void };
    };
    const logger = logs.getLogger('lib');
    for (let i = 0; i < N; i++) {
      logger.emit({
        body: `line ${i}`,
        severityNumber: 13,
        severityText: 'WARN',
        attributes: { i },
        timestamp: 1_795_000_000_000 + i,
      });
    }
    await logs.forceFlush();
    await logs.shutdown();
    const rows = (await store.logs({ limit: 1000, order: 'oldest' })).items;
    assert.deepEqual(
      rows.map(row => [row.body, row.level, row.severityText, row.attributes['i'], row.time]),
      Array.from({ length: N }, (_, i) => [`line ${i}`, 'warn', 'WARN', i, 1_795_000_000_000 + i]),
    );
    const { MeterProvider, PeriodicExportingMetricReader } = load('@opentelemetry/sdk-metrics');
    const { OTLPMetricExporter } = load(`@opentelemetry/exporter-metrics-otlp-${kind}`);
    const reader = new PeriodicExportingMetricReader!({
      exporter: new OTLPMetricExporter!({ url: url('metrics') }),
    });
    const meters = new MeterProvider!({ readers: [reader] }) as never as Exporter & {
      getMeter(name: string): Meter;
    };
    const meter = meters.getMeter('lib');
    const counter = meter.createCounter('requests', { unit: '1', description: 'how many' });
    const histogram = meter.createHistogram('took', { unit: 'ms' });
    for (let i = 0; i < 100; i++) {
      counter.add(i, { k: String(i % 3) });
      histogram.record(i, { k: 'x' });
    }
    await meters.shutdown();
    const sums = (await store.points({ name: 'requests' })).items.map(({ metric }) =>
      metric.type === 'sum' ? metric.points.map(point => [point.attributes['k'], point.value]) : [],
    );
    assert.deepEqual(sums.flat().sort(), [
      ['0', 1683],
      ['1', 1617],
      ['2', 1650],
    ]);
    const [took] = (await store.points({ name: 'took' })).items;
    assert.ok(took?.metric.type === 'histogram');
    const [point] = took.metric.points;
    assert.deepEqual([point?.count, point?.sum, point?.min, point?.max], [100, 4950, 0, 99]);
  });
}

/** The processor's options moved from its second argument into its first. */
function batch(Processor: new (...args: readonly unknown[]) => never, exporter: unknown): unknown {
  try {
    return new Processor({ exporter, maxQueueSize: 10_000 });
  } catch {
    return new Processor(exporter, { maxQueueSize: 10_000 });
  }
}

interface Meter {
  createCounter(name: string, options: object): { add(value: number, labels: object): void };
  createHistogram(name: string, options: object): { record(value: number, labels: object): void };
}

interface Tracer {
  startSpan(
    name: string,
    options: object,
  ): {
    setAttribute(key: string, value: unknown): void;
    addEvent(name: string, attributes: object, time: number): void;
    setStatus(status: object): void;
    end(time: number): void;
    spanContext(): SpanContext;
  };
}

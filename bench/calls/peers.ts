/** The same calls of the libraries that Node services use today. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import {
  attributes6,
  BUCKETS,
  fields2,
  fields6,
  fields20,
  LABELS1,
  LABELS3,
  logFolder,
  NAMES3,
  nested,
  seconds,
} from './inputs.ts';
import type { Call, Cases } from './measure.ts';

const require = createRequire(import.meta.url);

const promCounter = (labelNames: readonly string[]) =>
  new (require('prom-client').Counter)({ name: 'bench_total', help: 'Bench', labelNames });
const promHistogram = (labelNames: readonly string[]) =>
  new (require('prom-client').Histogram)({
    name: 'bench_seconds',
    help: 'Bench',
    labelNames,
    buckets: BUCKETS,
  });

function otelMeter() {
  const {
    MeterProvider,
    PeriodicExportingMetricReader,
    InMemoryMetricExporter,
  } = require('@opentelemetry/sdk-metrics');
  const reader = new PeriodicExportingMetricReader({
    exporter: new InMemoryMetricExporter(1),
    exportIntervalMillis: 2 ** 31 - 1,
  });
  return new MeterProvider({ readers: [reader] }).getMeter('bench');
}

/** `serialized`: what leaves is OTLP protobuf, in batches, as its exporter would send it; else spans are dropped. */
function otelTracer(serialized: boolean, context = false) {
  const { BasicTracerProvider } = require('@opentelemetry/sdk-trace-node');
  const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');
  const { ProtobufTraceSerializer } = require('@opentelemetry/otlp-transformer');
  let batch: unknown[] = [];
  const processor = {
    onStart() {},
    onEnd(span: unknown) {
      if (!serialized) return;
      batch.push(span);
      if (batch.length < 512) return;
      ProtobufTraceSerializer.serializeRequest(batch);
      batch = [];
    },
    forceFlush: async () => {},
    shutdown: async () => {},
  };
  const Provider = context ? NodeTracerProvider : BasicTracerProvider;
  const provider = new Provider({ spanProcessors: [processor] });
  if (context) provider.register();
  return provider.getTracer('bench');
}

/** `sync: true` with a large buffer, since a loop never lets an asynchronous one drain. */
function pinoLog(fields: (i: number) => object, minLength: number): Call {
  const pino = require('pino');
  const log = pino(pino.destination({ dest: join(logFolder(), 'pino.log'), sync: true, minLength }));
  return i => log.info(fields(i), 'message_sent');
}

function winstonLog(fields: (i: number) => object): Call {
  const { Writable } = require('node:stream');
  const winston = require('winston');
  const stream = new Writable({ write: (_chunk: unknown, _encoding: unknown, done: () => void) => done() });
  const { combine, timestamp, json } = winston.format;
  const log = winston.createLogger({
    format: combine(timestamp(), json()),
    transports: [new winston.transports.Stream({ stream })],
  });
  return i => log.info('message_sent', fields(i));
}

/** What its documentation buffers; with more, it pays more for each line. */
const BUFFER = 4096;

export const cases: Cases = {
  prom_counter_child() {
    const child = promCounter(NAMES3).labels(LABELS3[0]);
    return () => child.inc();
  },
  prom_counter_1_label() {
    const counter = promCounter(['status']);
    return i => counter.inc(LABELS1[i % 4]);
  },
  prom_counter_3_labels() {
    const counter = promCounter(NAMES3);
    return i => counter.inc(LABELS3[i % 100]);
  },
  prom_gauge_3_labels() {
    const gauge = new (require('prom-client').Gauge)({
      name: 'bench_now',
      help: 'Bench',
      labelNames: NAMES3,
    });
    return i => gauge.set(LABELS3[i % 100], i);
  },
  prom_histogram_child() {
    const child = promHistogram(NAMES3).labels(LABELS3[0]);
    return i => child.observe(seconds(i));
  },
  prom_histogram_3_labels() {
    const histogram = promHistogram(NAMES3);
    return i => histogram.observe(LABELS3[i % 100], seconds(i));
  },
  otel_counter_3_labels() {
    const counter = otelMeter().createCounter('bench_total');
    return i => counter.add(1, LABELS3[i % 100]);
  },
  otel_histogram_3_labels() {
    const advice = { explicitBucketBoundaries: BUCKETS };
    const histogram = otelMeter().createHistogram('bench_seconds', { advice });
    return i => histogram.record(seconds(i), LABELS3[i % 100]);
  },
  otel_span_created() {
    const tracer = otelTracer(false);
    return () => tracer.startSpan('work').end();
  },
  otel_span_6_attributes() {
    const tracer = otelTracer(false);
    return i => tracer.startSpan('work', { attributes: attributes6(i) }).end();
  },
  otel_span_6_attributes_encoded() {
    const tracer = otelTracer(true);
    return i => tracer.startSpan('work', { attributes: attributes6(i) }).end();
  },
  otel_span_active_encoded() {
    const tracer = otelTracer(true, true);
    const run = (span: { end(): void }): void => span.end();
    return i => tracer.startActiveSpan('work', { attributes: attributes6(i) }, run);
  },
  otel_api_off_span() {
    const tracer = require('@opentelemetry/api').trace.getTracer('bench');
    return () => tracer.startSpan('work').end();
  },
  otel_api_off_counter() {
    const counter = require('@opentelemetry/api').metrics.getMeter('bench').createCounter('bench_total');
    return i => counter.add(1, LABELS3[i % 100]);
  },
  pino_2_fields: () => pinoLog(fields2, BUFFER),
  pino_6_fields: () => pinoLog(fields6, BUFFER),
  pino_20_fields: () => pinoLog(fields20, BUFFER),
  pino_nested: () => pinoLog(nested, BUFFER),
  pino_6_fields_sync: () => pinoLog(fields6, 0),
  pino_level_off() {
    const pino = require('pino');
    const log = pino(
      { level: 'warn' },
      pino.destination({ dest: join(logFolder(), 'pino.log'), sync: true }),
    );
    const fields = fields6(1);
    return () => log.info(fields, 'message_sent');
  },
  winston_2_fields: () => winstonLog(fields2),
  winston_6_fields: () => winstonLog(fields6),
  winston_20_fields: () => winstonLog(fields20),
  async als_run() {
    const { AsyncLocalStorage } = await import('node:async_hooks');
    const storage = new AsyncLocalStorage<object>();
    const store = {};
    const fn = (): number => 1;
    return () => storage.run(store, fn);
  },
};

/** The peers' set-ups, the same for every framework, each as its documentation says. */
import { createRequire } from 'node:module';

/** Through require: the peers' instrumentations hook that. */
export const require = createRequire(import.meta.url);

/** What a handler of the bench calls, whatever stands behind it. */
export interface Handler {
  /** One info line with three fields. */
  line(fields: object, message: string): void;
  /** Puts a client span around a database call. */
  query<T>(name: string, fn: () => T): T;
}

export const SILENT: Handler = { line: () => {}, query: (_name, fn) => fn() };

/** OpenTelemetry's SDK with these instrumentations, every trace sampled, exported in batches as protobuf. */
export function otel(sink: string, instrumentations: readonly unknown[]): Handler['query'] {
  process.env['OTEL_SERVICE_NAME'] = 'bench';
  process.env['OTEL_METRICS_EXPORTER'] = 'none';
  process.env['OTEL_LOGS_EXPORTER'] = 'none';
  const { NodeSDK } = require('@opentelemetry/sdk-node');
  const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-proto');
  const { SpanKind, trace } = require('@opentelemetry/api');
  new NodeSDK({
    traceExporter: new OTLPTraceExporter({ url: `${sink}/v1/traces` }),
    instrumentations,
  }).start();
  const tracer = trace.getTracer('bench');
  return (name, fn) =>
    tracer.startActiveSpan(
      name,
      { kind: SpanKind.CLIENT, attributes: { 'db.system.name': 'sqlite' } },
      (span: { end(): void }) => {
        try {
          return fn();
        } finally {
          span.end();
        }
      },
    );
}

export function httpInstrumentation(): unknown {
  const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
  return new HttpInstrumentation();
}

export function datadog(sink: string): void {
  process.env['DD_TRACE_AGENT_URL'] = sink;
  process.env['DD_INSTRUMENTATION_TELEMETRY_ENABLED'] = 'false';
  process.env['DD_REMOTE_CONFIGURATION_ENABLED'] = 'false';
  process.env['DD_TRACE_STARTUP_LOGS'] = 'false';
  require('dd-trace').init({ service: 'bench', env: 'production' });
}

export function sentry(sink: string): Record<string, (app: unknown) => void> {
  const Sentry = require('@sentry/node');
  Sentry.init({ dsn: `http://bench@${new URL(sink).host}/1`, tracesSampleRate: 1 });
  return Sentry;
}

interface Observed {
  method: string;
  route: string;
  status: number;
  seconds: number;
}

/** What a careful team writes by hand: one buffered line, a counter and a histogram for each request. */
export function tuned(logFile: string): { line: Handler['line']; observe(request: Observed): void } {
  const pino = require('pino');
  const { Counter, Histogram } = require('prom-client');
  const log = pino(pino.destination({ dest: logFile, sync: false, minLength: 4096 }));
  const labelNames = ['method', 'route', 'status'];
  const total = new Counter({ name: 'http_requests_total', help: 'Requests', labelNames });
  const duration = new Histogram({ name: 'http_request_duration_seconds', help: 'Duration', labelNames });
  return {
    line: (fields, message) => log.info(fields, message),
    observe({ seconds, ...labels }) {
      total.inc(labels);
      duration.observe(labels, seconds);
      log.info({ ...labels, duration_ms: seconds * 1000 }, 'request');
    },
  };
}

/** One row by its key from SQLite in memory: what a handler with a database call does. */
export function database(): (id: string) => unknown {
  const { DatabaseSync } = require('node:sqlite');
  const db = new DatabaseSync(':memory:');
  db.exec('CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)');
  const insert = db.prepare('INSERT INTO users VALUES (?, ?)');
  for (let id = 0; id < 1024; id++) insert.run(id, 'Ada');
  const select = db.prepare('SELECT name FROM users WHERE id = ?');
  return id => select.get(Number(id));
}

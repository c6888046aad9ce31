/** Our calls, on, through what a user calls. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
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
  PAYLOADS,
  seconds,
} from './inputs.ts';
import type { Call, Cases } from './measure.ts';
import { type CallObs, type CallSpan, init } from './obs.ts';

const counter = (obs: CallObs) => obs.metrics.counter('bench_total', { help: 'Bench', labels: NAMES3 });
const histogram = (obs: CallObs) =>
  obs.metrics.histogram('bench_seconds', { help: 'Bench', labels: NAMES3, buckets: BUCKETS });

/** Spans are encoded only while someone wants the bytes. */
async function tracing(encoded: boolean): Promise<CallObs> {
  const obs = await init({ trace: { enabled: true } });
  if (encoded) obs.onBytes('span', () => {});
  return obs;
}

async function logging(fields: (i: number) => object): Promise<Call> {
  const { log } = await init({ log: { stdout: false, dir: logFolder(), samplingRateInfo: 1 } });
  return i => log.info(fields(i), 'message_sent');
}

async function privacy() {
  const { createPrivacy } = await import('../../packages/privacy/dist/index.js');
  return createPrivacy({ key: new Uint8Array(32).fill(7) });
}

export const cases: Cases = {
  async shed_decision() {
    const folder = mkdtempSync(join(tmpdir(), 'plimsoll-calls-'));
    const flags = join(folder, 'flags.json');
    writeFileSync(flags, '{"features":{"enable_perf_budgets":true}}');
    const { budgets } = await init({ configFiles: [flags] });
    return () => budgets.shed();
  },
  async counter_handle() {
    const handle = counter(await init({})).handle(LABELS3[0]);
    return () => handle.inc();
  },
  async counter_1_label() {
    const one = (await init({})).metrics.counter('bench_total', { help: 'Bench', labels: ['status'] });
    return i => one.inc(LABELS1[i % 4]);
  },
  async counter_3_labels() {
    const three = counter(await init({}));
    return i => three.inc(LABELS3[i % 100]);
  },
  async gauge_handle() {
    const { metrics } = await init({});
    const handle = metrics.gauge('bench_now', { help: 'Bench', labels: NAMES3 }).handle(LABELS3[0]);
    return i => handle.set(i);
  },
  async gauge_3_labels() {
    const gauge = (await init({})).metrics.gauge('bench_now', { help: 'Bench', labels: NAMES3 });
    return i => gauge.set(LABELS3[i % 100], i);
  },
  async histogram_handle() {
    const handle = histogram(await init({})).handle(LABELS3[0]);
    return i => handle.observe(seconds(i));
  },
  async histogram_1_label() {
    const { metrics } = await init({});
    const one = metrics.histogram('bench_seconds', { help: 'Bench', labels: ['status'], buckets: BUCKETS });
    return i => one.observe(LABELS1[i % 4], seconds(i));
  },
  async histogram_3_labels() {
    const three = histogram(await init({}));
    return i => three.observe(LABELS3[i % 100], seconds(i));
  },
  async span_created() {
    const { trace } = await tracing(false);
    return () => trace.start('work').end();
  },
  async span_6_attributes() {
    const { trace } = await tracing(false);
    return i => trace.start('work', { attributes: attributes6(i) }).end();
  },
  async span_6_attributes_encoded() {
    const { trace } = await tracing(true);
    return i => trace.start('work', { attributes: attributes6(i) }).end();
  },
  async span_6_set_one_by_one_encoded() {
    const { trace } = await tracing(true);
    return i => {
      const span = trace.start('work');
      const attributes = attributes6(i);
      for (const key in attributes) span.setAttribute(key, attributes[key as 'app.items']);
      span.end();
    };
  },
  async span_active_encoded() {
    const { trace } = await tracing(true);
    const run = (span: CallSpan): unknown => span;
    return i => trace.span('work', { attributes: attributes6(i) }, run);
  },
  async span_opentelemetry_api() {
    const obs = await init({ trace: { enabled: true }, otel: { register: true } });
    obs.onBytes('span', () => {});
    const { trace } = await import('@opentelemetry/api');
    const tracer = trace.getTracer('bench');
    if (!tracer.startSpan('probe').isRecording()) throw new Error('the OpenTelemetry API is not registered');
    return i => tracer.startSpan('work', { attributes: attributes6(i) }).end();
  },
  log_2_fields: () => logging(fields2),
  log_6_fields: () => logging(fields6),
  log_20_fields: () => logging(fields20),
  log_nested: () => logging(nested),
  async redact_35_keys_hash_6() {
    const policy = await privacy();
    return i => policy.redact(PAYLOADS[i & 2047], 'telemetry');
  },
  async hash() {
    const policy = await privacy();
    return i => policy.hash(i, 'user_id');
  },
  async context_run() {
    const { context } = await init({});
    const ctx = { requestId: 'r', flags: 0 };
    const fn = (): number => 1;
    return () => context.run(ctx, fn);
  },
  async context_current() {
    const { context } = await init({});
    return await context.run({ requestId: 'r', flags: 0 }, async () => () => context.current());
  },
};

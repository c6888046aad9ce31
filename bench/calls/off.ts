/** Every form of off, with arguments made beforehand: what the caller builds is not the library's. */
import { fields6, LABELS3, NAMES3 } from './inputs.ts';
import type { Cases } from './measure.ts';
import { init } from './obs.ts';

const LABELS = LABELS3[0];
const FIELDS = fields6(1);
const OPTIONS = { attributes: { 'app.items': 1 } };
const off = () => init({ enabled: false });
const noMetrics = () => init({ metrics: { enabled: false } });
const noTracing = () => init({ trace: { enabled: false } });
const warnOnly = () => init({ log: { stdout: false, level: 'warn' } });
const labelled = { help: 'Bench', labels: NAMES3 };
const fn = (): number => 1;

export const cases: Cases = {
  empty_function() {
    const nothing = (_a: unknown, _b: unknown): void => {};
    return () => nothing(LABELS, 1);
  },
  async off_counter() {
    const counter = (await off()).metrics.counter('bench_total', labelled);
    return () => counter.inc(LABELS);
  },
  async off_counter_handle() {
    const handle = (await off()).metrics.counter('bench_total', labelled).handle(LABELS);
    return () => handle.inc();
  },
  async off_gauge() {
    const gauge = (await off()).metrics.gauge('bench_now', labelled);
    return i => gauge.set(LABELS, i);
  },
  async off_histogram() {
    const histogram = (await off()).metrics.histogram('bench_seconds', labelled);
    return i => histogram.observe(LABELS, i);
  },
  async off_log() {
    const { log } = await off();
    return () => log.info(FIELDS, 'message_sent');
  },
  async off_span() {
    const { trace } = await off();
    return () => trace.span('work', OPTIONS, fn);
  },
  async off_span_started() {
    const { trace } = await off();
    return () => trace.start('work', OPTIONS).end();
  },
  async off_context_run() {
    const { context } = await off();
    return () => context.run(OPTIONS, fn);
  },
  async off_context_current() {
    const { context } = await off();
    return () => context.current();
  },
  async off_budgets_run() {
    const { budgets } = await off();
    return () => budgets.run('work', OPTIONS, fn);
  },
  async off_shed() {
    const { budgets } = await off();
    return () => budgets.shed();
  },
  async off_guard() {
    const guard = (await off()).budgets.guard();
    const request = { raw: {} };
    return () => guard.fastify(request, request, fn);
  },
  async off_profile() {
    const { profiler } = await off();
    return () => profiler.profile('work', OPTIONS, fn);
  },
  /** All else is on; the flag of the part is not. */
  async budgets_off_run() {
    const { budgets } = await init({});
    return () => budgets.run('work', OPTIONS, fn);
  },
  async budgets_off_shed() {
    const { budgets } = await init({});
    return () => budgets.shed();
  },
  async budgets_off_guard() {
    const guard = (await init({})).budgets.guard();
    const request = { raw: {} };
    return () => guard.fastify(request, request, fn);
  },
  async profiler_off_profile() {
    const { profiler } = await init({});
    return () => profiler.profile('work', OPTIONS, fn);
  },
  async hooks_off_emit() {
    const { hooks } = await init({});
    return () => hooks.emit('on_scene_enter', FIELDS);
  },
  async off_emit() {
    const { hooks } = await off();
    return () => hooks.emit('on_scene_enter', FIELDS);
  },
  async off_inject() {
    const obs = await off();
    return () => obs.inject(FIELDS);
  },
  async off_job() {
    const job = (await off()).job('bench', fn);
    return () => job();
  },
  async metrics_off_counter() {
    const counter = (await noMetrics()).metrics.counter('bench_total', labelled);
    return () => counter.inc(LABELS);
  },
  async metrics_off_histogram() {
    const histogram = (await noMetrics()).metrics.histogram('bench_seconds', labelled);
    return i => histogram.observe(LABELS, i);
  },
  async tracing_off_span() {
    const { trace } = await noTracing();
    return () => trace.span('work', OPTIONS, fn);
  },
  async tracing_off_span_started() {
    const { trace } = await noTracing();
    return () => trace.start('work', OPTIONS).end();
  },
  async level_off_log() {
    const { log } = await warnOnly();
    return () => log.info(FIELDS, 'message_sent');
  },
  /** The default is there, and telemetry is not on. */
  async facade_idle_event() {
    await init({});
    const { track_event } = await import('../../packages/kit/dist/telemetry.js');
    return () => track_event('bench', FIELDS);
  },
  async facade_off_event() {
    const { track_event } = await import('../../packages/kit/dist/telemetry.js');
    return () => track_event('bench', FIELDS);
  },
};

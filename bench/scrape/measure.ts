/**
 * Scrapes a registry in a process of its own: `node measure.ts LIBRARY FORMAT SERIES`. Half of the series are counters
 * with three labels, half are the lines of histograms with three; every value changes between scrapes.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { BUCKETS, NAMES3 } from '../calls/inputs.ts';
import { median, spread } from '../lib/stats.ts';
import type { Scrape } from '../scrape.bench.ts';

interface Subject {
  /** Changes the value of every series. */
  change(round: number): void;
  scrape(): Promise<Uint8Array | string>;
}

const LINES = BUCKETS.length + 3;

const subjects: Record<string, (format: string, series: number) => Promise<Subject>> = {
  async plimsoll(format, series) {
    const { init } = await import('../../packages/kit/dist/index.js');
    const limits = { maxSeries: series + 10, maxLabelValues: series + 10, runtime: false };
    const options = { service: 'bench', env: 'production', log: { stdout: false }, metrics: limits };
    const { metrics } = await init(options as object);
    const counter = metrics.counter('bench_total', { help: 'Bench', labels: NAMES3 });
    const bounds = { help: 'Bench', labels: NAMES3, buckets: BUCKETS };
    const histogram = metrics.histogram('bench_seconds', bounds);
    const counters = labelSets(series / 2).map(set => counter.handle(set));
    const histograms = labelSets(series / 2 / LINES).map(set => histogram.handle(set));
    return {
      change(round) {
        for (let i = 0; i < counters.length; i++) counters[i]?.inc(round + i / 7);
        for (let i = 0; i < histograms.length; i++) histograms[i]?.observe(((i + round) % 997) / 400);
      },
      scrape: () => metrics.expose(format as 'prometheus'),
    };
  },
  async 'prom-client'(format, series) {
    const prom = (await import('prom-client')).default;
    const registry = new prom.Registry();
    if (format === 'openmetrics') registry.setContentType(prom.Registry.OPENMETRICS_CONTENT_TYPE as never);
    const shared = { help: 'Bench', labelNames: NAMES3, registers: [registry] };
    const counter = new prom.Counter({ name: 'bench_total', ...shared });
    const histogram = new prom.Histogram({ name: 'bench_seconds', buckets: BUCKETS, ...shared });
    const counters = labelSets(series / 2).map(set => counter.labels(set));
    const histograms = labelSets(series / 2 / LINES).map(set => histogram.labels(set));
    return {
      change(round) {
        for (let i = 0; i < counters.length; i++) counters[i]?.inc(round + i / 7);
        for (let i = 0; i < histograms.length; i++) histograms[i]?.observe(((i + round) % 997) / 400);
      },
      scrape: () => registry.metrics(),
    };
  },
  async opentelemetry(_format, series) {
    const { MeterProvider } = await import('@opentelemetry/sdk-metrics');
    const { PrometheusExporter, PrometheusSerializer } = await import('@opentelemetry/exporter-prometheus');
    const reader = new PrometheusExporter({ preventServerStart: true });
    const limit = { aggregationCardinalityLimit: series + 10 };
    const provider = new MeterProvider({ readers: [reader], views: [{ instrumentName: '*', ...limit }] });
    const meter = provider.getMeter('bench');
    const counter = meter.createCounter('bench_total');
    const histogram = meter.createHistogram('bench_seconds', {
      advice: { explicitBucketBoundaries: BUCKETS },
    });
    const counters = labelSets(series / 2);
    const histograms = labelSets(series / 2 / LINES);
    const serializer = new PrometheusSerializer();
    return {
      change(round) {
        for (const [i, set] of counters.entries()) counter.add(round + i / 7, set);
        for (const [i, set] of histograms.entries()) histogram.record(((i + round) % 997) / 400, set);
      },
      scrape: async () => serializer.serialize((await reader.collect()).resourceMetrics),
    };
  },
};

function labelSets(count: number) {
  return Array.from({ length: Math.max(1, Math.round(count)) }, (_, i) => ({
    method: i % 2 === 0 ? 'GET' : 'POST',
    route: `/route/${i >> 1}`,
    status: '200',
  }));
}

async function main([library, format, series]: string[]): Promise<Scrape> {
  const subject = await (subjects[library as string] as (typeof subjects)['x'])(
    format as string,
    Number(series),
  );
  subject.change(0);
  const started = performance.now();
  const text = Buffer.from(await subject.scrape());
  const first = performance.now() - started;
  const times: number[] = [];
  const blocks: number[] = [];
  for (let round = 1; round <= SCRAPES; round++) {
    subject.change(round);
    await turn();
    const began = performance.now();
    await subject.scrape();
    times.push(performance.now() - began);
    subject.change(round);
    blocks.push(await longestBlock(subject));
  }
  const lines = text
    .toString()
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'));
  return {
    ...{ first, ms: median(times), spread: spread(times), block: median(blocks), worst: Math.max(...blocks) },
    ...{ bytes: text.length, series: lines.length },
  };
}
const SCRAPES = 25;

/** The longest time between two turns of the event loop while a scrape is under way. */
async function longestBlock(subject: Subject): Promise<number> {
  let last = performance.now();
  let longest = 0;
  let over = false;
  const watch = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (!over) setImmediate(watch);
  };
  await turn();
  last = performance.now();
  setImmediate(watch);
  await subject.scrape();
  over = true;
  await turn();
  return Math.max(longest, performance.now() - last);
}

process.send?.(await main(process.argv.slice(2)));
process.on('disconnect', () => process.exit(0));

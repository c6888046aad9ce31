import type { MetricAnswer, MetricInfo, Overview, Series, ServiceOverview } from '@plimsoll/wire';
import type { ServiceRow, Store, TimeRange } from '../store/types.ts';
import type { HealthWatch } from './health-watch.ts';
import { quantile } from './quantile.ts';

/** A page that shows more is not read; the services that spoke last come first. */
const SERVICES = 24;

/** Names by which services of ours and of others report the same; a namespace may stand before ours. */
const REQUESTS = /(?:^|_)http_requests_total$/;
const DURATION = /(?:^|_)http_request_duration_seconds$|^http\.server\.(?:request\.)?duration$/;
const LOOP = [
  'nodejs_eventloop_lag_p99_seconds',
  'nodejs_eventloop_lag_seconds',
  'nodejs.eventloop.delay.p99',
];
const MEMORY = ['process_resident_memory_bytes', 'process.memory.usage', 'process.runtime.jvm.memory.usage'];

interface Grid extends TimeRange {
  readonly step: number;
  readonly steps: number;
}

export interface OverviewOptions {
  readonly store: Store;
  readonly watch: HealthWatch;
}

export async function overview(
  { store, watch }: OverviewOptions,
  { from, to, step }: TimeRange & { readonly step: number },
): Promise<Overview> {
  const grid: Grid = { from, to, step, steps: Math.ceil((to - from) / step) };
  const [rows, names, health] = await Promise.all([
    store.services(),
    store.metricNames({ from, to }),
    watch.look(),
  ]);
  const shown = [...rows].sort((a, b) => b.lastSeen - a.lastSeen).slice(0, SERVICES);
  let spans: ReturnType<typeof spanRows> | undefined;
  const fromSpans = async (service: string) => {
    spans ??= spanRows(store, grid);
    return (await spans)(service);
  };
  const services = await Promise.all(
    shown.map(async (row): Promise<ServiceOverview> => {
      const own = names.filter(info => info.services.includes(row.service));
      const [requests, loop, memory] = await Promise.all([
        requestsOf({ store, grid, service: row.service, names: own }),
        gaugeOf({ store, grid, service: row.service, names: own }, LOOP),
        gaugeOf({ store, grid, service: row.service, names: own }, MEMORY),
      ]);
      return {
        ...about(row),
        health: health(row.service),
        ...(requests ?? (await fromSpans(row.service))),
        loop: loop.map(value => (value === null ? null : value * 1000)),
        memory,
      };
    }),
  );
  services.sort((a, b) => a.service.localeCompare(b.service));
  return { times: Array.from({ length: grid.steps }, (_, i) => from + i * step), step, services };
}

function about({ service, firstSeen, lastSeen, resource }: ServiceRow) {
  const text = (...keys: string[]) =>
    keys.map(key => resource[key]).find(value => typeof value === 'string') ?? '';
  return {
    service,
    firstSeen,
    lastSeen,
    version: text('service.version') as string,
    environment: text('deployment.environment.name', 'deployment.environment') as string,
  };
}

type Requests = Pick<ServiceOverview, 'source' | 'rate' | 'p95' | 'errors'>;

async function spanRows(store: Store, grid: Grid): Promise<(service: string) => Requests> {
  const rows = await store.requests({ from: grid.from, to: grid.to, step: grid.step, by: 'service' });
  return service => {
    const own = rows.filter(row => row.service === service);
    const blank = (): (number | null)[] => Array.from({ length: grid.steps }, () => null);
    const [rate, p95, errors] = [blank(), blank(), blank()];
    for (const row of own) {
      const at = Math.floor((row.time - grid.from) / grid.step);
      if (at < 0 || at >= grid.steps) continue;
      rate[at] = row.count / (grid.step / 1000);
      p95[at] = row.p95;
      errors[at] = row.count > 0 ? row.errors / row.count : 0;
    }
    // Between the first and the last request a step without one is a zero, not a gap.
    const first = rate.findIndex(value => value !== null);
    const last = rate.findLastIndex(value => value !== null);
    for (let i = first; i >= 0 && i <= last; i += 1) rate[i] ??= 0;
    return { source: own.length > 0 ? 'spans' : 'none', rate, p95, errors };
  };
}

interface Asked {
  readonly store: Store;
  readonly grid: Grid;
  readonly service: string;
  readonly names: readonly MetricInfo[];
}

/** Undefined where the service sends no metric of its requests. */
async function requestsOf({ store, grid, service, names }: Asked): Promise<Requests | undefined> {
  const total = names.find(info => REQUESTS.test(info.name));
  const duration = names.find(info => DURATION.test(info.name));
  if (!duration) return undefined;
  const { from, to, step } = grid;
  const base = { from, to, step, service };
  const counted = total ?? duration;
  const by = counted.labels.filter(label =>
    /^(?:http\.response\.)?status(?:_code)?$|^http\.status_code$/.test(label),
  );
  const [counts, times] = await Promise.all([
    store.metric({ ...base, name: counted.name, by }),
    store.metric({ ...base, name: duration.name }),
  ]);
  if (!counts || !times) return undefined;
  const { rate, errors } = sharesOf(counts, grid);
  const unit = duration.unit === 'ms' ? 1 : 1000;
  const p95 = steps(grid, i => {
    const value = quantile(0.95, times.series[0]?.buckets?.[i] ?? [], times.bounds ?? []);
    return value === null ? null : value * unit;
  });
  return rate.every(value => value === null) ? undefined : { source: 'metrics', rate, p95, errors };
}

/** Every series of the answer is one status. */
function sharesOf({ info, series }: MetricAnswer, grid: Grid): { rate: Series; errors: Series } {
  const histogram = info.type === 'histogram' || info.type === 'exponential';
  const at = (one: MetricAnswer['series'][number], i: number): number | null => {
    if (!histogram) return one.values[i] ?? null;
    const counts = one.buckets?.[i];
    return counts ? counts.reduce((sum, count) => sum + count, 0) / (grid.step / 1000) : null;
  };
  const sum = (i: number, wanted: (status: string) => boolean): number | null => {
    let total: number | null = null;
    for (const one of series) {
      const value = wanted(Object.values(one.labels)[0] ?? '') ? at(one, i) : null;
      if (value !== null) total = (total ?? 0) + value;
    }
    return total;
  };
  const rate = steps(grid, i => sum(i, () => true));
  const failed = steps(grid, i => sum(i, status => status.startsWith('5')));
  const errors = rate.map((all, i) => (all === null ? null : all > 0 ? (failed[i] ?? 0) / all : 0));
  return { rate, errors };
}

async function gaugeOf({ store, grid, service, names }: Asked, wanted: readonly string[]): Promise<Series> {
  const name = wanted.find(one => names.some(info => info.name === one));
  if (name === undefined) return steps(grid, () => null);
  const { from, to, step } = grid;
  const answer = await store.metric({ from, to, step, service, name });
  return steps(grid, i => answer?.series[0]?.values[i] ?? null);
}

function steps(grid: Grid, at: (i: number) => number | null): (number | null)[] {
  return Array.from({ length: grid.steps }, (_, i) => at(i));
}

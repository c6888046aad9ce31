import type { DecodedExemplar, MetricAnswer, MetricInfo, MetricSeries, TimeRange } from '@plimsoll/wire';
import type { MetricQuery } from '../types.ts';
import type { Series } from './dictionary.ts';
import { type Distribution, distributionOf, rebucketed, sharedBounds } from './distribution.ts';
import { fromJson } from './json.ts';
import { inSeries, seriesOf } from './points.ts';
import { accumulate, type Sample, samplesPerStep } from './samples.ts';
import { type Found, type Source, select } from './select.ts';

const MAX_STEPS = 1000;
/** Rates need the point before the first step; exporters send one a minute by default. */
const LOOK_BACK_MS = 150_000;
const MAX_EXEMPLARS = 500;

export async function queryMetricNames(source: Source, range: TimeRange): Promise<readonly MetricInfo[]> {
  const found = await select(source, source.segments.within('points', range.from, range.to), {
    branch: ({ at }) => `SELECT DISTINCT series FROM ${at}.points WHERE time >= $from AND time < $to`,
    params: { from: range.from, to: range.to },
  });
  const all = found.flatMap(
    ({ row, segment }) => segment.dictionary.series.get(row['series'] as number) ?? [],
  );
  const byName = Map.groupBy(all, series => series.name);
  return [...byName.values()].map(infoOf).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Undefined where no point of the name is known. */
export async function queryMetric(source: Source, query: MetricQuery): Promise<MetricAnswer | undefined> {
  const length = query.to - query.from;
  if (!(length > 0)) return undefined;
  const step = Math.max(query.step, length / MAX_STEPS);
  const steps = Math.ceil(length / step);
  const rows = await readSamples(source, query, step);
  const known = rows.map(one => one.series);
  if (known.length === 0) return undefined;
  const info = infoOf(known);
  const samples = rows.filter(({ series }) => series.type === info.type && matches(series, query.filter));
  const bounds = info.type === 'histogram' || info.type === 'exponential' ? sharedBounds(samples) : undefined;
  const exemplars = await readExemplars(source, query);
  const groups = Map.groupBy(samples, ({ series }) => JSON.stringify(labelsOf(series, query.by)));
  const series = [...groups].map(([key, own]): MetricSeries => {
    const labels = JSON.parse(key) as Record<string, string>;
    const byIdentity = [...Map.groupBy(own, one => one.identity).values()];
    const each = byIdentity.map(of => samplesPerStep(of, { steps, step, from: query.from }));
    const ours = exemplars.filter(one => JSON.stringify(labelsOf(one.series, query.by)) === key);
    return {
      labels,
      values: accumulate(
        each.map(one => one.values),
        steps,
      ),
      ...(bounds && {
        buckets: addBuckets(
          each.map(one => one.distributions),
          { bounds, steps },
        ),
      }),
      exemplars: ours.map(({ time, value, traceId }) => ({ time, value, traceId })),
    };
  });
  const times = Array.from({ length: steps }, (_, i) => query.from + i * step);
  return { info, times, ...(bounds && { bounds }), series };
}

/** The last point of each step, of each start of counting; of deltas, all of them. */
async function readSamples(source: Source, query: MetricQuery, step: number): Promise<readonly Sample[]> {
  const from = query.from - Math.max(LOOK_BACK_MS, 2 * step);
  const found = await select(source, source.segments.within('points', from, query.to), {
    branch: segment => {
      const series = seriesOf(segment, query);
      const where = `${inSeries(series)} AND time >= $from AND time < $to AND (flags & 1) = 0`;
      const deltas = inSeries(series.filter(one => one.temporality === 'delta'));
      return `SELECT series, start, max(time) AS time, floor((max(time) - $origin) / $step) AS at,
        CASE WHEN ${deltas} THEN sum(value) ELSE arg_max(value, time) END AS value,
        CASE WHEN ${deltas} THEN sum(count) ELSE arg_max(count, time) END AS count,
        CASE WHEN ${deltas} THEN list(detail) ELSE [arg_max(detail, time)] END AS details
        FROM ${segment.at}.points WHERE ${where}
        GROUP BY series, start, floor((time - $origin) / $step)`;
    },
    params: { from, to: query.to, origin: query.from, step },
  });
  return found.flatMap(one => sampleOf(one) ?? []);
}

function sampleOf({ row, segment }: Found): Sample | undefined {
  const series = segment.dictionary.series.get(row['series'] as number);
  if (series === undefined) return undefined;
  const details = (row['details'] as string[]).filter(text => text !== '');
  return {
    series,
    identity: JSON.stringify([series.origin.service, series.origin.scope]) + identityOf(series),
    ...{ at: row['at'] as number, time: row['time'] as number, start: row['start'] as number },
    ...{ value: row['value'] as number, count: row['count'] as number },
    distributions: details.map(text =>
      distributionOf(fromJson(text) as unknown as Parameters<typeof distributionOf>[0]),
    ),
  };
}

/** One sender's one label set: the same in every segment. */
function identityOf(series: Series): string {
  const bigints = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
  return JSON.stringify([series.origin.resource, series.labels], bigints);
}

function addBuckets(
  each: readonly (readonly (Distribution | undefined)[])[],
  { bounds, steps }: { readonly bounds: readonly number[]; readonly steps: number },
): readonly (readonly number[] | null)[] {
  return Array.from({ length: steps }, (_, at) => {
    let sum: number[] | null = null;
    for (const one of each) {
      const own = one[at];
      if (own === undefined) continue;
      sum ??= new Array<number>(bounds.length + 1).fill(0);
      for (const [i, count] of rebucketed(own, bounds).entries()) sum[i]! += count;
    }
    return sum;
  });
}

async function readExemplars(
  source: Source,
  query: MetricQuery,
): Promise<readonly { series: Series; time: number; value: number; traceId: string }[]> {
  const found = await select(source, source.segments.within('points', query.from, query.to), {
    branch: segment =>
      `SELECT series, exemplars FROM ${segment.at}.points WHERE ${inSeries(seriesOf(segment, query))}
       AND time >= $from AND time < $to AND exemplars <> '' ORDER BY time DESC LIMIT ${MAX_EXEMPLARS}`,
    params: { from: query.from, to: query.to },
  });
  const all = found.flatMap(({ row, segment }) => {
    const series = segment.dictionary.series.get(row['series'] as number)!;
    const exemplars = fromJson(row['exemplars'] as string) as unknown as readonly DecodedExemplar[];
    return exemplars.flatMap(({ time, value, traceId }) =>
      traceId === undefined || !matches(series, query.filter)
        ? []
        : { series, time, value: Number(value), traceId },
    );
  });
  // A cumulative histogram repeats an exemplar until a newer one takes its place.
  const once = new Map(all.map(one => [`${one.traceId} ${one.time} ${one.value}`, one]));
  return [...once.values()].sort((a, b) => b.time - a.time).slice(0, MAX_EXEMPLARS);
}

function labelsOf(series: Series, by: readonly string[] = []): Readonly<Record<string, string>> {
  return Object.fromEntries(by.map(name => [name, textOf(series, name)]));
}

function matches(series: Series, filter: Readonly<Record<string, string>> = {}): boolean {
  return Object.entries(filter).every(([name, value]) => textOf(series, name) === value);
}

function textOf(series: Series, name: string): string {
  const value = series.labels[name];
  return value === undefined || value === null ? '' : String(value);
}

/** A name that was sent with two types shows the one of its newest series. */
function infoOf(all: readonly Series[]): MetricInfo {
  const last = all.at(-1)!;
  return {
    name: last.name,
    type: last.type === 'empty' ? 'gauge' : last.type,
    ...{ unit: last.unit, help: last.description, monotonic: last.monotonic === true },
    labels: [...new Set(all.flatMap(series => Object.keys(series.labels)))].sort(),
    services: [...new Set(all.map(series => series.origin.service))].sort(),
  };
}

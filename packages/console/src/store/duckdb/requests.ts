import type { RequestRow } from '@plimsoll/wire';
import { SPAN_KIND } from '@plimsoll/wire';
import type { RequestQuery } from '../types.ts';
import { ofService, type Range, type Source, select, Where } from './select.ts';

const MAX_STEPS = 1000;
const MAX_ROUTES = 200;

/** Rates and quantiles of server and consumer spans: the rows are fetched counted, so quantiles are of all segments. */
export async function queryRequests(source: Source, query: RequestQuery): Promise<readonly RequestRow[]> {
  const length = query.to - query.from;
  const step = Math.max(query.step ?? length, length / MAX_STEPS);
  if (!(length > 0)) return [];
  const where = new Where();
  where.range('start', query as Range);
  where.add(`kind IN (${SPAN_KIND.server}, ${SPAN_KIND.consumer})`);
  if (query.service !== undefined) where.addOwn(ofService('origin', query.service));
  const byRoute = query.by === 'route';
  const route = byRoute ? "CASE WHEN route = '' THEN name ELSE route END" : "''";
  const found = await select(source, source.segments.within('spans', query.from, query.to), {
    branch: segment =>
      `SELECT origin, ${route} AS route, floor((start - $from) / $step) AS at, count(*) AS n,
       count(*) FILTER (status = 2) AS errors, ${HISTOGRAM} AS buckets
       FROM ${segment.at}.spans WHERE ${where.for(segment)} GROUP BY ALL`,
    params: { ...where.params, from: query.from, step },
  });
  const groups = new Map<string, Group>();
  for (const { row, segment } of found) {
    const service = segment.dictionary.origins.get(row['origin'] as number)?.service ?? '';
    const key = JSON.stringify([row['at'], service, row['route']]);
    const group = groups.get(key) ?? {
      ...{ service, route: row['route'] as string, at: row['at'] as number },
      ...{ count: 0, errors: 0, buckets: new Map<number, number>() },
    };
    group.count += Number(row['n']);
    group.errors += Number(row['errors']);
    for (const { key: bucket, value } of (row['buckets'] as { entries?: never } & BucketMap) ?? []) {
      group.buckets.set(bucket, (group.buckets.get(bucket) ?? 0) + Number(value));
    }
    groups.set(key, group);
  }
  return busiest([...groups.values()], byRoute)
    .sort((a, b) => a.at - b.at || compare(a.service, b.service) || compare(a.route, b.route))
    .map(group => ({
      service: group.service,
      ...(byRoute && { route: group.route }),
      time: query.from + group.at * step,
      ...{ count: group.count, errors: group.errors },
      ...{ p50: quantile(group, 0.5), p95: quantile(group, 0.95) },
    }));
}

interface Group {
  readonly service: string;
  readonly route: string;
  readonly at: number;
  count: number;
  errors: number;
  readonly buckets: Map<number, number>;
}

type BucketMap = Iterable<{ readonly key: number; readonly value: bigint }>;

/** Buckets that grow by 2 %, so that a quantile is within 1 % and parts of it can be added up. */
const GROWTH = Math.log(1.02);
const HISTOGRAM = `histogram(CASE WHEN ms <= 0.001 THEN -1000 ELSE floor(ln(ms) / ${GROWTH})::INTEGER END)`;

function quantile({ count, buckets }: Group, q: number): number {
  const rank = Math.min(count - 1, Math.floor(q * count));
  let seen = 0;
  for (const [bucket, n] of [...buckets].sort(([a], [b]) => a - b)) {
    seen += n;
    if (seen > rank) return bucket === -1000 ? 0 : Math.exp((bucket + 0.5) * GROWTH);
  }
  return 0;
}

function busiest(groups: Group[], byRoute: boolean): Group[] {
  if (!byRoute) return groups;
  const totals = new Map<string, number>();
  const nameOf = (group: Group) => JSON.stringify([group.service, group.route]);
  for (const group of groups) totals.set(nameOf(group), (totals.get(nameOf(group)) ?? 0) + group.count);
  const kept = new Set(
    [...totals]
      .sort(([, a], [, b]) => b - a)
      .slice(0, MAX_ROUTES)
      .map(([name]) => name),
  );
  return groups.filter(group => kept.has(nameOf(group)));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

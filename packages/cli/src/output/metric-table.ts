import type { MetricAnswer, MetricInfo, MetricSeries } from '@plimsoll/wire';
import { attributes, number, orDash, sparkline, time } from './format.ts';
import { table } from './table.ts';

const EXEMPLARS = 5;
const SHADES = ' ░▒▓█';

/** What there is, a metric a line. */
export function metricList(infos: readonly MetricInfo[]): string {
  if (infos.length === 0) return 'No metric.';
  const rows = infos.map(({ name, type, unit, services, labels, help }) => [
    name,
    type,
    unit || '-',
    services.join(',') || '-',
    labels.join(',') || '-',
    help,
  ]);
  return table([['METRIC', 'TYPE', 'UNIT', 'SERVICES', 'LABELS', 'ABOUT'], ...rows]);
}

/** One metric over time: a line a series; a histogram's lines have quantiles, and its heat map follows. */
export function metricView({ info, series, bounds, times }: MetricAnswer): string {
  const what = info.type === 'sum' && info.monotonic ? `rate per second of ${info.name}` : info.name;
  const from = times[0];
  const span = from === undefined ? '' : `, ${time(from)} to ${time(times.at(-1)!)}`;
  const head = table([[`${what}${info.unit ? ` in ${info.unit}` : ''} (${info.type})${span}`]]);
  if (series.length === 0) return `${head}\n\nNothing came in this time.`;
  const body = bounds ? histograms(series, bounds) : numbers(series);
  return [head, body, exemplars(series)].filter(part => part !== '').join('\n\n');
}

const labelsOf = ({ labels }: MetricSeries): string => attributes(labels) || '-';

function numbers(series: readonly MetricSeries[]): string {
  const rows = series.map(one => {
    const known = one.values.filter(value => value !== null);
    return [
      labelsOf(one),
      orDash(known.at(-1), number),
      orDash(least(known), number),
      orDash(greatest(known), number),
      sparkline(one.values),
    ];
  });
  return table([['LABELS', 'LAST', 'LEAST', 'MOST', 'OVER TIME'], ...rows]);
}

function histograms(series: readonly MetricSeries[], bounds: readonly number[]): string {
  const rows = series.map(one => {
    const steps = one.buckets ?? [];
    const whole = bounds.concat(Infinity).map((_, bucket) => sum(steps.map(step => step?.[bucket] ?? 0)));
    const perStep = steps.map(step => (step === null ? null : sum(step)));
    const at = (q: number) => orDash(quantile(q, whole, bounds), number);
    return [labelsOf(one), number(sum(whole)), at(0.5), at(0.95), at(0.99), sparkline(perStep)];
  });
  const lines = table([['LABELS', 'COUNT', 'P50', 'P95', 'P99', 'COUNT OVER TIME'], ...rows]);
  const maps = series.map(one => heatMap(one, bounds, series.length > 1));
  return [lines, ...maps].join('\n\n');
}

/** Buckets from the highest that was met to the lowest, a column a step, darker where more fell. */
function heatMap({ labels, buckets = [] }: MetricSeries, bounds: readonly number[], named: boolean): string {
  const most = greatest(buckets.flatMap(step => step ?? [])) ?? 0;
  if (most === 0) return '';
  const met = bounds.concat(Infinity).flatMap((bound, index) => {
    return buckets.some(step => (step?.[index] ?? 0) > 0) ? [{ bound, index }] : [];
  });
  const first = met[0]!.index;
  const rows = Array.from({ length: met.at(-1)!.index - first + 1 }, (_, up) => {
    const index = first + up;
    const cells = buckets.map(step => SHADES[Math.ceil(((step?.[index] ?? 0) / most) * 4)]);
    return [bounds[index] === undefined ? '+Inf' : `≤ ${number(bounds[index])}`, cells.join('')];
  });
  return `${named ? `${table([[attributes(labels)]])}\n` : ''}${table(rows.reverse())}`;
}

function exemplars(series: readonly MetricSeries[]): string {
  const last = series
    .flatMap(one => one.exemplars)
    .sort((a, b) => b.time - a.time)
    .slice(0, EXEMPLARS);
  if (last.length === 0) return '';
  const rows = last.map(one => [time(one.time), number(one.value), one.traceId]);
  return table([['EXEMPLAR', 'VALUE', 'TRACE'], ...rows]);
}

/** Linear within its bucket, as Prometheus has it; the last bucket answers its lower bound. */
function quantile(q: number, counts: readonly number[], bounds: readonly number[]): number | null {
  const rank = q * sum(counts);
  if (!(rank > 0)) return null;
  let below = 0;
  for (const [index, count] of counts.entries()) {
    if (count > 0 && below + count >= rank) {
      const upper = bounds[index];
      if (upper === undefined) break;
      const lower = index === 0 ? Math.min(0, upper) : bounds[index - 1]!;
      return lower + (upper - lower) * ((rank - below) / count);
    }
    below += count;
  }
  return bounds.at(-1) ?? null;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
/** Reduced, since a metric may have more values than a call may have arguments. */
const least = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : values.reduce((a, b) => Math.min(a, b));
const greatest = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : values.reduce((a, b) => Math.max(a, b));

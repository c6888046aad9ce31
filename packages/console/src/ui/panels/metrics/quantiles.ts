import type { Line } from '../../parts/chart.tsx';

const QUANTILES = [
  [0.5, 'p50'],
  [0.95, 'p95'],
  [0.99, 'p99'],
] as const;

type Buckets = readonly (readonly number[] | null)[];

export function quantileLines(buckets: Buckets, bounds: readonly number[]): readonly Line[] {
  return QUANTILES.map(([q, label], color) => ({
    label,
    color,
    values: buckets.map(counts => (counts ? quantile(q, counts, bounds) : null)),
  }));
}

/** Linear within the bucket; above the last bound, that bound: as Prometheus has it. */
function quantile(q: number, counts: readonly number[], bounds: readonly number[]): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (!(total > 0)) return null;
  let left = q * total;
  for (const [i, count] of counts.entries()) {
    if (count === 0 || count < left) {
      left -= count;
      continue;
    }
    const upper = bounds[i];
    if (upper === undefined) break;
    const lower = i === 0 ? Math.min(0, upper) : (bounds[i - 1] ?? 0);
    return lower + (upper - lower) * (left / count);
  }
  return bounds.at(-1) ?? null;
}

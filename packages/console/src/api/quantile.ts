/**
 * The q-quantile of a histogram, linear within its bucket, as Prometheus has it: the last bucket answers its lower
 * bound, and the first one begins at 0 where its bound is above that. Null where nothing was counted.
 */
export function quantile(q: number, counts: readonly number[], bounds: readonly number[]): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (!(total > 0) || bounds.length === 0) return null;
  const rank = q * total;
  let below = 0;
  for (const [i, count] of counts.entries()) {
    if (below + count < rank || count === 0) {
      below += count;
      continue;
    }
    const upper = bounds[i];
    if (upper === undefined) return bounds.at(-1) ?? null;
    const lower = i === 0 ? Math.min(0, upper) : (bounds[i - 1] ?? 0);
    return lower + (upper - lower) * ((rank - below) / count);
  }
  return bounds.at(-1) ?? null;
}

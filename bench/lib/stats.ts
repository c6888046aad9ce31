export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Interpolated between the two nearest values; NaN of none. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

export function spread(values: readonly number[]): [number, number] {
  return [Math.min(...values), Math.max(...values)];
}

/**
 * A 95 % interval of the median that assumes nothing about the distribution: the narrowest pair of order
 * statistics that holds it with that probability. Of fewer than six values it is all of them.
 */
export function interval(values: readonly number[]): [number, number] {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  let drop = 0;
  let term = 0.5 ** n;
  let outside = 2 * term;
  while (outside <= 0.05 && drop < (n - 1) >> 1) {
    drop += 1;
    term *= (n - drop + 1) / drop;
    outside += 2 * term;
  }
  // The last one that was dropped no longer fits.
  if (outside > 0.05 && drop > 0) drop -= 1;
  return [sorted[drop] as number, sorted[n - 1 - drop] as number];
}

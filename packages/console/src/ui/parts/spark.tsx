/** A line without axes; what it says stands beside it as text. */
export function Spark({
  values,
  color = 'var(--accent)',
}: {
  values: readonly (number | null)[];
  color?: string;
}) {
  const top = Math.max(...values.map(value => value ?? 0), Number.MIN_VALUE);
  const x = (i: number) => ((i / Math.max(values.length - 1, 1)) * 100).toFixed(1);
  const points = values.flatMap((value, i) =>
    value === null ? [] : [`${x(i)},${(22 - (value / top) * 20).toFixed(1)}`],
  );
  return (
    <svg class="spark" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">
      {points.length > 1 && <polyline points={points.join(' ')} style={{ stroke: color }} />}
    </svg>
  );
}

export function lastOf(values: readonly (number | null)[]): number | null {
  // The newest step is still being filled, and a rate of it would be too low.
  const whole = values.slice(0, -1).findLast(value => value !== null);
  return whole ?? values.at(-1) ?? null;
}

/** A change in words, a sign and a colour: more is worse. */
export function Delta({
  value,
  format,
  good = 'less',
}: {
  value: number;
  format: (value: number) => string;
  good?: 'less' | 'none';
}) {
  if (!Number.isFinite(value) || Math.abs(value) < 1e-9) return <span class="meta">same</span>;
  const sign = value > 0 ? '+' : '−';
  const tone = good === 'none' ? '' : value > 0 ? 'bad' : 'good';
  return (
    <span class={tone}>
      {sign}
      {format(Math.abs(value))}
    </span>
  );
}

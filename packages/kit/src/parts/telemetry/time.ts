/** UTC with microseconds, as the seed's hosts write it: `2026-03-04T09:15:22.104311+00:00`. */
export function moment(epochMs: number): string {
  const whole = Math.floor(epochMs);
  const micros = Math.min(999, Math.floor((epochMs - whole) * 1000));
  return `${new Date(whole).toISOString().slice(0, -1)}${String(micros).padStart(3, '0')}+00:00`;
}

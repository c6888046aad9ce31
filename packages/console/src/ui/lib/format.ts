const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const three = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 });

export function number(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e9) return `${three.format(value / 1e9)} G`;
  if (size >= 1e6) return `${three.format(value / 1e6)} M`;
  if (size >= 10_000) return `${three.format(value / 1e3)} k`;
  return size >= 1000 ? whole.format(value) : three.format(value);
}

/** From milliseconds. */
export function duration(ms: number): string {
  if (ms === 0) return '0 ms';
  const size = Math.abs(ms);
  if (size < 0.001) return `${three.format(ms * 1e6)} ns`;
  if (size < 1) return `${three.format(ms * 1000)} µs`;
  if (size < 1000) return `${three.format(ms)} ms`;
  if (size < 60_000) return `${three.format(ms / 1000)} s`;
  if (size < 3_600_000) return `${three.format(ms / 60_000)} min`;
  return `${three.format(ms / 3_600_000)} h`;
}

export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const at = value > 0 ? Math.min(Math.floor(Math.log2(value) / 10), units.length - 1) : 0;
  return `${three.format(value / 1024 ** at)} ${units[at]}`;
}

export const percent = (share: number): string => `${three.format(share * 100)} %`;
export const perSecond = (value: number): string => `${number(value)}/s`;

/** By a metric's unit (UCUM). */
export function byUnit(unit: string): (value: number) => string {
  if (unit === 's') return value => duration(value * 1000);
  if (unit === 'ms') return duration;
  if (unit === 'By') return bytes;
  return unit === '' || unit === '1' || unit.startsWith('{') ? number : value => `${number(value)} ${unit}`;
}

/** How long ago, in one unit. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 2) return 'now';
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: '2-digit', month: 'short' });

export const timeOfDay = (ms: number): string => clock.format(ms);
export const clockMs = (ms: number): string =>
  `${clock.format(ms)}.${String(Math.floor(ms) % 1000).padStart(3, '0')}`;
export const date = (ms: number): string => `${day.format(ms)} ${clock.format(ms)}`;

export function text(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

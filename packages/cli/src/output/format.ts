import type { Attributes, AttributeValue } from '@plimsoll/wire';

/** Epoch milliseconds as ISO 8601 in UTC, so that lines of two machines compare. */
export const time = (ms: number): string =>
  Number.isFinite(ms) && Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : String(ms);

/** Milliseconds, at three significant digits, in the unit that a person would take. */
export function duration(ms: number): string {
  if (ms < 1) return `${trim(ms * 1000)} µs`;
  if (ms < 1000) return `${trim(ms)} ms`;
  return ms < 60_000 ? `${trim(ms / 1000)} s` : age(ms);
}

/** A longer stretch, in its largest unit and the next: `3 min 20 s`. */
export function age(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const units = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
    [1, 's'],
  ] as const;
  const at = units.findIndex(([size]) => seconds >= size);
  if (at === -1) return '0 s';
  const [size, unit] = units[at]!;
  const next = units[at + 1];
  const rest = next ? Math.floor((seconds % size) / next[0]) : 0;
  return `${Math.floor(seconds / size)} ${unit}${rest > 0 ? ` ${rest} ${next![1]}` : ''}`;
}

export function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const at = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, count)) / 10)));
  return `${trim(count / 1024 ** at)} ${units[at]}`;
}

export const share = (part: number): string => `${trim(part * 100)} %`;

/** Three significant digits, without the zeros that say nothing, and never as a power of ten below a million. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return Math.abs(value) >= 1e6 || Number.isInteger(value) ? String(value) : trim(value);
}

const trim = (value: number): string =>
  Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));

export const orDash = <T>(value: T | null | undefined, format: (value: T) => string): string =>
  value === null || value === undefined ? '-' : format(value);

/** `key=value` words; a value with a space or a quote in it stands in quotes. */
export const attributes = (all: Attributes): string =>
  Object.entries(all)
    .map(([key, value]) => `${key}=${attribute(value)}`)
    .join(' ');

function attribute(value: AttributeValue): string {
  if (typeof value !== 'string') return JSON.stringify(value) ?? '';
  return value === '' || /[\s"=]/.test(value) ? JSON.stringify(value) : value;
}

const BARS = '▁▂▃▄▅▆▇█';

/** One bar for each value, from 0 or the least to the greatest; a space where there is none. */
export function sparkline(values: readonly (number | null)[]): string {
  const known = values.filter(value => value !== null);
  const least = Math.min(0, ...known);
  const span = Math.max(...known, 0) - least;
  return values
    .map(value => {
      if (value === null) return ' ';
      return BARS[span > 0 ? Math.min(7, Math.floor(((value - least) / span) * 8)) : 0];
    })
    .join('');
}

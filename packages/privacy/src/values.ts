import { scan } from './detect.ts';
import { locatorShape } from './locate.ts';
import type { Verdict } from './policy.ts';
import { sanitizeSql } from './sql.ts';

/** Longer text is cut; a stack trace may be `MAX_STACK` long. */
export const MAX_TEXT = 256;
export const MAX_STACK = 8192;
/** Text is scanned before it is cut, so that a secret across the cut is whole; this much of it. */
const SCAN_AHEAD = 2048;
/** Characters of a clean text that is worth keeping for a comparison. */
const MAX_KEPT = 64;

export const REDACTED = '[redacted]';
export const MASKED = '********';
export const CIRCULAR = '[circular]';
export const TRUNCATED = '[truncated]';
export const UNREADABLE = '[unreadable]';

/** Clean, and at most `max` characters and an ellipsis. */
export function clip(text: string, max = MAX_TEXT): string {
  if (text.length <= max) return clean(text, max);
  const window = max + SCAN_AHEAD;
  if (text.length <= window) return clean(text, max);
  const scanned = scan(text.slice(0, window));
  if (scanned.length > max) return cut(scanned, max);
  // Finds made it short. Its last word may be the head of a secret that the window cut.
  return `${scanned.replace(/\S{1,2048}$/, '')}…`;
}

/** The clean text, at once where it is the one that was found clean last: a comparison costs less than a scan. */
export function kept(verdict: Verdict, value: string): string {
  if (value === verdict.clean) return value;
  const scanned = clip(value, verdict.long ? MAX_STACK : MAX_TEXT);
  if (scanned === value && value.length <= MAX_KEPT) {
    verdict.clean = value;
    verdict.said = '';
  }
  return scanned;
}

function clean(text: string, max: number): string {
  const scanned = scan(text);
  return scanned.length > max ? cut(scanned, max) : scanned;
}

function cut(text: string, max: number): string {
  const last = text.charCodeAt(max - 1);
  const pair = last >= 0xd800 && last <= 0xdbff;
  return `${text.slice(0, pair ? max - 1 : max)}…`;
}

/** The smallest number that can be a card's. Epochs in milliseconds are below it until 2065. */
export const SMALLEST_CARD = 3e12;

/** A number as it may be written: itself, or a word where its digits are a card's. */
export function cleanNumber(value: number): number | string {
  if (value < SMALLEST_CARD || !Number.isSafeInteger(value)) return value;
  const text = String(value);
  const scanned = scan(text);
  return scanned === text ? value : scanned;
}

/** Numbers, strings and bigints are what a secret can be; nothing else can. */
export function isTelling(value: unknown): value is string | number | bigint {
  const type = typeof value;
  return type === 'string' || type === 'number' || type === 'bigint';
}

export function textFor(verdict: Verdict, value: string): string {
  if (verdict.action === 'keep') return clip(value, verdict.long ? MAX_STACK : MAX_TEXT);
  if (verdict.action === 'rooted') return placeOf(verdict, value);
  if (verdict.action === 'template') return clip(locatorShape(value));
  // The shape first: a word left in a literal by the scan would break its quotes.
  return clip(scan(sanitizeSql(value)), 1024);
}

/** Where it is below a known folder; what is in none keeps its shape. */
function placeOf({ rooted }: Verdict, value: string): string {
  const place = rooted === undefined ? value : rooted(value);
  return clip(place === value ? locatorShape(value) : place);
}

/**
 * An area of a kilometre or more. A hundredth of a degree of latitude is 1.1 km; a tenth of a degree of longitude is
 * 11 km on the equator and still 1 km at 84°.
 */
export function cellOf(verdict: Verdict, value: number): number {
  const steps = verdict.name.toLowerCase().includes('lat') ? 100 : 10;
  return Math.round(value * steps) / steps;
}

/** Not data: a function, a symbol, bytes. Undefined where the value is something else. */
export function textOfOdd(value: unknown): string | undefined {
  if (typeof value === 'function') return `[function ${clip(String(value.name) || 'anonymous', 64)}]`;
  if (typeof value === 'symbol') return clip(String(value));
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof RegExp) return clip(String(value));
  return undefined;
}

/** The length that `content` leaves behind: of text its characters, of a list or map its items, of bytes the bytes. */
export function lengthOf(value: unknown): number {
  try {
    return measure(value);
  } catch {
    return 0;
  }
}

function measure(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) return value.length;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return value.byteLength;
  if (value instanceof Map || value instanceof Set) return value.size;
  return Object.keys(value).length;
}

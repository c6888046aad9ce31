/** The pieces of a line that don't change within a second, or ever. */

/** `000` to `999`: three digits by lookup, since formatting them costs more than the rest of a timestamp. */
export const DIGITS3: readonly string[] = Array.from({ length: 1000 }, (_, n) => String(n).padStart(3, '0'));

/** What follows the digits of a time. */
export const UTC = '+00:00';
const OPEN = '{"ts":"';

/** The head of a line up to its time, UTC ISO-8601 with microseconds, from epoch milliseconds with fractions. */
export class Timestamp {
  #second = Number.NaN;
  #text = '';

  /** The time alone, such as `2026-01-31T12:00:00.000000+00:00`. */
  render(ms: number): string {
    return this.open(ms).slice(OPEN.length) + UTC;
  }

  /** `{"ts":"2026-01-31T12:00:00.000000`; `UTC` has to follow. */
  open(ms: number): string {
    const second = Math.floor(ms / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#text = OPEN + new Date(second * 1000).toISOString().slice(0, 20);
    }
    const micros = Math.floor((ms - second * 1000) * 1000);
    const millis = (micros / 1000) | 0;
    return this.#text + (DIGITS3[millis]! + DIGITS3[micros - millis * 1000]!);
  }
}

/** Milliseconds with three decimals, as a JSON number. */
export function renderMillis(ms: number): string {
  if (!(ms >= 0) || ms > 1e9) return ms > 0 ? String(Math.round(ms)) : '0';
  const micros = Math.round(ms * 1000);
  const whole = Math.floor(micros / 1000);
  return `${whole}.${DIGITS3[micros - whole * 1000]}`;
}

/**
 * Which info lines are written. `adaptive` samples only while more than `busy` info lines came in the last second
 * of the process; `always` samples at any rate. Nothing but info is ever asked.
 */
export class InfoSampler {
  readonly #rate: number;
  readonly #busy: number;
  #windowStart = 0;
  #count = 0;
  #before = 0;

  constructor(rate: number, mode: 'adaptive' | 'always', busyLinesPerSecond: number) {
    this.#rate = Math.min(1, Math.max(0, rate));
    this.#busy = mode === 'always' ? -1 : busyLinesPerSecond;
  }

  keep(nowMs: number): boolean {
    if (this.#rate === 1) return true;
    const age = nowMs - this.#windowStart;
    // A clock that was set back begins anew: its window would last until it is where it was.
    if (age >= 1000 || age < 0) {
      const next = age >= 0 && age < 2000;
      this.#before = next ? this.#count : 0;
      this.#windowStart = next ? this.#windowStart + 1000 : nowMs;
      this.#count = 0;
    }
    this.#count += 1;
    const inWindow = Math.min(1000, nowMs - this.#windowStart);
    // The last second = this window so far + the matching rest of the window before.
    const lastSecond = this.#count + this.#before * (1 - inWindow / 1000);
    if (lastSecond <= this.#busy) return true;
    return Math.random() < this.#rate;
  }
}

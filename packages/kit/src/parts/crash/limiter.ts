/** Fingerprints that are remembered, and dumps of failing requests within one interval, whatever their fingerprint. */
const MAX_KNOWN = 200;
const MAX_DUMPS = 20;

/** A failing route is dumped once in an interval, so that it does not fill the disk; the rest is counted. */
export class Limiter {
  readonly #intervalMs: number;
  readonly #known = new Map<string, { until: number; suppressed: number }>();
  #window = Number.NEGATIVE_INFINITY;
  #dumps = 0;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** Undefined: count it only. Else dump it; the number is how many like it were only counted before. */
  take(fingerprint: string, now: number): number | undefined {
    if (now - this.#window >= this.#intervalMs) {
      this.#window = now;
      this.#dumps = 0;
    }
    const known = this.#known.get(fingerprint);
    if ((known !== undefined && now < known.until) || this.#dumps >= MAX_DUMPS) {
      if (known !== undefined) known.suppressed += 1;
      return undefined;
    }
    this.#dumps += 1;
    this.#known.delete(fingerprint);
    this.#known.set(fingerprint, { until: now + this.#intervalMs, suppressed: 0 });
    if (this.#known.size > MAX_KNOWN) this.#known.delete(this.#known.keys().next().value as string);
    return known?.suppressed ?? 0;
  }
}

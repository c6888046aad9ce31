/** Latencies in buckets of a microsecond: recording one costs a few nanoseconds, however many there are. */
const BUCKETS = 2_000_000;

export class Latencies {
  readonly #buckets = new Uint32Array(BUCKETS);
  #count = 0;
  max = 0;

  /** Milliseconds; two seconds and more count as two. */
  add(ms: number): void {
    const bucket = Math.min(BUCKETS - 1, Math.max(0, Math.floor(ms * 1000)));
    this.#buckets[bucket] = (this.#buckets[bucket] as number) + 1;
    this.#count += 1;
    if (ms > this.max) this.max = ms;
  }

  /** Milliseconds; NaN of none. */
  quantile(q: number): number {
    let left = Math.ceil(this.#count * q);
    if (left === 0) return Number.NaN;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= this.#buckets[bucket] as number;
      if (left <= 0) return (bucket + 0.5) / 1000;
    }
    return this.max;
  }
}

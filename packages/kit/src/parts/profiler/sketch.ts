/** Quantiles to 2 % in 2.5 KB, however many values: counts in buckets whose bounds grow by 4 % (DDSketch). */
const GROWTH = 1.04;
const LOG = Math.log(GROWTH);
/** A microsecond, in ms; what is shorter counts as that. */
const LEAST = 0.001;
/** To 86,400,000 ms, a day. */
const BUCKETS = 643;

export class Sketch {
  readonly #counts = new Uint32Array(BUCKETS);
  #count = 0;

  add(ms: number): void {
    const bucket = ms <= LEAST ? 0 : Math.min(BUCKETS - 1, Math.ceil(Math.log(ms / LEAST) / LOG));
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
    this.#count += 1;
  }

  /** 0 of nothing. */
  quantile(q: number): number {
    let left = Math.ceil(this.#count * q);
    if (left === 0) return 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= this.#counts[bucket] as number;
      if (left <= 0) return bucket === 0 ? LEAST : (LEAST * GROWTH ** bucket * 2) / (1 + GROWTH);
    }
    return 0;
  }
}

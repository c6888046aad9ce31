/** How many requests may be under way at once, found from their latency (a gradient, as TCP Vegas does it). */
export interface LimiterOptions {
  readonly least: number;
  readonly most: number;
}

const START = 100;
const WINDOW_MS = 100;
const WINDOW_REQUESTS = 10;
/** Latency may be this many times what it is without a queue before the limit falls. */
const TOLERANCE = 2;
/** How fast the idea of an unhurried latency follows a service that became slower for good: by half in 35 s. */
const DRIFT = 0.002;
const SMOOTHING = 0.2;
/** What a sample over its budget takes off. */
const PRESS = 0.9;

export class Limiter {
  readonly #options: LimiterOptions;
  inFlight = 0;
  limit: number;
  /** Mean latency of a window without a queue, ms; 0 before the first. */
  base = 0;
  #peak = 0;
  #sum = 0;
  #count = 0;
  #from = 0;

  constructor(options: LimiterOptions) {
    this.#options = options;
    this.limit = Math.min(options.most, Math.max(options.least, START));
  }

  get full(): boolean {
    return this.inFlight >= this.limit;
  }

  enter(): void {
    this.inFlight += 1;
    if (this.inFlight > this.#peak) this.#peak = this.inFlight;
  }

  leave(startedAt: number, now: number): void {
    this.inFlight -= 1;
    this.#sum += now - startedAt;
    this.#count += 1;
    if (now - this.#from >= WINDOW_MS && this.#count >= WINDOW_REQUESTS) this.#adjust(now);
  }

  /** A budget of the whole process is over: fewer at once. */
  press(): void {
    this.limit = this.#within(this.limit * PRESS);
  }

  #adjust(now: number): void {
    const mean = this.#sum / this.#count;
    const busy = this.#peak * 2 >= this.limit;
    this.#sum = 0;
    this.#count = 0;
    this.#from = now;
    this.#peak = this.inFlight;
    this.base = this.base === 0 || mean < this.base ? mean : this.base + (mean - this.base) * DRIFT;
    const gradient = Math.max(0.5, Math.min(1, (TOLERANCE * this.base) / mean));
    // A limit that nobody reaches says nothing about what could be carried.
    const wanted = this.limit * gradient + (busy ? Math.sqrt(this.limit) : 0);
    if (busy || gradient < 1) this.limit = this.#within(this.limit + (wanted - this.limit) * SMOOTHING);
  }

  #within(limit: number): number {
    return Math.min(this.#options.most, Math.max(this.#options.least, limit));
  }
}

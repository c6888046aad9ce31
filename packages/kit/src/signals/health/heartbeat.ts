/** A loop that is this late, in ms, is in trouble: probes with the usual 1 s timeout begin to fail. */
const LATE_MS = 1000;

/** The event loop's own check: how late the timer of the health rounds fired. It costs no timer of its own. */
export class Heartbeat {
  readonly #intervalMs: number;
  #due = Number.POSITIVE_INFINITY;
  #beatAt: number | undefined;
  #lag = 0;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  get due(): number {
    return this.#due;
  }

  start(now: number): void {
    this.#due = now + this.#intervalMs;
    this.#beatAt = now;
  }

  beat(now: number): void {
    if (now < this.#due) return;
    this.#lag = now - this.#due;
    this.#beatAt = now;
    this.#due = now + this.#intervalMs;
  }

  /** Undefined before `start`. */
  read(now: number): { ok: boolean; lag_ms: number; age_ms: number } | undefined {
    if (this.#beatAt === undefined) return undefined;
    // A beat that is overdue while someone asks is lag as well.
    const lag = Math.max(this.#lag, now - this.#due, 0);
    return {
      ok: lag < LATE_MS,
      lag_ms: Math.round(lag * 100) / 100,
      age_ms: Math.max(0, Math.round(now - this.#beatAt)),
    };
  }
}

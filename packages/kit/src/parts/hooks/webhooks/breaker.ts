const FAILURES = 5;
const FIRST_MS = 1000;
const LONGEST_MS = 300_000;

/**
 * Spares a receiver that is down: after five failures in a row nothing is sent for a second, then one attempt shows
 * whether it is back; each time it is not, the pause doubles, up to five minutes.
 */
export class Breaker {
  #failures = 0;
  #until = 0;
  #pauseMs = FIRST_MS;
  #probing = false;

  state(now: number): 'closed' | 'open' | 'half-open' {
    if (this.#failures < FAILURES) return 'closed';
    return now < this.#until ? 'open' : 'half-open';
  }

  /** Milliseconds until the next attempt may begin; Infinity while the one that decides is under way. */
  waitMs(now: number): number {
    if (this.#failures < FAILURES) return 0;
    if (this.#probing) return Number.POSITIVE_INFINITY;
    return Math.max(0, this.#until - now);
  }

  begin(): void {
    if (this.#failures >= FAILURES) this.#probing = true;
  }

  /** An attempt that was cut short says nothing. */
  cancel(): void {
    this.#probing = false;
  }

  /** True when this was what closed it again. */
  succeeded(): boolean {
    const closes = this.#failures >= FAILURES;
    this.#failures = 0;
    this.#pauseMs = FIRST_MS;
    this.#probing = false;
    return closes;
  }

  failed(now: number): void {
    this.#failures += 1;
    this.#probing = false;
    // Those that were under way when it opened say nothing new.
    if (this.#failures < FAILURES || now < this.#until) return;
    this.#until = now + this.#pauseMs;
    this.#pauseMs = Math.min(LONGEST_MS, this.#pauseMs * 2);
  }
}

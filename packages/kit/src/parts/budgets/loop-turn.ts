import { performance } from 'node:perf_hooks';

/** How long the event loop's idle share is watched before it is judged. */
const WINDOW_MS = 100;
/**
 * A loop that sleeps less than the first share of a window has more to do than it can; it is over that once it sleeps
 * more than the second. In between it stays as it was: who turns half of the work away has time to spare for that.
 */
const IDLE_SHARE = { enter: 0.02, leave: 0.2 } as const;

/**
 * What waits in the event loop. All sockets that have data are served in one turn, one after the other, so what this
 * turn has spent is what the next request of it has waited at least: the queue that no count of requests shows.
 */
export class LoopTurn {
  #began = -1;
  #window = 0;
  #last = performance.eventLoopUtilization();
  /** The loop had no time to sleep in the last window. */
  saturated = false;
  readonly #end = (): void => {
    this.#began = -1;
  };

  /** Milliseconds since the first guarded request of this turn. */
  spent(now: number): number {
    if (this.#began < 0) {
      this.#began = now;
      setImmediate(this.#end);
      if (now - this.#window >= WINDOW_MS) this.#look(now);
      return 0;
    }
    return now - this.#began;
  }

  #look(now: number): void {
    const current = performance.eventLoopUtilization();
    const { idle, active } = performance.eventLoopUtilization(current, this.#last);
    this.#last = current;
    // After a pause the window is the pause, which was idle.
    const share = idle / (idle + active);
    this.saturated = share < (this.saturated ? IDLE_SHARE.leave : IDLE_SHARE.enter);
    this.#window = now;
  }
}

const MAX_NODES = 1000;
const MAX_MS = 5;
/** How often the clock is asked; a power of two. */
const NODES_PER_LOOK = 256;

/** What one walk may cost. */
export class Budget {
  #nodes = 0;
  #started = 0;
  /** True once the walk is over. */
  spent = false;

  begin(): void {
    this.#nodes = 0;
    this.spent = false;
  }

  /** Counts a node; true when the walk is over. */
  take(): boolean {
    this.#nodes += 1;
    if (this.#nodes > MAX_NODES) this.spent = true;
    else if ((this.#nodes & (NODES_PER_LOOK - 1)) === 0) {
      const now = Date.now();
      if (this.#nodes === NODES_PER_LOOK) this.#started = now;
      else if (now - this.#started > MAX_MS) this.spent = true;
    }
    return this.spent;
  }
}

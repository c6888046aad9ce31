/** The newest of what was pushed, and how many that were. */
export class Ring<T> {
  readonly #size: number;
  #items: T[] = [];
  #next = 0;
  total = 0;

  constructor(size: number) {
    this.#size = size;
  }

  get length(): number {
    return this.#items.length;
  }

  push(item: T): void {
    this.#items[this.#next] = item;
    this.#next = (this.#next + 1) % this.#size;
    this.total += 1;
  }

  /** Oldest first. */
  newest(count: number): T[] {
    const all = [...this.#items.slice(this.#next), ...this.#items.slice(0, this.#next)];
    return all.slice(-Math.max(0, count) || all.length);
  }

  clear(): void {
    this.#items = [];
    this.#next = 0;
    this.total = 0;
  }
}

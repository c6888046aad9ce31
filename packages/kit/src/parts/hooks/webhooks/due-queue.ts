interface Entry<T> {
  readonly due: number;
  readonly order: number;
  readonly item: T;
}

/** A binary heap by time, and by order of arrival where times are equal. */
export class DueQueue<T> {
  #heap: Entry<T>[] = [];
  #count = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** When the first is due; Infinity where there is none. */
  get next(): number {
    return this.#heap[0]?.due ?? Number.POSITIVE_INFINITY;
  }

  push(item: T, due: number): void {
    const heap = this.#heap;
    this.#count += 1;
    heap.push({ due, order: this.#count, item });
    for (let at = heap.length - 1; at > 0; ) {
      const up = (at - 1) >> 1;
      if (!this.#before(at, up)) break;
      this.#swap(at, up);
      at = up;
    }
  }

  take(now: number): T | undefined {
    const heap = this.#heap;
    const first = heap[0];
    if (first === undefined || first.due > now) return undefined;
    const last = heap.pop() as Entry<T>;
    if (heap.length > 0) {
      heap[0] = last;
      this.#sink();
    }
    return first.item;
  }

  /** Everything is due now, in the order in which it came. */
  release(now: number): void {
    this.#heap = this.#heap
      .map(entry => ({ ...entry, due: Math.min(entry.due, now) }))
      .sort((a, b) => a.due - b.due || a.order - b.order);
  }

  clear(): void {
    this.#heap = [];
  }

  #sink(): void {
    for (let at = 0; ; ) {
      let least = at;
      for (const child of [at * 2 + 1, at * 2 + 2])
        if (child < this.#heap.length && this.#before(child, least)) least = child;
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #before(a: number, b: number): boolean {
    const x = this.#heap[a] as Entry<T>;
    const y = this.#heap[b] as Entry<T>;
    return x.due < y.due || (x.due === y.due && x.order < y.order);
  }

  #swap(a: number, b: number): void {
    const heap = this.#heap;
    [heap[a], heap[b]] = [heap[b] as Entry<T>, heap[a] as Entry<T>];
  }
}

interface Line<T> {
  readonly key: string;
  /** Read from `head` on: `shift` moves all that is behind. */
  items: T[];
  head: number;
}

/** First by priority, then keys take turns, then first come first served. Every step is constant, but for a new priority. */
export class FairQueue<
  T extends { readonly key: string; readonly priority: number; readonly gone: boolean },
> {
  /** Falling. */
  #levels: { readonly priority: number; readonly lines: Map<string, Line<T>>; turn: Line<T>[] }[] = [];

  push(item: T): void {
    const { priority, key } = item;
    let level = this.#levels.find(one => one.priority === priority);
    if (level === undefined) {
      level = { priority, lines: new Map(), turn: [] };
      this.#levels = [...this.#levels, level].sort((a, b) => b.priority - a.priority);
    }
    let line = level.lines.get(key);
    if (line === undefined) {
      line = { key, items: [], head: 0 };
      level.lines.set(key, line);
      level.turn.push(line);
    }
    line.items.push(item);
  }

  /** Whose turn it is; those who are gone are forgotten on the way. */
  peek(): T | undefined {
    for (;;) {
      const level = this.#levels[0];
      if (level === undefined) return undefined;
      const line = level.turn[0];
      if (line === undefined) {
        this.#levels.shift();
        continue;
      }
      const item = line.items[line.head];
      if (item === undefined) {
        level.turn.shift();
        level.lines.delete(line.key);
      } else if (item.gone) advance(line);
      else return item;
    }
  }

  /** Takes what `peek` gave; the next turn is another key's. */
  shift(): void {
    const level = this.#levels[0];
    const line = level?.turn.shift();
    if (level === undefined || line === undefined) return;
    advance(line);
    if (line.items.length > line.head) level.turn.push(line);
    else level.lines.delete(line.key);
  }
}

function advance<T>(line: Line<T>): void {
  line.head += 1;
  if (line.head < 64 || line.head * 2 < line.items.length) return;
  line.items = line.items.slice(line.head);
  line.head = 0;
}

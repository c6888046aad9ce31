/** A hook on its way to webhooks: the body is the same bytes in every attempt. */
export interface Message {
  readonly id: string;
  readonly event: string;
  readonly body: string;
}

/** One message for one webhook. */
export interface Letter {
  readonly message: Message;
  /** The webhook's id. */
  readonly to: string;
  attempts: number;
  /** Milliseconds since the epoch before which nothing is tried. */
  due: number;
  /** Set when it was given up. */
  dead?: Death;
}

export interface Death {
  readonly reason: 'exhausted' | 'gone' | 'address_not_allowed' | 'queue_full';
  readonly at: number;
  readonly status?: number;
  readonly code?: string;
}

/** What the journal holds, in the order in which it happened; short names, since there are many. */
export type Entry =
  | {
      readonly t: 'put';
      readonly id: string;
      readonly e: string;
      readonly b: string;
      readonly to: readonly string[];
    }
  | { readonly t: 'done'; readonly id: string; readonly to: string }
  | {
      readonly t: 'tried';
      readonly id: string;
      readonly to: string;
      readonly n: number;
      readonly due: number;
    }
  | { readonly t: 'dead'; readonly id: string; readonly to: string; readonly n: number; readonly d: Death }
  | { readonly t: 'again'; readonly id: string; readonly to: string }
  | { readonly t: 'gone'; readonly to: string };

/** The letters as the entries say, by webhook and message. */
export class Letters {
  /** Webhook → message id → letter; a letter that is put back goes to the end. */
  readonly #boxes = new Map<string, Map<string, Letter>>();
  readonly #dead = new Map<string, number>();
  /** Bytes of the bodies that are kept, for the journal to know when most of it is past. */
  bytes = 0;

  box(to: string): ReadonlyMap<string, Letter> {
    return this.#boxes.get(to) ?? EMPTY;
  }

  /** Dead letters of a webhook. */
  dead(to: string): number {
    return this.#dead.get(to) ?? 0;
  }

  all(): Iterable<Letter> {
    return [...this.#boxes.values()].flatMap(box => [...box.values()]);
  }

  apply(entry: Entry): void {
    if (entry.t === 'gone') {
      for (const letter of this.box(entry.to).values()) this.bytes -= sizeOf(letter);
      this.#boxes.delete(entry.to);
      this.#dead.delete(entry.to);
    } else if (entry.t === 'put') {
      const message: Message = { id: entry.id, event: entry.e, body: entry.b };
      for (const to of entry.to) this.add({ message, to, attempts: 0, due: 0 });
    } else this.#change(entry);
  }

  add(letter: Letter): void {
    let box = this.#boxes.get(letter.to);
    if (box === undefined) {
      box = new Map();
      this.#boxes.set(letter.to, box);
    }
    if (!box.has(letter.message.id)) this.bytes += sizeOf(letter);
    box.set(letter.message.id, letter);
  }

  #change(entry: Exclude<Entry, { t: 'put' | 'gone' }>): void {
    const box = this.#boxes.get(entry.to);
    const letter = box?.get(entry.id);
    if (box === undefined || letter === undefined) return;
    if (letter.dead !== undefined) this.#dead.set(entry.to, this.dead(entry.to) - 1);
    switch (entry.t) {
      case 'done':
        box.delete(entry.id);
        this.bytes -= sizeOf(letter);
        break;
      case 'tried':
        letter.attempts = entry.n;
        letter.due = entry.due;
        break;
      case 'dead':
        letter.attempts = entry.n;
        letter.dead = entry.d;
        this.#dead.set(entry.to, this.dead(entry.to) + 1);
        break;
      case 'again':
        delete letter.dead;
        letter.attempts = 0;
        letter.due = 0;
        box.delete(entry.id);
        box.set(entry.id, letter);
    }
  }

  /** The fewest entries that say the same. */
  *snapshot(): Iterable<Entry> {
    for (const { message, to, attempts, due, dead } of this.all()) {
      const { id } = message;
      yield { t: 'put', id, e: message.event, b: message.body, to: [to] };
      if (dead !== undefined) yield { t: 'dead', id, to, n: attempts, d: dead };
      else if (attempts > 0) yield { t: 'tried', id, to, n: attempts, due };
    }
  }
}

const EMPTY: ReadonlyMap<string, Letter> = new Map();
/** With what the journal's line adds. */
const sizeOf = ({ message }: Letter): number => message.body.length + 150;

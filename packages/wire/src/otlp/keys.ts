import { type Run, TRIES, type Trial } from './runs.ts';

const MAX_KEYS = 1024;
const MAX_KEY = 64;

/** A key as its field of a KeyValue (tag 0x0a, length, ASCII), and one KeyValue of it. */
export interface RenderedKey {
  readonly key: string;
  /** The one that was asked for after it the last time. */
  after: RenderedKey | undefined;
  readonly head: Uint8Array;
  /** Undefined before the first that came twice in a row. */
  text: string | undefined;
  /** The text it had last. */
  next: string | undefined;
  /** Tag and all, in the field of `tag`. */
  whole: Uint8Array;
  tag: number;
  /** Of the attributes that begin with it. */
  run: Run | undefined;
  /** What the last trial for a run was, and how many are left. */
  before: Trial | undefined;
  tries: number;
}

const NONE = new Uint8Array(0);

/**
 * Programs use few keys, and most with the same few texts: copying one that is rendered costs half of what its
 * characters do. The bound is there for programs that make keys up.
 */
export class RenderedKeys {
  readonly #known = new Map<string, RenderedKey>();
  #last: RenderedKey | undefined;

  /**
   * Undefined for a key that is long or not ASCII, and for new ones once there are too many. The same keys come in the
   * same order again and again: a guess costs 2 ns, a look-up 12.
   */
  get(key: string): RenderedKey | undefined {
    const last = this.#last;
    const guess = last?.after;
    if (guess !== undefined && guess.key === key) {
      this.#last = guess;
      return guess;
    }
    const found = this.#known.get(key) ?? this.#render(key);
    if (last !== undefined && found !== undefined) last.after = found;
    this.#last = found;
    return found;
  }

  #render(key: string): RenderedKey | undefined {
    if (key.length > MAX_KEY || this.#known.size >= MAX_KEYS) return undefined;
    const bytes = new Uint8Array(key.length + 2);
    bytes[0] = 0x0a;
    bytes[1] = key.length;
    for (let i = 0; i < key.length; i++) {
      const code = key.charCodeAt(i);
      if (code > 127) return undefined;
      bytes[i + 2] = code;
    }
    const rendered: RenderedKey = {
      ...{ key, after: undefined, head: bytes },
      ...{ text: undefined, next: undefined, whole: NONE, tag: 0 },
      ...{ run: undefined, before: undefined, tries: TRIES },
    };
    this.#known.set(key, rendered);
    return rendered;
  }
}

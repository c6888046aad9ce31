const MAX_KEYS = 1024;
const MAX_KEY = 64;

/** A key as its field of a KeyValue (tag 0x0a, length, ASCII), and one KeyValue of it. */
export interface RenderedKey {
  readonly head: Uint8Array;
  /** Undefined before the first that came twice in a row. */
  text: string | undefined;
  /** The text it had last. */
  next: string | undefined;
  /** Tag and all, in the field of `tag`. */
  whole: Uint8Array;
  tag: number;
}

const NONE = new Uint8Array(0);

/**
 * Programs use few keys, and most with the same few texts: copying one that is rendered costs half of what its
 * characters do. The bound is there for programs that make keys up.
 */
export class RenderedKeys {
  readonly #known = new Map<string, RenderedKey>();

  /** Undefined for a key that is long or not ASCII, and for new ones once there are too many. */
  get(key: string): RenderedKey | undefined {
    return this.#known.get(key) ?? this.#render(key);
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
    const rendered: RenderedKey = { head: bytes, text: undefined, next: undefined, whole: NONE, tag: 0 };
    this.#known.set(key, rendered);
    return rendered;
  }
}

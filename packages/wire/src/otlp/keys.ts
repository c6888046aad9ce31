const MAX_KEYS = 1024;
const MAX_KEY = 64;

/**
 * Attribute keys as their field of a KeyValue (tag 0x0a, length, ASCII). Programs use few keys, and copying one
 * costs half of what its characters do; the bound is there for programs that make keys up.
 */
export class RenderedKeys {
  readonly #known = new Map<string, Uint8Array>();

  /** Undefined for a key that is long or not ASCII, and for new ones once there are too many. */
  get(key: string): Uint8Array | undefined {
    return this.#known.get(key) ?? this.#render(key);
  }

  #render(key: string): Uint8Array | undefined {
    if (key.length > MAX_KEY || this.#known.size >= MAX_KEYS) return undefined;
    const bytes = new Uint8Array(key.length + 2);
    bytes[0] = 0x0a;
    bytes[1] = key.length;
    for (let i = 0; i < key.length; i++) {
      const code = key.charCodeAt(i);
      if (code > 127) return undefined;
      bytes[i + 2] = code;
    }
    this.#known.set(key, bytes);
    return bytes;
  }
}

import { createHasher } from './blake2s.ts';
import { errorCopy, type Out, read, store } from './copy.ts';
import { scan } from './detect.ts';
import { classifyKey, type KeyClass } from './keys.ts';
import { isId } from './locate.ts';
import * as values from './values.ts';
import { among, wordsOf } from './words.ts';

/**
 * Telemetry as installations of the seed's hosts hash it: 32 hex digits, the whole dotted name as namespace and no
 * frame, for every name that has one of these words in it, and for what stands below such a name. Credentials too,
 * which are `[redacted]` elsewhere. What the seed's rule let through is cleaned here as it is everywhere.
 */
const WORDS: ReadonlySet<string> = new Set(
  'id uuid uid token key secret serial license path email user account identifier address fingerprint'.split(
    ' ',
  ),
);

const MAX_DEPTH = 8;
const MAX_ITEMS = 64;
const MAX_NODES = 1000;
const LEFT_OUT = Symbol('left out');

/** A plain copy that JSON can hold; it never throws, and is as bounded as `redact`. */
export function createCompatible(key: Uint8Array): (value: unknown) => unknown {
  const hash = createHasher(key, { compatible: true });
  return value => new Walk(hash).any(value, { path: '', depth: 0, hashed: false });
}

interface Place {
  readonly path: string;
  readonly depth: number;
  /** True below a name that says so. */
  readonly hashed: boolean;
}

class Walk {
  readonly #hash: (value: string, namespace: string) => string;
  readonly #above: object[] = [];
  #nodes = 0;

  constructor(hash: (value: string, namespace: string) => string) {
    this.#hash = hash;
  }

  any(value: unknown, place: Place): unknown {
    if (value === null || typeof value === 'boolean' || value === undefined) return value;
    if (value instanceof Uint8Array) return this.#hash(latin1(value), place.path);
    if (typeof value === 'object') return this.#object(value, place);
    if (place.hashed) return this.#hash(String(value), place.path);
    if (typeof value === 'number') return Number.isFinite(value) ? values.cleanNumber(value) : String(value);
    if (typeof value === 'function' || typeof value === 'symbol') return values.textOfOdd(value);
    return values.clip(String(value));
  }

  #object(value: object, place: Place): unknown {
    this.#nodes += 1;
    if (this.#nodes > MAX_NODES || place.depth >= MAX_DEPTH) return values.TRUNCATED;
    if (this.#above.includes(value)) return values.CIRCULAR;
    this.#above.push(value);
    try {
      return this.#container(value, { ...place, depth: place.depth + 1 });
    } catch {
      return values.UNREADABLE;
    } finally {
      this.#above.pop();
    }
  }

  #container(value: object, place: Place): unknown {
    const odd = values.textOfOdd(value);
    if (odd !== undefined) return place.hashed ? this.#hash(odd, place.path) : odd;
    if (Array.isArray(value) || value instanceof Set) return this.#list([...value], place);
    if (value instanceof Error) return errorCopy(value, cause => this.any(cause, place));
    const entries: [string, unknown][] =
      value instanceof Map
        ? [...value].map(([key, item]) => [String(key), item])
        : Object.keys(value).map(key => [key, read(value, key)]);
    const out: Out = {};
    for (const [key, item] of entries.slice(0, MAX_ITEMS)) this.#put(out, key, { item, place });
    if (entries.length > MAX_ITEMS) out['…'] = `+${entries.length - MAX_ITEMS} keys`;
    return out;
  }

  #list(items: readonly unknown[], place: Place): unknown {
    const out = items.slice(0, MAX_ITEMS).map(item => this.any(item, place) ?? null);
    return items.length > MAX_ITEMS ? [...out, '…'] : out;
  }

  #put(out: Out, key: string, { item, place }: { item: unknown; place: Place }): void {
    if (item === undefined) return;
    this.#nodes += 1;
    if (this.#nodes > MAX_NODES) return;
    const path = place.path === '' ? key : `${place.path}.${key}`;
    const found = classifyKey(key);
    const name =
      place.hashed && isId(key) ? this.#hash(key, place.path) : scan(key.slice(0, values.MAX_TEXT));
    const hashed = place.hashed || hashes(key, found);
    const value = this.#value(item, found, { path, depth: place.depth, hashed });
    if (value !== LEFT_OUT) store(out, name, value);
    else if (found.class === 'content') store(out, `${name}_length`, values.lengthOf(item));
  }

  #value(item: unknown, found: KeyClass, place: Place): unknown {
    if (typeof item === 'boolean' || item === null) return item;
    // `tokens: 12` is a count.
    if (typeof item === 'number' && isCount(found)) return this.any(item, { ...place, hashed: false });
    if (found.class === 'position' || found.class === 'content') return LEFT_OUT;
    return this.any(item, place);
  }
}

function isCount({ class: kind, keepNumbers }: KeyClass): boolean {
  return kind === 'size' || (keepNumbers && kind !== 'locator');
}

function hashes(key: string, { class: kind }: KeyClass): boolean {
  if (kind === 'size' || kind === 'position' || kind === 'content') return false;
  if (kind === 'credential' || kind === 'identifier' || kind === 'locator') return true;
  return wordsOf(key).some(word => among(WORDS, word));
}

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

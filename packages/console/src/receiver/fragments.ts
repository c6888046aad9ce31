import type { Attributes, AttributeValue } from '@plimsoll/wire';
import type { AttributeCleaner } from './attributes.ts';
import { ByteTable } from './byte-table.ts';

/** Numbers from here on are looked at by the policy: they may be a card's. */
const PLAIN_NUMBER = 1e12;
const KEYS = 2048;
const MAX_KEY = 64;
/** Values remembered for one name, and how long they may be. */
const VALUES = 512;
const MAX_VALUE = 256;
/** After so many looks a name whose values hardly repeat is not remembered any more. */
const TRIAL = 2048;

/** One attribute as it is stored: `"name":value`, or what the policy makes of it. */
export interface Fragment {
  readonly json: string;
  /** The value where it is a text; for the columns that are kept beside. */
  readonly text: string;
}

export interface Key {
  readonly name: string;
  /** `"name":`, in JSON. */
  readonly prefix: string;
  readonly plain: boolean;
  readonly values: ByteTable<Fragment>;
  looks: number;
  misses: number;
  /** The span that had this name last. */
  turn: number;
}

/**
 * Attributes straight from an export's bytes to redacted JSON text. What is said again and again (four in five values
 * of a span) is judged once, by the same policy as all else; what is not plain to see goes the long way.
 */
export class Fragments {
  readonly #cleaner: AttributeCleaner;
  readonly #keys = new ByteTable<Key>(KEYS);

  constructor(cleaner: AttributeCleaner) {
    this.#cleaner = cleaner;
  }

  /** The name in these bytes; undefined for a long one. */
  key(bytes: Uint8Array, start: number, end: number): Key | undefined {
    if (end - start > MAX_KEY) return undefined;
    const known = this.#keys.get(bytes, start, end);
    if (known !== undefined) return known;
    const name = textOf(bytes, start, end);
    const key: Key = {
      ...{ name, prefix: `${JSON.stringify(name)}:`, plain: this.#cleaner.isPlain(name) },
      ...{ values: new ByteTable<Fragment>(VALUES), looks: 0, misses: 0, turn: 0 },
    };
    this.#keys.set(bytes, start, end, key);
    return key;
  }

  /** A text value; undefined where it does not keep its name, or is no text any more. */
  text(key: Key, bytes: Uint8Array, start: number, end: number): Fragment | undefined {
    const remembers = end - start <= MAX_VALUE && !isRestless(key);
    if (remembers) {
      key.looks += 1;
      const known = key.values.get(bytes, start, end);
      if (known !== undefined) return known;
      key.misses += 1;
    }
    const clean = this.#judge(key.name, textOf(bytes, start, end));
    if (typeof clean !== 'string') return undefined;
    const fragment = { json: key.prefix + JSON.stringify(clean), text: clean };
    if (remembers) key.values.set(bytes, start, end, fragment);
    return fragment;
  }

  /** A small whole number; undefined where the policy changes it. */
  number(key: Key, value: number): string | undefined {
    if (key.plain && value < PLAIN_NUMBER) return key.prefix + value;
    return this.#judge(key.name, value) === value ? key.prefix + value : undefined;
  }

  boolean(key: Key, value: boolean): string | undefined {
    return key.plain || this.#judge(key.name, value) === value ? key.prefix + value : undefined;
  }

  #judge(name: string, value: AttributeValue): AttributeValue | undefined {
    const given: Attributes = { [name]: value };
    const clean = this.#cleaner.clean(given);
    const names = Object.keys(clean);
    return names.length === 1 && names[0] === name ? clean[name] : undefined;
  }
}

const isRestless = ({ looks, misses }: Key): boolean => looks > TRIAL && misses * 2 > looks;

/** As the decoder reads it: what is no UTF-8 becomes U+FFFD. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
}

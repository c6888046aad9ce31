import type { Privacy } from '@plimsoll/privacy';
import type { Attributes, AttributeValue } from '@plimsoll/wire';

export type Column = 'spans' | 'logs' | 'labels';

/** What became of one text: itself or another under the same name, or what stands in its place. */
type Clean = string | Attributes;

interface Known {
  /** The name says nothing about its value, so most numbers pass. */
  readonly plain: boolean;
  /** By the text given; undefined once the values turned out to be all different. */
  texts: Map<string, Clean> | undefined;
}

/** Methods, routes, hosts and statements repeat; paths and ids do not, and would only push those out. */
const MAX_TEXTS = 512;
const MAX_LENGTH = 512;
/** All names and texts together; beyond it everything is learnt anew. */
const MAX_KNOWN = 32_768;
/** The policy looks closer at numbers from here on: they may be a card's. */
const PLAIN_NUMBER = 1e12;

/**
 * The redaction policy over one column's attributes, with its verdicts on what was said before: four in five values
 * of a span are.
 */
export class AttributeCleaner {
  readonly #privacy: Privacy;
  readonly #column: Column;
  readonly #known = new Map<string, Known>();
  #size = 0;

  constructor(privacy: Privacy, column: Column) {
    this.#privacy = privacy;
    this.#column = column;
  }

  /** Changes what it is given where names stay, else gives a copy. */
  clean(attributes: Attributes): Attributes {
    const own = attributes as Record<string, AttributeValue>;
    for (const key in own) {
      const value = own[key]!;
      const clean = this.#value(key, value);
      if (clean === value) continue;
      if (isRenamed(clean)) return this.#rebuilt(own);
      own[key] = clean;
    }
    return own;
  }

  /** Whether a number or a boolean under this name passes as it is. */
  isPlain(key: string): boolean {
    return (this.#known.get(key) ?? this.#learn(key)).plain;
  }

  #rebuilt(attributes: Attributes): Attributes {
    const out: Record<string, AttributeValue> = {};
    for (const key of Object.keys(attributes)) {
      const clean = this.#value(key, attributes[key]!);
      if (!isRenamed(clean)) setOwn(out, key, clean);
      else for (const [name, value] of Object.entries(clean.in)) setOwn(out, name, value);
    }
    return out;
  }

  #value(key: string, value: AttributeValue): AttributeValue | Renamed {
    const known = this.#known.get(key) ?? this.#learn(key);
    if (typeof value === 'number') {
      if (known.plain && value < PLAIN_NUMBER) return value;
    } else if (typeof value === 'string') {
      const text = known.texts?.get(value);
      if (text !== undefined) return typeof text === 'string' ? text : new Renamed(text);
    } else if ((value === null || typeof value === 'boolean') && known.plain) return value;
    return this.#judge(key, value, known);
  }

  #judge(key: string, value: AttributeValue, known: Known): AttributeValue | Renamed {
    const all = this.#privacy.attributes({ [key]: value }, this.#column) as Attributes;
    const kept = Object.hasOwn(all, key) ? all[key]! : undefined;
    const clean = kept === undefined ? new Renamed(all) : exact(kept, value);
    if (typeof value === 'string' && value.length <= MAX_LENGTH && known.texts !== undefined) {
      if (known.texts.size === MAX_TEXTS) {
        this.#size -= MAX_TEXTS;
        known.texts = undefined;
      } else if (typeof clean === 'string' || clean instanceof Renamed) {
        this.#grow();
        known.texts.set(value, typeof clean === 'string' ? clean : all);
      }
    }
    return clean;
  }

  #learn(key: string): Known {
    const of = this.#privacy.classify(key);
    const untouched = Object.hasOwn(this.#privacy.attributes({ [key]: 0 }, this.#column), key);
    const known = { plain: untouched && (of === 'none' || of === 'size'), texts: new Map<string, Clean>() };
    if (key.length > MAX_LENGTH) return known;
    this.#grow();
    this.#known.set(key, known);
    return known;
  }

  #grow(): void {
    this.#size += 1;
    if (this.#size < MAX_KNOWN) return;
    this.#known.clear();
    this.#size = 0;
  }
}

/** The value stands under another name, or nowhere. */
class Renamed {
  readonly in: Attributes;

  constructor(attributes: Attributes) {
    this.in = attributes;
  }
}

function isRenamed(value: AttributeValue | Renamed): value is Renamed {
  return value instanceof Renamed;
}

/**
 * Numbers below a list or a map as they were: the policy writes int64s and what is not finite as text, since its
 * copies are for JSON. A text that says something else than the number stays.
 */
export function exact(clean: AttributeValue, given: AttributeValue): AttributeValue {
  if (typeof clean === 'string') {
    const same = (typeof given === 'bigint' || typeof given === 'number') && clean === String(given);
    return same ? given : clean;
  }
  if (typeof clean !== 'object' || clean === null || typeof given !== 'object' || given === null)
    return clean;
  if (Array.isArray(clean)) {
    if (!Array.isArray(given)) return clean;
    return clean.map((item, i) => (i < given.length ? exact(item, given[i]!) : item));
  }
  const map = clean as Record<string, AttributeValue>;
  for (const [name, value] of Object.entries(map)) {
    if (name !== '__proto__' && Object.hasOwn(given, name))
      map[name] = exact(value, (given as Attributes)[name]!);
  }
  return map;
}

/** A plain assignment to `__proto__` would change the object's prototype. */
function setOwn(into: Record<string, AttributeValue>, name: string, value: AttributeValue): void {
  if (name === '__proto__') {
    Object.defineProperty(into, name, { value, enumerable: true, configurable: true, writable: true });
  } else into[name] = value;
}

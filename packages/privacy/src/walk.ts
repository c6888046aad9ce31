import { Budget } from './budget.ts';
import { cloned, errorCopy, isPlain, type Out, read, rest, store } from './copy.ts';
import { isId } from './locate.ts';
import { DROPPED, type Place, ROOT } from './place.ts';
import type { Column, Verdict, Verdicts } from './policy.ts';
import { ITEMS } from './policy.ts';
import * as values from './values.ts';

const MAX_DEPTH = 8;
/** More names than this, and a copy is better cloned than built. */
const MANY = 12;

type Hash = (value: string | number | bigint, namespace?: string) => string;

export interface WalkOptions {
  readonly column: Column;
  readonly verdicts: Verdicts;
  readonly hash: Hash;
}

/**
 * Copies values under the policy of one column, bounded in depth, nodes and time. It never throws: what can't be
 * read becomes `[unreadable]`. One walker serves a column for good; the bounds are per call.
 */
export class Walker {
  readonly #verdicts: Verdicts;
  readonly #hash: Hash;
  readonly #items: number;
  readonly #stack: object[] = [];
  readonly #budget = new Budget();

  constructor(options: WalkOptions) {
    this.#verdicts = options.verdicts;
    this.#hash = options.hash;
    this.#items = ITEMS[options.column];
  }

  /** Starts the bounds anew, before each value from outside; a getter that logs shares those of the walk it is in. */
  begin(): void {
    if (this.#stack.length === 0) this.#budget.begin();
  }

  /** The value of a name under its verdict, or DROPPED. Scalars come back as JSON can hold them, or as given. */
  named(verdict: Verdict, value: unknown, place: Place = ROOT): unknown {
    if (verdict.action === 'keep') {
      if (typeof value === 'string') return values.kept(verdict, value);
      if (typeof value === 'object' && value !== null && verdict.prefix) {
        return this.any(value, { ...place, parent: verdict.name });
      }
      return this.any(value, place);
    }
    if (typeof value === 'boolean' || value === null || value === undefined) return value;
    if (verdict.keepNumbers && typeof value === 'number') return this.any(value, place);
    return this.#judge(verdict, value, place);
  }

  #judge(verdict: Verdict, value: unknown, place: Place): unknown {
    switch (verdict.action) {
      case 'redact':
        return values.REDACTED;
      case 'mask':
        return values.MASKED;
      case 'drop':
      case 'length':
        return DROPPED;
      case 'hash':
        if (values.isTelling(value)) return this.#hash(value, verdict.kind);
        return this.any(value, { ...place, above: verdict, parent: verdict.name });
      case 'cell':
        if (typeof value === 'number') return values.cellOf(verdict, value);
        return typeof value === 'string' ? values.REDACTED : this.any(value, { ...place, above: verdict });
      default:
        if (typeof value === 'string') return values.textFor(verdict, value);
        return this.any(value, { ...place, above: verdict });
    }
  }

  /** A value without a name of its own: an item of a list, or what is being redacted as a whole. */
  any(value: unknown, place: Place = ROOT): unknown {
    switch (typeof value) {
      case 'string':
        return values.clip(value);
      case 'number':
        return Number.isFinite(value) ? values.cleanNumber(value) : String(value);
      case 'bigint':
        return values.clip(String(value));
      case 'boolean':
      case 'undefined':
        return value;
      case 'object':
        return value === null ? null : this.#guarded(value, place);
      default:
        return this.#strange(value);
    }
  }

  #strange(value: unknown): unknown {
    try {
      return values.textOfOdd(value);
    } catch {
      return values.UNREADABLE;
    }
  }

  #item(value: unknown, place: Place): unknown {
    const { above } = place;
    if (above === undefined || (typeof value === 'object' && value !== null)) return this.any(value, place);
    const item = this.named(above, value, place);
    return item === DROPPED ? undefined : item;
  }

  #guarded(value: object, place: Place): unknown {
    if (this.#budget.spent) return values.TRUNCATED;
    try {
      const odd = values.textOfOdd(value);
      if (odd !== undefined) return odd;
      if (this.#stack.includes(value)) return values.CIRCULAR;
      if (place.depth >= MAX_DEPTH) return values.TRUNCATED;
    } catch {
      return values.UNREADABLE;
    }
    this.#stack.push(value);
    try {
      return this.#container(value, { ...place, depth: place.depth + 1 });
    } catch {
      return values.UNREADABLE;
    } finally {
      this.#stack.pop();
    }
  }

  #container(value: object, place: Place): unknown {
    if (Array.isArray(value)) return this.#list(value, value.length, place);
    if (value instanceof Error || Object.prototype.toString.call(value) === '[object Error]') {
      return errorCopy(value as Error, cause => this.any(cause, place));
    }
    if (value instanceof Map) return this.#map(value, place);
    if (value instanceof Set) return this.#list(value, value.size, place);
    const toJson = (value as { toJSON?: unknown }).toJSON;
    if (typeof toJson === 'function') return this.#item(toJson.call(value) as unknown, place);
    if (value instanceof String || value instanceof Number || value instanceof Boolean) {
      return this.#item(value.valueOf(), place);
    }
    return this.#object(value as Out, place);
  }

  #list(items: Iterable<unknown>, length: number, place: Place): unknown[] {
    const out: unknown[] = [];
    for (const item of items) {
      if (out.length === this.#items && length > this.#items) {
        out.push('…');
        break;
      }
      if (this.#budget.take()) {
        out.push(values.TRUNCATED);
        break;
      }
      out.push(this.#item(item, place) ?? null);
    }
    return out;
  }

  #map(map: Map<unknown, unknown>, place: Place): Out {
    const out: Out = {};
    let taken = 0;
    for (const [key, value] of map) {
      if (taken === this.#items && map.size > taken) return rest(out, map.size - taken);
      taken += 1;
      const name = typeof key === 'object' && key !== null ? '[object]' : String(key);
      if (!this.#put(out, name, { value, place })) break;
    }
    return out;
  }

  #object(object: Out, place: Place): Out {
    const keys = Object.keys(object);
    const length = Math.min(keys.length, this.#items);
    const copy = length === keys.length && length > MANY ? cloned(object, length) : undefined;
    const done = copy === undefined ? 0 : this.#inPlace(copy, keys, place);
    if (copy !== undefined && done === length) return copy;
    const out: Out = {};
    for (let i = 0; i < length; i++) {
      const key = keys[i] as string;
      if (i < done) store(out, key, (copy as Out)[key]);
      else if (!this.#put(out, key, { value: read(copy ?? object, key), place })) return out;
    }
    return keys.length > length ? rest(out, keys.length - length) : out;
  }

  /**
   * Cleans the values of a clone and says how many it could: up to the first name that changes or goes. Setting
   * names one by one makes V8 turn an object of more than 16 into a hash table, which costs more than all else here.
   */
  #inPlace(copy: Out, keys: readonly string[], place: Place): number {
    const given = Object.values(copy);
    for (let i = 0; i < given.length; i++) {
      const key = keys[i] as string;
      const value = given[i];
      const verdict = this.#verdictOf(key, place);
      const { action } = verdict;
      if (action === 'keep' && !verdict.odd && isPlain(value) && !this.#budget.take()) continue;
      if (verdict.odd || action === 'drop' || action === 'length' || value === undefined) return i;
      if (place.above !== undefined && isId(key)) return i;
      if (this.#budget.take()) return i;
      const clean = this.named(verdict, value, place);
      if (clean !== value) copy[key] = clean;
    }
    return keys.length;
  }

  /** Sets one entry of a copy; false when the walk is over. */
  #put(out: Out, key: string, entry: { value: unknown; place: Place }): boolean {
    const { place } = entry;
    if (this.#budget.take()) {
      out['…'] = values.TRUNCATED;
      return false;
    }
    const verdict = this.#verdictOf(key, place);
    const name = place.above !== undefined && isId(key) ? this.#idName(key, place.above) : verdict.name;
    const value = this.named(verdict, entry.value, place);
    if (value === DROPPED) {
      const length = `${name}_length`;
      if (verdict.action === 'length' && !Object.hasOwn(out, length))
        out[length] = values.lengthOf(entry.value);
    } else if (value === undefined) return true;
    else if (verdict.odd || name !== key) store(out, name, value);
    else out[name] = value;
    return true;
  }

  #verdictOf(key: string, place: Place): Verdict {
    if (place.parent !== undefined) {
      const below = this.#verdicts.below(place.parent, key);
      if (below.class !== 'none' || place.above === undefined) return below;
    }
    const own = this.#verdicts.of(key);
    return own.class === 'none' && place.above !== undefined
      ? { ...place.above, name: own.name, odd: own.odd }
      : own;
  }

  /** `users: { 48213: … }`: the name is the id. */
  #idName(key: string, above: Verdict): string {
    return above.action === 'hash' ? this.#hash(key, above.kind) : values.REDACTED;
  }
}

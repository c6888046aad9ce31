import { scan } from './detect.ts';
import { type Class, classifyKey, type KeyClass } from './keys.ts';
import { flat, quote } from './quote.ts';
import type { Rooted } from './roots.ts';

/** Where a value is about to go. */
export type Column = 'logs' | 'telemetry' | 'labels' | 'spans' | 'echo' | 'hooks' | 'dumps';

/**
 * What happens to a value there. `redact` leaves `[redacted]`, `mask` a fixed row of stars, `length` drops the value
 * and keeps `KEY_length`, `template` keeps a locator's shape, `rooted` its place below
 * a known folder or else its shape, `cell` an area of at least a kilometre.
 */
export type Action =
  | 'keep'
  | 'redact'
  | 'mask'
  | 'drop'
  | 'length'
  | 'hash'
  | 'template'
  | 'rooted'
  | 'cell'
  | 'statement';

type Row = Readonly<Record<Column, Action>>;

const everywhere = (action: Action): Row => ({
  ...{ logs: action, telemetry: action, labels: action, spans: action },
  ...{ echo: action, hooks: action, dumps: action },
});

/** The decision table. Identifiers in `logs` are refined below: a user's id is hashed, the rest is redacted. */
export const POLICY: Readonly<Record<Class, Row>> = {
  credential: { ...everywhere('redact'), spans: 'drop', echo: 'mask' },
  content: { ...everywhere('length'), labels: 'redact', spans: 'drop', echo: 'keep' },
  identifier: { ...everywhere('hash'), logs: 'redact', labels: 'redact', echo: 'keep' },
  locator: { ...everywhere('template'), telemetry: 'hash', hooks: 'hash', echo: 'keep', dumps: 'rooted' },
  position: { ...everywhere('drop'), logs: 'redact', labels: 'redact', echo: 'cell' },
  statement: { ...everywhere('statement'), echo: 'keep' },
  size: everywhere('keep'),
  none: everywhere('keep'),
};

/** Lists and maps longer than this are cut: ten where a person reads, more where a program does. */
export const ITEMS: Readonly<Record<Column, number>> = {
  ...{ logs: 10, labels: 10, spans: 10 },
  ...{ telemetry: 64, echo: 64, hooks: 64, dumps: 64 },
};

/** Whose ids stay joinable in logs. */
const PEOPLE = new Set(['user_id', 'account_id', 'author_id', 'member_id', 'customer_id', 'owner_id']);

/** Everything about a name in one column, found once. */
export interface Verdict {
  /** The name as it may be written: a map's key can hold an address as well as a value can. */
  readonly name: string;
  /** `,"name":` */
  readonly json: string;
  readonly action: Action;
  readonly kind: string;
  readonly keepNumbers: boolean;
  readonly opaque: boolean;
  readonly prefix: boolean;
  readonly class: Class;
  /** A stack trace is worth more than 256 characters. */
  readonly long: boolean;
  /** `name` is not the caller's, or is `__proto__`: it is stored with care. */
  readonly odd: boolean;
  /** In dumps. */
  readonly rooted: Rooted | undefined;
  /** What it was found for, and the verdict that was asked for after it the last time. */
  readonly path: string;
  after: Verdict | undefined;
  /** A short text under this name that was found clean: most names have the same few values again and again. */
  clean: string;
  /** `,"name":"clean"`, once that text came again; '' until then. */
  said: string;
  /** Whose reserved names were compared last, and whether this is one of them. */
  asked: ReadonlySet<string> | undefined;
  reserved: boolean;
}

export interface PolicyOptions {
  readonly userId?: 'hash' | 'raw';
  readonly position?: 'drop' | 'cell';
  readonly rooted?: Rooted;
}

/** Names come from code, so there are few; a caller who uses data as names fills this and then pays for each. */
const CACHE = 4096;
const CACHED_LENGTH = 96;
const MAX_NAME = 256;
const STACKS = new Set([
  'stack',
  'stacktrace',
  'exception.stacktrace',
  'error.stack',
  'err.stack',
  'exc_info',
]);

/** The verdicts of one column, by name. */
export class Verdicts {
  readonly #column: Column;
  readonly #options: PolicyOptions;
  readonly #known = new Map<string, Verdict>();
  #last: Verdict | undefined;

  constructor(column: Column, options: PolicyOptions) {
    this.#column = column;
    this.#options = options;
  }

  /** The same names come in the same order again and again: a guess costs 2 ns, a look-up 12. */
  of(key: string): Verdict {
    const last = this.#last;
    const guess = last?.after;
    if (guess !== undefined && guess.path === key) {
      this.#last = guess;
      return guess;
    }
    const found = this.#known.get(key) ?? this.#find(key, key);
    if (last !== undefined) last.after = found;
    this.#last = found;
    return found;
  }

  /** For a name below another: `device: { id }` is judged as `device.id` and written as `id`. */
  below(parent: string, key: string): Verdict {
    const path = `${parent}.${key}`;
    return this.#known.get(path) ?? this.#find(path, key);
  }

  #find(path: string, key: string): Verdict {
    const found = classifyKey(path);
    const scanned = scan(key.length > MAX_NAME ? `${key.slice(0, MAX_NAME)}…` : key);
    const verdict: Verdict = {
      ...{ name: scanned, json: flat(`,${quote(scanned)}:`), action: this.#action(found) },
      ...{ class: found.class, kind: found.kind || found.class, keepNumbers: found.keepNumbers },
      ...{ opaque: found.opaque, prefix: found.prefix, long: STACKS.has(path) },
      odd: scanned !== key || key === '__proto__',
      rooted: this.#column === 'dumps' ? this.#options.rooted : undefined,
      ...{ path, after: undefined, clean: '', said: '', asked: undefined, reserved: false },
    };
    if (path.length <= CACHED_LENGTH && this.#known.size < CACHE) this.#known.set(path, verdict);
    return verdict;
  }

  #action(found: KeyClass): Action {
    const action = POLICY[found.class][this.#column];
    if (this.#column === 'telemetry' && found.class === 'none' && found.kind !== '') return 'hash';
    if ((action === 'template' || action === 'rooted') && found.opaque)
      return this.#column === 'spans' ? 'drop' : 'redact';
    if (this.#column !== 'logs') return action;
    if (found.class === 'identifier' && PEOPLE.has(found.kind)) {
      return this.#options.userId === 'raw' ? 'keep' : 'hash';
    }
    return found.class === 'position' && this.#options.position === 'cell' ? 'cell' : action;
  }
}

import { isPlain, read, store } from './copy.ts';
import { DROPPED } from './place.ts';
import type { Verdict, Verdicts } from './policy.ts';
import { flat, quote } from './quote.ts';
import { redisCommand } from './sql.ts';
import * as values from './values.ts';
import type { Walker } from './walk.ts';

/** A log call and a span may have this many fields; lists and maps below them are cut much earlier. */
const MAX_FIELDS = 64;

/** A value of an attribute, as OpenTelemetry's `AnyValue` knows them; the same type as `@plimsoll/wire` has. */
export type AttributeValue =
  | string
  | number
  | boolean
  | bigint
  | null
  | Uint8Array
  | readonly AttributeValue[]
  | { readonly [key: string]: AttributeValue };

export interface Source {
  readonly walker: Walker;
  readonly verdicts: Verdicts;
}

/** The own fields as `,"name":value…`, always valid after a first member; a reserved name gets `extra_` in front. */
export function renderFields(source: Source, fields: object, reserved: ReadonlySet<string>): string {
  const copy = cloneOf(fields);
  const { walker, verdicts } = source;
  let text = '';
  let taken = 0;
  walker.begin();
  // A loop over a clone costs a third of asking for each of its keys.
  for (const key in copy) {
    taken += 1;
    if (taken > MAX_FIELDS) return `${text},"…":"+${Object.keys(copy).length - MAX_FIELDS} keys"`;
    const value = copy[key];
    if (value === undefined) continue;
    const verdict = verdicts.of(key);
    const isOwn = !isReserved(verdict, reserved);
    if (isOwn && verdict.action === 'keep') {
      if (isPlain(value)) {
        text += verdict.json + value;
        continue;
      }
      if (value === verdict.clean) {
        text += said(verdict);
        continue;
      }
    }
    const json = isOwn ? verdict.json : `,${quote(`extra_${verdict.name}`)}:`;
    const out = walker.named(verdict, value);
    if (typeof out === 'string') text += json + quote(out);
    else if (typeof out === 'number' || typeof out === 'boolean') text += json + out;
    else if (out !== DROPPED) text += json + nested(out);
    else if (verdict.action === 'length' && !Object.hasOwn(copy, `${key}_length`)) {
      text += `,${quote(`${verdict.name}_length`)}:${values.lengthOf(value)}`;
    }
  }
  return text;
}

/** A name and the text that it had the last time as well. */
function said(verdict: Verdict): string {
  if (verdict.said === '') verdict.said = flat(verdict.json + quote(verdict.clean));
  return verdict.said;
}

/** Its own fields, read once; one that throws is the word for it. */
function cloneOf(fields: object): Record<string, unknown> {
  try {
    return { ...fields };
  } catch {
    const copy: Record<string, unknown> = {};
    for (const key of ownKeys(fields)) store(copy, key, read(fields, key));
    return copy;
  }
}

/** Callers have one set, or two: the verdict keeps the answer for the one that asked last. */
function isReserved(verdict: Verdict, reserved: ReadonlySet<string>): boolean {
  if (verdict.asked !== reserved) {
    verdict.asked = reserved;
    verdict.reserved = reserved.has(verdict.name);
  }
  return verdict.reserved;
}

/** What JSON.stringify leaves as an escape is a lone surrogate, which not every reader takes. */
const LONE = /(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g;

function nested(value: unknown): string {
  const text = JSON.stringify(value) ?? 'null';
  return text.includes('\\ud') ? text.replace(LONE, '$1\\ufffd') : text;
}

/** A flat copy: what is dropped is gone, bigints and non-finite numbers stay what they are. */
export function cleanAttributes(source: Source, attributes: object): Record<string, AttributeValue> {
  return cleanClone(source, attributes) ?? cleanEach(source, attributes);
}

/**
 * A clone, in which only what a rule changes is written again: a third of the cost of building it key by key.
 * Undefined where a name changes or goes, or where reading it threw.
 */
function cleanClone(source: Source, attributes: object): Record<string, AttributeValue> | undefined {
  let copy: Record<string, unknown>;
  try {
    copy = { ...attributes };
  } catch {
    return undefined;
  }
  source.walker.begin();
  for (const key in copy) {
    const value = copy[key];
    const verdict = source.verdicts.of(key);
    if (value === undefined || verdict.odd) return undefined;
    if (verdict.action === 'keep' && (value === verdict.clean || isPlain(value))) continue;
    const clean = cleanOne(source, verdict, { value, attributes });
    if (clean === DROPPED) return undefined;
    if (clean !== value) copy[key] = clean;
  }
  return copy as Record<string, AttributeValue>;
}

function cleanEach(source: Source, attributes: object): Record<string, AttributeValue> {
  const keys = ownKeys(attributes);
  const out: Record<string, AttributeValue> = {};
  source.walker.begin();
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    const value = read(attributes, key);
    if (value === undefined) continue;
    const verdict = source.verdicts.of(key);
    const clean = cleanOne(source, verdict, { value, attributes });
    if (clean === DROPPED) {
      const name = `${verdict.name}_length`;
      if (verdict.action === 'length' && !Object.hasOwn(out, name)) out[name] = values.lengthOf(value);
    } else if (verdict.odd) store(out, verdict.name, clean);
    else out[key] = clean as AttributeValue;
  }
  return out;
}

function cleanOne(
  { walker }: Source,
  verdict: ReturnType<Verdicts['of']>,
  { value, attributes }: { value: unknown; attributes: object },
): unknown {
  if (isExact(verdict.action, value)) return value;
  if (verdict.action === 'statement' && isRedis(attributes)) return redisCommand(String(value));
  return walker.named(verdict, value);
}

/** As the semantic conventions say it, the stable way and the one before. */
function isRedis(attributes: object): boolean {
  return (read(attributes, 'db.system.name') ?? read(attributes, 'db.system')) === 'redis';
}

function isExact(action: string, value: unknown): value is number | bigint {
  if (action !== 'keep') return false;
  return typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value));
}

function ownKeys(object: object): readonly string[] {
  try {
    return Object.keys(object);
  } catch {
    return [];
  }
}

import { read, store } from './copy.ts';
import { DROPPED } from './place.ts';
import type { Verdicts } from './policy.ts';
import { quote } from './quote.ts';
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
  const { walker, verdicts } = source;
  const keys = ownKeys(fields);
  const length = Math.min(keys.length, MAX_FIELDS);
  let text = '';
  walker.begin();
  for (let i = 0; i < length; i++) {
    const key = keys[i] as string;
    const value = read(fields, key);
    if (value === undefined) continue;
    const verdict = verdicts.of(key);
    const json = reserved.has(verdict.name) ? `,${quote(`extra_${verdict.name}`)}:` : verdict.json;
    const out = walker.named(verdict, value);
    if (typeof out === 'string') text += json + quote(out);
    else if (typeof out === 'number' || typeof out === 'boolean') text += json + out;
    else if (out !== DROPPED) text += json + nested(out);
    else if (verdict.action === 'length' && !keys.includes(`${key}_length`)) {
      text += `,${quote(`${verdict.name}_length`)}:${values.lengthOf(value)}`;
    }
  }
  return keys.length > length ? `${text},"…":"+${keys.length - length} keys"` : text;
}

/** What JSON.stringify leaves as an escape is a lone surrogate, which not every reader takes. */
const LONE = /(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g;

function nested(value: unknown): string {
  const text = JSON.stringify(value) ?? 'null';
  return text.includes('\\ud') ? text.replace(LONE, '$1\\ufffd') : text;
}

/** A flat copy: what is dropped is gone, bigints and non-finite numbers stay what they are. */
export function cleanAttributes(source: Source, attributes: object): Record<string, AttributeValue> {
  const { walker, verdicts } = source;
  const keys = ownKeys(attributes);
  const out: Record<string, AttributeValue> = {};
  walker.begin();
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    const value = read(attributes, key);
    if (value === undefined) continue;
    const verdict = verdicts.of(key);
    const clean = isExact(verdict.action, value) ? value : walker.named(verdict, value);
    if (clean === DROPPED) {
      const name = `${verdict.name}_length`;
      if (verdict.action === 'length' && !Object.hasOwn(out, name)) out[name] = values.lengthOf(value);
    } else if (verdict.odd) store(out, verdict.name, clean);
    else out[key] = clean as AttributeValue;
  }
  return out;
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

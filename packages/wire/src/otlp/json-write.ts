import type { Attributes, AttributeValue } from '../signals.ts';
import { toBase64 } from './base64.ts';
import { setOwn } from './own.ts';
import { MAX_VALUE_DEPTH } from './types.ts';
import { isInteger } from './value.ts';
import { END_OF_NANOS } from './writer.ts';

/** What JSON.stringify writes without a loss. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

const MAX_NANOS = '18446744073709551615';

/** An object of the members that are not undefined. */
export function members(all: { readonly [name: string]: Json | undefined }): {
  readonly [name: string]: Json;
} {
  const kept: Record<string, Json> = {};
  for (const [name, value] of Object.entries(all)) if (value !== undefined) setOwn(kept, name, value);
  return kept;
}

export function unlessEmpty<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}

/** A text as any receiver will read it, or nothing. */
export function textJson(value: string | undefined): string | undefined {
  return value ? value.toWellFormed() : undefined;
}

export function unlessZero(value: number | undefined): number | undefined {
  return value === 0 ? undefined : value;
}

/** Epoch nanoseconds in decimal digits, the nearest to the double, as `ByteWriter.nanos` rounds. */
export function nanosText(milliseconds: number): string {
  if (!(milliseconds > 0)) return '0';
  if (milliseconds >= END_OF_NANOS) return MAX_NANOS;
  const whole = Math.floor(milliseconds);
  return String(BigInt(whole) * 1_000_000n + BigInt(Math.round((milliseconds - whole) * 1e6)));
}

/** A double; JSON has no NaN and no infinities, and JSON.stringify loses the sign of -0. */
export function doubleJson(value: number): Json {
  if (Object.is(value, -0)) return '-0';
  return Number.isFinite(value) ? value : String(value);
}

/** An int64 in decimal digits, within its range. */
export function int64Text(value: number | bigint): string {
  return BigInt.asIntN(64, BigInt(value)) === BigInt(value)
    ? BigInt(value).toString()
    : value > 0
      ? '9223372036854775807'
      : '-9223372036854775808';
}

/** A count in decimal digits. */
export function countText(value: number): string {
  return BigInt(Math.trunc(value)).toString();
}

export function attributesJson(attributes: Attributes, depth = 0): readonly Json[] | undefined {
  return unlessEmpty(keyValues(attributes, depth));
}

function keyValues(attributes: Attributes, depth: number): readonly Json[] {
  return Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ({ key: key.toWellFormed(), value: valueJson(value, depth) }));
}

export function valueJson(value: AttributeValue, depth = 0): Json {
  switch (typeof value) {
    case 'string':
      return { stringValue: value.toWellFormed() };
    case 'boolean':
      return { boolValue: value };
    case 'number':
      return isInteger(value) ? { intValue: String(value) } : { doubleValue: doubleJson(value) };
    case 'bigint':
      return { intValue: int64Text(value) };
  }
  if (value === null || typeof value !== 'object' || depth >= MAX_VALUE_DEPTH) return {};
  if (value instanceof Uint8Array) return { bytesValue: toBase64(value) };
  if (Array.isArray(value)) {
    return { arrayValue: { values: value.map(item => valueJson(item as AttributeValue, depth + 1)) } };
  }
  return { kvlistValue: { values: keyValues(value as Attributes, depth + 1) } };
}

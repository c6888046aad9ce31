import type { AttributeValue } from '../signals.ts';
import { fromBase64 } from './base64.ts';
import type { MutableAttributes } from './decode-value.ts';
import { OtlpError } from './error.ts';
import { setOwn } from './own.ts';
import { MAX_VALUE_DEPTH } from './types.ts';

/** An object of JSON.parse whose members are not known yet. */
export type JsonObject = { readonly [name: string]: unknown };

const DIGITS = /^-?\d{1,20}$/;

/** protobuf's JSON takes null for a member that is not there. */
function absent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

export function objectOf(value: unknown, name: string): JsonObject {
  if (absent(value)) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw new OtlpError(`${name} is not an object`);
  return value as JsonObject;
}

export function listOf<T>(object: JsonObject, name: string, read: (item: JsonObject) => T): T[] {
  return itemsOf(object, name).map(item => read(objectOf(item, name)));
}

export function itemsOf(object: JsonObject, name: string): readonly unknown[] {
  const value = object[name];
  if (absent(value)) return [];
  if (!Array.isArray(value)) throw new OtlpError(`${name} is not a list`);
  return value;
}

export function textOf(object: JsonObject, name: string): string {
  const value = object[name];
  if (absent(value)) return '';
  if (typeof value !== 'string') throw new OtlpError(`${name} is not a text`);
  return value;
}

/** An id as lower-case hex digits. */
export function idOf(object: JsonObject, name: string): string {
  const digits = textOf(object, name);
  if (!/^(?:[0-9a-f]{2})*$/i.test(digits)) throw new OtlpError(`${name} is not hex digits`);
  return digits.toLowerCase();
}

export function boolOf(value: unknown, name: string): boolean {
  if (absent(value)) return false;
  if (typeof value !== 'boolean') throw new OtlpError(`${name} is not true or false`);
  return value;
}

export function doubleOf(value: unknown, name: string): number {
  if (absent(value)) return 0;
  if (typeof value === 'number') return value;
  if (value === 'NaN') return Number.NaN;
  if (typeof value === 'string' && value.trim() !== '') {
    const number = Number(value);
    if (!Number.isNaN(number)) return number;
  }
  throw new OtlpError(`${name} is not a number`);
}

/** An int64, as decimal digits in a text or a number; a bigint only where a number would lose digits. */
export function int64Of(value: unknown, name: string): number | bigint {
  if (absent(value)) return 0;
  const exact = wholeOf(value);
  if (exact === undefined || BigInt.asIntN(64, exact) !== exact) {
    throw new OtlpError(`${name} is not a 64-bit integer`);
  }
  const number = Number(exact);
  return Number.isSafeInteger(number) ? number : exact;
}

/** A count, a uint64 as the nearest double. */
export function countOf(value: unknown, name: string): number {
  if (absent(value)) return 0;
  return Number(uint64Of(value, name));
}

function uint64Of(value: unknown, name: string): bigint {
  const exact = wholeOf(value);
  if (exact === undefined || BigInt.asUintN(64, exact) !== exact) {
    throw new OtlpError(`${name} is not an unsigned 64-bit integer`);
  }
  return exact;
}

function wholeOf(value: unknown): bigint | undefined {
  const whole =
    typeof value === 'number' ? Number.isInteger(value) : typeof value === 'string' && DIGITS.test(value);
  return whole ? BigInt(value as number | string) : undefined;
}

/** An enum, an int32 or a uint32. */
export function int32Of(object: JsonObject, name: string): number {
  const value = int64Of(object[name], name);
  if (typeof value === 'bigint' || value < -0x8000_0000 || value > 0xffff_ffff) {
    throw new OtlpError(`${name} is not a 32-bit integer`);
  }
  return value;
}

/** Epoch nanoseconds in decimal digits as the nearest double of epoch milliseconds. */
export function nanosOf(object: JsonObject, name: string): number {
  const value = object[name];
  if (absent(value)) return 0;
  const digits = uint64Of(value, name).toString();
  return Number(digits.slice(0, -6)) + Number(digits.slice(-6)) / 1e6;
}

/** A list of KeyValues; of a key that comes twice the last counts. */
export function attributesOf(object: JsonObject, name: string, depth = 0): MutableAttributes {
  const attributes: MutableAttributes = {};
  for (const item of itemsOf(object, name)) {
    const pair = objectOf(item, name);
    setOwn(attributes, textOf(pair, 'key'), anyValueOf(pair['value'], depth));
  }
  return attributes;
}

/** An AnyValue; an empty one is null. */
export function anyValueOf(json: unknown, depth = 0): AttributeValue {
  const value = objectOf(json, 'value');
  if (!absent(value['stringValue'])) return textOf(value, 'stringValue');
  if (!absent(value['boolValue'])) return boolOf(value['boolValue'], 'boolValue');
  if (!absent(value['intValue'])) return int64Of(value['intValue'], 'intValue');
  if (!absent(value['doubleValue'])) return doubleOf(value['doubleValue'], 'doubleValue');
  if (!absent(value['bytesValue'])) return fromBase64(textOf(value, 'bytesValue'));
  if (!absent(value['arrayValue'])) {
    const list = objectOf(value['arrayValue'], 'arrayValue');
    const below = deeper(depth);
    return itemsOf(list, 'values').map(item => anyValueOf(item, below));
  }
  if (!absent(value['kvlistValue'])) {
    return attributesOf(objectOf(value['kvlistValue'], 'kvlistValue'), 'values', deeper(depth));
  }
  return null;
}

function deeper(depth: number): number {
  if (depth < MAX_VALUE_DEPTH) return depth + 1;
  throw new OtlpError(`values nested deeper than ${MAX_VALUE_DEPTH}`);
}

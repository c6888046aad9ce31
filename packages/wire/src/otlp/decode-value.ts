import type { Attributes, AttributeValue } from '../signals.ts';
import { setOwn } from './own.ts';
import { fields, type Reader } from './reader.ts';
import { MAX_VALUE_DEPTH } from './types.ts';

const KEY_VALUE = fields(1, 2);
const ANY_VALUE = fields(1, 2, 3, 4, 5, 6, 7);
const LIST = fields(1);

export type MutableAttributes = Record<string, AttributeValue>;

/** One KeyValue into `into`; of a key that comes twice the last counts. */
export function readAttribute(r: Reader, into: MutableAttributes): void {
  readKeyValue(r, into, 0);
}

/** One AnyValue; an empty one is null. */
export function readValue(r: Reader): AttributeValue {
  return anyValue(r, 0);
}

function readKeyValue(r: Reader, into: MutableAttributes, depth: number): void {
  const outer = r.open();
  let key = '';
  let value: AttributeValue = null;
  while (r.more()) {
    const tag = r.varint();
    if (tag === 0x0a) key = r.key();
    else if (tag === 0x12) value = anyValue(r, depth);
    else r.skip(tag, KEY_VALUE);
  }
  r.close(outer);
  setOwn(into, key, value);
}

function anyValue(r: Reader, depth: number): AttributeValue {
  const outer = r.open();
  let value: AttributeValue = null;
  while (r.more()) {
    const tag = r.varint();
    switch (tag) {
      case 0x0a:
        value = r.utf8();
        break;
      case 0x10:
        value = r.varint() !== 0;
        break;
      case 0x18:
        value = r.int64();
        break;
      case 0x21:
        value = r.double();
        break;
      case 0x2a:
        value = list(r, deeper(r, depth));
        break;
      case 0x32:
        value = map(r, deeper(r, depth));
        break;
      case 0x3a:
        value = r.blob();
        break;
      default:
        r.skip(tag, ANY_VALUE);
    }
  }
  r.close(outer);
  return value;
}

function deeper(r: Reader, depth: number): number {
  return depth < MAX_VALUE_DEPTH ? depth + 1 : r.fail(`values nested deeper than ${MAX_VALUE_DEPTH}`);
}

function list(r: Reader, depth: number): readonly AttributeValue[] {
  const outer = r.open();
  const values: AttributeValue[] = [];
  while (r.more()) {
    const tag = r.varint();
    if (tag === 0x0a) values.push(anyValue(r, depth));
    else r.skip(tag, LIST);
  }
  r.close(outer);
  return values;
}

function map(r: Reader, depth: number): Attributes {
  const outer = r.open();
  const values: MutableAttributes = {};
  while (r.more()) {
    const tag = r.varint();
    if (tag === 0x0a) readKeyValue(r, values, depth);
    else r.skip(tag, LIST);
  }
  r.close(outer);
  return values;
}

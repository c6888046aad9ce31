// Long because it is the inner loop of every export: five parameters cost nothing, an object for them an allocation.
import type { Attributes, AttributeValue } from '../signals.ts';
import type { RenderedKey } from './keys.ts';
import { learn, type Run, shorten } from './runs.ts';
import { shortNumber, shortText } from './short.ts';
import { MAX_VALUE_DEPTH } from './types.ts';
import { ByteWriter } from './writer.ts';

const hasOwn = Object.prototype.hasOwnProperty;

/** True where OTLP says int64; -0 is a double, or its sign would be lost. */
export function isInteger(value: number): boolean {
  return Number.isSafeInteger(value) && !(value === 0 && 1 / value < 0);
}

/** Each own attribute as a KeyValue in field `field`; a value that is undefined is left out. */
export function encodeAttributes(w: ByteWriter, field: number, attributes: Attributes): void {
  const start = w.length;
  const tag = (field << 3) | 2;
  let first: RenderedKey | undefined;
  let run: Run | undefined;
  let taken = 0;
  let last = '';
  // Half the cost of Object.keys (16 ns against 46 for six): the loop knows where each value is.
  for (const key in attributes) {
    last = key;
    const value = attributes[key];
    if (value === undefined) continue;
    if (taken === 0 && field < 16) {
      first = w.keys.get(key);
      run = first?.run;
      if (run === undefined && first !== undefined && first.tries > 0) {
        learn(w, first, { tag, attributes, write: (name, given) => encodeAttribute(w, field, name, given) });
        return;
      }
      if (run?.tag !== tag) run = undefined;
    }
    if (run !== undefined) {
      if (run.keys[taken] === key && run.values[taken] === value) {
        taken += 1;
        if (taken === run.keys.length) {
          w.append(run.bytes);
          run = undefined;
        }
        continue;
      }
      shorten(w, first as RenderedKey, taken);
      run = undefined;
    }
    taken += 1;
    encodeAttribute(w, field, key, value);
  }
  if (run !== undefined) shorten(w, first as RenderedKey, taken);
  // Inherited names come after own ones, so the last tells whether there were any.
  if (last !== '' && !hasOwn.call(attributes, last)) {
    w.length = start;
    for (const [key, value] of Object.entries(attributes)) {
      if (value !== undefined) encodeAttribute(w, field, key, value);
    }
  }
}

/** One KeyValue in field `field`. */
export function encodeAttribute(w: ByteWriter, field: number, key: string, value: AttributeValue): void {
  if (field < 16 && shortAttribute(w, (field << 3) | 2, key, value)) return;
  keyValue(w, field, key, value, 0);
}

/** The usual attribute, a known key with a short ASCII text or a small number: every length is one byte. */
function shortAttribute(w: ByteWriter, tag: number, key: string, value: AttributeValue): boolean {
  const known = w.keys.get(key);
  if (known === undefined) return false;
  if (typeof value === 'string') return shortText(w, tag, known, value);
  if (typeof value === 'number' && value >= 0 && value < 0x4000 && isInteger(value)) {
    shortNumber(w, tag, known, value);
    return true;
  }
  return false;
}

/** One AnyValue in field `field`. */
export function encodeValue(w: ByteWriter, field: number, value: AttributeValue): void {
  anyValue(w, field, value, 0);
}

/** Attributes that never change, as bytes to `append` inside a message whose attributes are field `field`. */
export function renderAttributes(attributes: Attributes, field: number): Uint8Array<ArrayBuffer> {
  const w = new ByteWriter(256);
  encodeAttributes(w, field, attributes);
  return w.take();
}

function keyValue(w: ByteWriter, field: number, key: string, value: AttributeValue, depth: number): void {
  const start = w.beginMessage(field);
  w.byte(0x0a);
  w.utf8(key);
  anyValue(w, 2, value, depth);
  w.endMessage(start);
}

function anyValue(w: ByteWriter, field: number, value: AttributeValue, depth: number): void {
  const start = w.beginMessage(field);
  switch (typeof value) {
    case 'string':
      w.byte(0x0a);
      w.utf8(value);
      break;
    case 'boolean':
      w.byte(0x10);
      w.byte(value ? 1 : 0);
      break;
    case 'number':
      if (isInteger(value)) {
        w.byte(0x18);
        w.int64(value);
      } else {
        w.byte(0x21);
        w.double(value);
      }
      break;
    case 'bigint':
      w.byte(0x18);
      w.int64(value);
      break;
    case 'object':
      if (value !== null && depth < MAX_VALUE_DEPTH) compound(w, value, depth + 1);
  }
  w.endMessage(start);
}

function compound(w: ByteWriter, value: object, depth: number): void {
  if (value instanceof Uint8Array) {
    w.byte(0x3a);
    w.blob(value);
    return;
  }
  if (Array.isArray(value)) {
    const start = w.beginMessage(5);
    for (const item of value as readonly AttributeValue[]) anyValue(w, 1, item, depth);
    w.endMessage(start);
    return;
  }
  const start = w.beginMessage(6);
  for (const [key, item] of Object.entries(value as Attributes)) {
    if (item !== undefined) keyValue(w, 1, key, item, depth);
  }
  w.endMessage(start);
}

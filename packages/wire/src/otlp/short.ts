import type { RenderedKey } from './keys.ts';
import type { ByteWriter } from './writer.ts';

/** A KeyValue of a rendered key and ASCII text with lengths of one byte; false, and nothing written, where it is not. */
export function shortText(w: ByteWriter, tag: number, key: RenderedKey, text: string): boolean {
  if (key.text === text && key.tag === tag) {
    w.append(key.whole);
    return true;
  }
  const { head } = key;
  const count = text.length;
  const size = head.length + count + 4;
  if (size > 127) return false;
  w.ensure(size + 2);
  const bytes = w.bytes;
  const start = w.length;
  let pos = start;
  bytes[pos] = tag;
  bytes[pos + 1] = size;
  bytes.set(head, pos + 2);
  pos += head.length + 2;
  bytes[pos] = 0x12;
  bytes[pos + 1] = count + 2;
  bytes[pos + 2] = 0x0a;
  bytes[pos + 3] = count;
  pos += 4;
  let seen = 0;
  for (let i = 0; i < count; i++) {
    const code = text.charCodeAt(i);
    seen |= code;
    bytes[pos + i] = code;
  }
  if (seen > 127) return false;
  w.length = pos + count;
  // One that comes a second time in a row is worth a copy; values that all differ would pay for one each.
  if (key.next === text) keep(w, key, { tag, text, start });
  else key.next = text;
  return true;
}

function keep(w: ByteWriter, key: RenderedKey, at: { tag: number; text: string; start: number }): void {
  key.text = at.text;
  key.tag = at.tag;
  key.whole = w.bytes.slice(at.start, w.length);
}

/** A KeyValue of a rendered key and a whole number from 0 to 2^14 - 1. */
export function shortNumber(w: ByteWriter, tag: number, { head }: RenderedKey, value: number): void {
  const more = value > 127 ? 1 : 0;
  w.ensure(head.length + 7);
  const bytes = w.bytes;
  let pos = w.length;
  bytes[pos] = tag;
  bytes[pos + 1] = head.length + 4 + more;
  bytes.set(head, pos + 2);
  pos += head.length + 2;
  bytes[pos] = 0x12;
  bytes[pos + 1] = 2 + more;
  bytes[pos + 2] = 0x18;
  if (more) {
    bytes[pos + 3] = (value & 0x7f) | 0x80;
    bytes[pos + 4] = value >> 7;
  } else {
    bytes[pos + 3] = value;
  }
  w.length = pos + 4 + more;
}

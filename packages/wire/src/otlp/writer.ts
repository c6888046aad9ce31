// Long because one class holds every primitive, and what is private to it would else be public.
import { RenderedKeys } from './keys.ts';

/** The slice of the platform's TextEncoder that we use; this package has no types of Node or the DOM. */
declare const TextEncoder: new () => {
  encodeInto(text: string, into: Uint8Array): { read: number; written: number };
};

const encoder = new TextEncoder();
const TWO_32 = 0x1_0000_0000;
/** A power of two: to multiply by it is exact, and takes a quarter of a division's time. */
const ONE_32TH = 1 / TWO_32;
/** Up to here a loop over ASCII beats the call into TextEncoder (measured on Node 24: even at about 60). */
const SHORT = 60;
/** Milliseconds from which the nanoseconds need more than 64 bits. */
export const END_OF_NANOS = 2 ** 64 / 1e6;
const MAX_INT64 = 0x7fff_ffff_ffff_ffffn;
const MIN_INT64 = -0x8000_0000_0000_0000n;

export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) size++;
  return size;
}

/**
 * A growable buffer that writes protobuf's primitives. `bytes` is replaced when it grows, so read it after the
 * last write; only the first `length` bytes count.
 */
export class ByteWriter {
  bytes: Uint8Array<ArrayBuffer>;
  length = 0;
  /** What short attributes are written with. */
  readonly keys = new RenderedKeys();
  #view: DataView;

  constructor(capacity = 1024) {
    this.bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.bytes.buffer);
  }

  reset(): void {
    this.length = 0;
  }

  /** A copy of what was written, to keep while the writer is used again. */
  take(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.length);
  }

  /** Makes room for `more` bytes. */
  ensure(more: number): void {
    if (this.length + more > this.bytes.length) this.#grow(more);
  }

  #grow(more: number): void {
    const bytes = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more));
    bytes.set(this.bytes.subarray(0, this.length));
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }

  byte(value: number): void {
    this.ensure(1);
    this.bytes[this.length++] = value;
  }

  /** A whole number from 0 to 2^53. */
  varint(value: number): void {
    this.ensure(10);
    const bytes = this.bytes;
    let pos = this.length;
    let rest = value;
    while (rest > 0x7fff_ffff) {
      bytes[pos++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    while (rest > 127) {
      bytes[pos++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[pos++] = rest;
    this.length = pos;
  }

  /** An int64 as varint; a number must be a safe integer, a bigint beyond the range becomes its nearest limit. */
  int64(value: number | bigint): void {
    if (typeof value === 'number') {
      if (value >= 0) {
        this.varint(value);
        return;
      }
      const high = Math.floor(value / TWO_32);
      this.#varint64(high >>> 0, value - high * TWO_32);
      return;
    }
    const clamped = value > MAX_INT64 ? MAX_INT64 : value < MIN_INT64 ? MIN_INT64 : value;
    this.#varint64(Number(BigInt.asUintN(32, clamped >> 32n)), Number(BigInt.asUintN(32, clamped)));
  }

  #varint64(high: number, low: number): void {
    this.ensure(10);
    const bytes = this.bytes;
    while (high !== 0 || low > 127) {
      bytes[this.length++] = (low & 0x7f) | 0x80;
      low = ((high << 25) | (low >>> 7)) >>> 0;
      high >>>= 7;
    }
    bytes[this.length++] = low;
  }

  fixed32(value: number): void {
    this.ensure(4);
    this.#view.setUint32(this.length, value, true);
    this.length += 4;
  }

  /** Two unsigned halves, least significant byte first. */
  fixed64(high: number, low: number): void {
    this.ensure(8);
    this.#view.setUint32(this.length, low, true);
    this.#view.setUint32(this.length + 4, high, true);
    this.length += 8;
  }

  /** A whole number as 64 bits; negative ones in two's complement. */
  fixedInt64(value: number | bigint): void {
    if (typeof value === 'bigint') {
      this.fixed64(Number(BigInt.asUintN(32, value >> 32n)), Number(BigInt.asUintN(32, value)));
      return;
    }
    const high = Math.floor(value / TWO_32);
    this.fixed64(high, value - high * TWO_32);
  }

  /**
   * Epoch milliseconds as epoch nanoseconds in 64 bits, exact to the nanosecond that is nearest to the double.
   * Before 1970 and what is no number is 0, past the year 2554 the largest value.
   */
  nanos(milliseconds: number): void {
    if (!(milliseconds > 0 && milliseconds < END_OF_NANOS)) {
      const edge = milliseconds > 0 ? TWO_32 - 1 : 0;
      this.fixed64(edge, edge);
      return;
    }
    const whole = Math.floor(milliseconds);
    const high = Math.floor(whole * ONE_32TH);
    // At most 2^32 × 10^6, so this product and the sums below are exact doubles.
    const low = (whole - high * TWO_32) * 1e6 + Math.round((milliseconds - whole) * 1e6);
    const carry = Math.floor(low * ONE_32TH);
    this.fixed64(high * 1e6 + carry, low - carry * TWO_32);
  }

  double(value: number): void {
    this.ensure(8);
    this.#view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  /** An id of hex digits as a length and its bytes. */
  hex(digits: string): void {
    this.varint(digits.length >> 1);
    this.digits(digits);
  }

  /** The bytes of hex digits. */
  digits(digits: string): void {
    const size = digits.length >> 1;
    this.ensure(size);
    const bytes = this.bytes;
    let pos = this.length;
    for (let i = 0, end = size * 2; i < end; i += 2) {
      const high = digits.charCodeAt(i);
      const low = digits.charCodeAt(i + 1);
      // The low four bits of a digit are its value; of a letter in either case, its value less 9.
      bytes[pos++] = (((high & 15) + (high >> 6) * 9) << 4) | ((low & 15) + (low >> 6) * 9);
    }
    this.length = pos;
  }

  /** An id of `size` bytes, 8 or 16, as they lie at `at`: four at a time take half as long as one by one. */
  id(from: DataView, at: number, size: number): void {
    this.ensure(size);
    const view = this.#view;
    const pos = this.length;
    for (let i = 0; i < size; i += 4) view.setUint32(pos + i, from.getUint32(at + i));
    this.length = pos + size;
  }

  /** A text as a length and its UTF-8; a lone surrogate becomes U+FFFD. */
  utf8(text: string): void {
    const count = text.length;
    this.ensure(count * 3 + 10);
    if (count > SHORT) {
      this.#encode(text);
      return;
    }
    const bytes = this.bytes;
    let pos = this.length + 1;
    for (let i = 0; i < count; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) {
        this.#encode(text);
        return;
      }
      bytes[pos++] = code;
    }
    bytes[this.length] = count;
    this.length = pos;
  }

  #encode(text: string): void {
    const start = this.length;
    const guess = varintSize(text.length);
    const { written } = encoder.encodeInto(text, this.bytes.subarray(start + guess));
    const size = varintSize(written);
    if (size !== guess) this.bytes.copyWithin(start + size, start + guess, start + guess + written);
    this.varint(written);
    this.length = start + size + written;
  }

  /** A length and the bytes. */
  blob(bytes: Uint8Array): void {
    this.varint(bytes.length);
    this.append(bytes);
  }

  /** The bytes as they are, such as an entry that was encoded earlier. */
  append(bytes: Uint8Array): void {
    this.ensure(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** A field's number and wire type: 0 varint, 1 64 bits, 2 with a length, 5 32 bits. */
  tag(field: number, wireType: number): void {
    this.varint((field << 3) | wireType);
  }

  /**
   * Opens a message in field `field` and gives what `endMessage` wants. `room` is how many bytes its length will
   * likely need: 1 below 128, 2 below 16,384. A wrong guess costs a move of the message.
   */
  beginMessage(field: number, room = 1): number {
    this.tag(field, 2);
    this.ensure(room);
    this.length += room;
    return this.length;
  }

  endMessage(start: number, room = 1): void {
    const size = this.length - start;
    if (room === 1 && size < 128) {
      this.bytes[start - 1] = size;
      return;
    }
    const need = varintSize(size);
    if (need !== room) {
      this.ensure(need);
      this.bytes.copyWithin(start - room + need, start, this.length);
    }
    this.length = start - room;
    this.varint(size);
    this.length += size;
  }
}

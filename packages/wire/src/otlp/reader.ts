// Long because it is one cursor over bytes, and every method moves it.
import { OtlpError } from './error.ts';
import { hexOf } from './hex.ts';

/** The slice of the platform's TextDecoder that we use; this package has no types of Node or the DOM. */
declare const TextDecoder: new (
  label: string,
  options: { ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string };

/** Not fatal: bytes that are no UTF-8 become U+FFFD, since one bad sender must not lose a whole batch. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const TWO_32 = 0x1_0000_0000;
/** Up to here joining characters beats the call into TextDecoder (measured on Node 24). */
const SHORT = 24;
const MAX_KEY = 64;

interface KnownKey {
  readonly start: number;
  readonly size: number;
  readonly text: string;
}

/** Reads protobuf's primitives from bytes of anybody; whatever does not fit throws an `OtlpError`. */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** Where the message ends that is being read. */
  #limit: number;
  #pos = 0;
  /** Keys of this input by a rough hash, as where they stand in it; the latest of a hash stays. */
  readonly #keys: (KnownKey | undefined)[] = new Array<undefined>(256).fill(undefined);

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#limit = bytes.length;
  }

  /** True while the open message has fields left. */
  more(): boolean {
    return this.#pos < this.#limit;
  }

  /** All of the input; places in it are what `block` gives. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Where the next field begins. */
  get pos(): number {
    return this.#pos;
  }

  /** Steps over a length-delimited field and gives where its bytes begin; they end at `pos`. */
  block(): number {
    const size = this.#size();
    this.#pos += size;
    return this.#pos - size;
  }

  /** Steps over what is left of the open message, which somebody else reads. */
  toEnd(): void {
    this.#pos = this.#limit;
  }

  /** Where the open message ends. */
  get end(): number {
    return this.#limit;
  }

  fail(reason: string): never {
    throw new OtlpError(`${reason} at byte ${this.#pos}`);
  }

  /** Opens a message inside this one; hand what it gives to `close`. */
  open(): number {
    const outer = this.#limit;
    const size = this.#size();
    this.#limit = this.#pos + size;
    return outer;
  }

  close(outer: number): void {
    this.#limit = outer;
  }

  /** A varint as an unsigned number: exact to 2^53, the nearest double beyond. */
  varint(): number {
    const first = this.#bytes[this.#pos]!;
    if (first < 128 && this.#pos < this.#limit) {
      this.#pos++;
      return first;
    }
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      if (this.#pos >= this.#limit) this.fail('truncated varint');
      const byte = this.#bytes[this.#pos++]!;
      // The tenth byte has one bit of the 64; more would not fit.
      if (i === 9 && byte > 1) break;
      value += (byte & 0x7f) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
    return this.fail('varint of more than 64 bits');
  }

  /** A varint as an int64: a bigint only where a number would lose digits. */
  int64(): number | bigint {
    const start = this.#pos;
    const value = this.varint();
    if (value <= Number.MAX_SAFE_INTEGER) return value;
    let exact = 0n;
    for (let i = this.#pos - 1; i >= start; i--) exact = (exact << 7n) | BigInt(this.#bytes[i]! & 0x7f);
    return narrow(BigInt.asIntN(64, exact));
  }

  /** The low 32 bits of a varint, as int32, uint32, bool and enum fields take them. */
  uint32(): number {
    const start = this.#pos;
    const value = this.varint();
    if (value < TWO_32) return value;
    const bytes = this.#bytes;
    let low = 0;
    for (let i = 0; i < 5; i++) low |= (bytes[start + i]! & 0x7f) << (i * 7);
    return low >>> 0;
  }

  sint32(): number {
    const value = this.uint32();
    return (value >>> 1) ^ -(value & 1);
  }

  fixed32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  double(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  /** 64 bits as an unsigned number: exact to 2^53, the nearest double beyond. */
  fixed64(): number {
    const at = this.#take(8);
    return this.#view.getUint32(at + 4, true) * TWO_32 + this.#view.getUint32(at, true);
  }

  /** 64 bits as an int64: a bigint only where a number would lose digits. */
  sfixed64(): number | bigint {
    const at = this.#take(8);
    const high = this.#view.getInt32(at + 4, true);
    const value = high * TWO_32 + this.#view.getUint32(at, true);
    return Number.isSafeInteger(value) ? value : narrow(this.#view.getBigInt64(at, true));
  }

  /** Epoch nanoseconds of 64 bits as the double of epoch milliseconds that is nearest. */
  nanos(): number {
    const at = this.#take(8);
    const high = this.#view.getUint32(at + 4, true);
    const top = Math.floor(high / 1e6);
    // Less than 10^6 × 2^32 and so exact, as are the quotient and the rest.
    const low = (high - top * 1e6) * TWO_32 + this.#view.getUint32(at, true);
    const whole = Math.floor(low / 1e6);
    return top * TWO_32 + whole + (low - whole * 1e6) / 1e6;
  }

  /** Bytes as lower-case hex digits. */
  hex(): string {
    const size = this.#size();
    this.#pos += size;
    return hexOf(this.#bytes, this.#pos - size, size);
  }

  /** A copy, since the input may be a pooled buffer. */
  blob(): Uint8Array<ArrayBuffer> {
    const size = this.#size();
    this.#pos += size;
    return this.#bytes.slice(this.#pos - size, this.#pos) as Uint8Array<ArrayBuffer>;
  }

  utf8(): string {
    const size = this.#size();
    return this.#text(this.#pos, size);
  }

  #text(start: number, size: number): string {
    this.#pos = start + size;
    const bytes = this.#bytes;
    if (size > SHORT) return decoder.decode(bytes.subarray(start, start + size));
    let text = '';
    for (let i = start; i < start + size; i++) {
      const byte = bytes[i]!;
      if (byte > 127) return decoder.decode(bytes.subarray(start, start + size));
      text += String.fromCharCode(byte);
    }
    return text;
  }

  /** A text that likely came before, such as an attribute's key: known bytes give the string that was made then. */
  key(): string {
    const size = this.#size();
    const start = this.#pos;
    if (size > MAX_KEY || size === 0) return this.#text(start, size);
    const bytes = this.#bytes;
    const middle = bytes[start + (size >> 1)]!;
    const hash = (size * 31 + bytes[start]! * 7 + middle * 17 + bytes[start + size - 1]! * 131) & 255;
    const known = this.#keys[hash];
    if (known !== undefined && this.#same(known, start, size)) {
      this.#pos = start + size;
      return known.text;
    }
    const text = this.#text(start, size);
    this.#keys[hash] = { start, size, text };
    return text;
  }

  #same(known: KnownKey, start: number, size: number): boolean {
    if (known.size !== size) return false;
    const bytes = this.#bytes;
    for (let i = 0; i < size; i++) if (bytes[known.start + i] !== bytes[start + i]) return false;
    return true;
  }

  /**
   * Steps over a field that the caller does not read. `known` has a bit for each field number that the message
   * does have: such a field with another wire type is an error, not an unknown field.
   */
  skip(tag: number, known: number): void {
    const field = Math.floor(tag / 8);
    if (field === 0 || field > 0x1fff_ffff) this.fail('field number out of range');
    const wireType = tag % 8;
    if (field < 32 && (known & (1 << field)) !== 0) this.fail(`wire type ${wireType} for field ${field}`);
    if (wireType === 0) this.varint();
    else if (wireType === 1) this.#take(8);
    else if (wireType === 2) this.#take(this.#size());
    else if (wireType === 5) this.#take(4);
    else this.fail(`wire type ${wireType}`);
  }

  /** A length that fits in the open message. */
  #size(): number {
    const size = this.varint();
    if (size > this.#limit - this.#pos) this.fail(`truncated: ${size} bytes announced`);
    return size;
  }

  #take(size: number): number {
    const at = this.#pos;
    if (at + size > this.#limit) this.fail('truncated');
    this.#pos = at + size;
    return at;
  }
}

/** The bit set that `skip` wants. */
export function fields(...numbers: readonly number[]): number {
  return numbers.reduce((set, number) => set | (1 << number), 0);
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

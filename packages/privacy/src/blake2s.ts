import { compress, IV, state, words } from './compress.ts';

/**
 * BLAKE2s (RFC 7693), keyed, any digest up to 32 bytes. Node's own has neither a key nor short digests.
 * One state is reused: nothing here is asynchronous, so no two hashes overlap.
 */
declare const TextEncoder: new () => {
  encodeInto(text: string, into: Uint8Array): { read: number; written: number };
};

const BLOCK = 64;
const KEY_MAX = 32;

/** `key` of 0 to 32 bytes, `outLength` of 1 to 32. */
export function blake2s(data: Uint8Array, outLength: number, key?: Uint8Array): Uint8Array {
  const keyLength = key?.length ?? 0;
  if (keyLength > KEY_MAX || outLength < 1 || outLength > 32)
    throw new RangeError('blake2s: key or digest too long');
  begin(outLength, keyLength);
  let total = 0;
  if (key !== undefined && keyLength > 0) {
    const block = new Uint8Array(BLOCK);
    block.set(key);
    total = BLOCK;
    load(block, 0, BLOCK);
    compress(total, data.length === 0);
  }
  if (keyLength === 0 || data.length > 0) absorb(data, data.length, total);
  return digest(outLength);
}

function begin(outLength: number, keyLength: number): void {
  for (let i = 0; i < 8; i++) state[i] = IV[i] as number;
  state[0] = (state[0] as number) ^ 0x01010000 ^ (keyLength << 8) ^ outLength;
}

/** All of `data`, of which the last block is final; `before` bytes were compressed already. */
function absorb(data: Uint8Array, length: number, before: number): void {
  let at = 0;
  while (length - at > BLOCK) {
    load(data, at, BLOCK);
    at += BLOCK;
    compress(before + at, false);
  }
  load(data, at, length - at);
  compress(before + length, true);
}

function load(data: Uint8Array, at: number, length: number): void {
  for (let i = 0; i < 16; i++) {
    const from = i * 4;
    let word = 0;
    if (from < length) word = data[at + from] as number;
    if (from + 1 < length) word |= (data[at + from + 1] as number) << 8;
    if (from + 2 < length) word |= (data[at + from + 2] as number) << 16;
    if (from + 3 < length) word |= (data[at + from + 3] as number) << 24;
    words[i] = word;
  }
}

function digest(outLength: number): Uint8Array {
  const out = new Uint8Array(outLength);
  for (let i = 0; i < outLength; i++) out[i] = (state[i >> 2] as number) >>> ((i & 3) * 8);
  return out;
}

/** The digit of each half byte, as a character code. */
const DIGITS = Uint8Array.from('0123456789abcdef', digit => digit.charCodeAt(0));

/** Four words as 32 digits, in one flat string: joining digits one by one leaves a tree of 480 bytes a digest. */
function hexDigest(a: number, b: number, c: number, d: number): string {
  return String.fromCharCode(
    DIGITS[(a >>> 4) & 15]!,
    DIGITS[a & 15]!,
    DIGITS[(a >>> 12) & 15]!,
    DIGITS[(a >>> 8) & 15]!,
    DIGITS[(a >>> 20) & 15]!,
    DIGITS[(a >>> 16) & 15]!,
    DIGITS[(a >>> 28) & 15]!,
    DIGITS[(a >>> 24) & 15]!,
    DIGITS[(b >>> 4) & 15]!,
    DIGITS[b & 15]!,
    DIGITS[(b >>> 12) & 15]!,
    DIGITS[(b >>> 8) & 15]!,
    DIGITS[(b >>> 20) & 15]!,
    DIGITS[(b >>> 16) & 15]!,
    DIGITS[(b >>> 28) & 15]!,
    DIGITS[(b >>> 24) & 15]!,
    DIGITS[(c >>> 4) & 15]!,
    DIGITS[c & 15]!,
    DIGITS[(c >>> 12) & 15]!,
    DIGITS[(c >>> 8) & 15]!,
    DIGITS[(c >>> 20) & 15]!,
    DIGITS[(c >>> 16) & 15]!,
    DIGITS[(c >>> 28) & 15]!,
    DIGITS[(c >>> 24) & 15]!,
    DIGITS[(d >>> 4) & 15]!,
    DIGITS[d & 15]!,
    DIGITS[(d >>> 12) & 15]!,
    DIGITS[(d >>> 8) & 15]!,
    DIGITS[(d >>> 20) & 15]!,
    DIGITS[(d >>> 16) & 15]!,
    DIGITS[(d >>> 28) & 15]!,
    DIGITS[(d >>> 24) & 15]!,
  );
}

const DIGEST = 16;

/**
 * Keyed BLAKE2s-128 of a value in a namespace, as 32 lower-case hex digits.
 * The namespace is framed by its length, so that (`a`, `bc`) and (`ab`, `c`) differ; `compatible` joins the two
 * without a frame, as installations of the seed's hosts did.
 */
export function createHasher(
  key: Uint8Array,
  { compatible = false }: { compatible?: boolean } = {},
): (value: string | number | bigint, namespace?: string) => string {
  if (key.length === 0 || key.length > KEY_MAX) throw new RangeError('blake2s: the key has 1 to 32 bytes');
  // The key is a block of its own, the same for every hash: its compression is kept.
  begin(DIGEST, key.length);
  const block = new Uint8Array(BLOCK);
  block.set(key);
  load(block, 0, BLOCK);
  const emptyKeyed = Int32Array.from(state);
  compress(BLOCK, false);
  const keyed = Int32Array.from(state);
  const encoder = new TextEncoder();
  let buffer = new Uint8Array(256);

  return (value, namespace = '') => {
    const text = typeof value === 'string' ? value : String(value);
    const need = (text.length + namespace.length) * 3 + 4;
    if (need > buffer.length) buffer = new Uint8Array(need * 2);
    let length = 0;
    if (!compatible) length = 4;
    length += write(encoder, namespace, buffer, length);
    if (!compatible) frame(buffer, length - 4);
    length += write(encoder, text, buffer, length);
    if (length === 0) {
      state.set(emptyKeyed);
      load(block, 0, BLOCK);
      compress(BLOCK, true);
    } else {
      state.set(keyed);
      absorb(buffer, length, BLOCK);
    }
    return hexDigest(state[0]!, state[1]!, state[2]!, state[3]!);
  };
}

function frame(buffer: Uint8Array, length: number): void {
  buffer[0] = length & 0xff;
  buffer[1] = (length >> 8) & 0xff;
  buffer[2] = (length >> 16) & 0xff;
  buffer[3] = length >>> 24;
}

interface Encoder {
  encodeInto(text: string, into: Uint8Array): { written: number };
}

/** ASCII is copied here: most ids are short, and the call into the encoder costs more than they do. */
function write(encoder: Encoder, text: string, into: Uint8Array, at: number): number {
  if (text.length > 64) return encoder.encodeInto(text, into.subarray(at)).written;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return encoder.encodeInto(text, into.subarray(at)).written;
    into[at + i] = code;
  }
  return text.length;
}

/** The value of a hex digit by its character code, 255 for what is none. */
const DIGIT = new Uint8Array(128).fill(255);
for (let i = 0; i < 16; i++) {
  const digit = i.toString(16);
  DIGIT[digit.charCodeAt(0)] = i;
  DIGIT[digit.toUpperCase().charCodeAt(0)] = i;
}

const words = new Uint32Array(2);
const whole = new BigUint64Array(words.buffer);
/** Where the high half stands depends on the machine. */
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

/** Sixteen hex digits from `at` on as a number of 64 bits; undefined where they are no digits. */
export function idOf(text: string, at = 0): bigint | undefined {
  let bad = 0;
  let high = 0;
  let low = 0;
  for (let i = at; i < at + 8; i++) {
    const digit = DIGIT[text.charCodeAt(i)] ?? 255;
    bad |= digit;
    high = (high << 4) | digit;
  }
  for (let i = at + 8; i < at + 16; i++) {
    const digit = DIGIT[text.charCodeAt(i)] ?? 255;
    bad |= digit;
    low = (low << 4) | digit;
  }
  if (bad > 15) return undefined;
  words[HIGH] = high;
  words[1 - HIGH] = low;
  return whole[0]!;
}

export function hexOf(id: bigint): string {
  return id.toString(16).padStart(16, '0');
}

export interface TraceKey {
  readonly hi: bigint;
  readonly lo: bigint;
}

/** A trace id, or undefined where the text is none; all zeros are none either. */
export function traceKey(text: string): TraceKey | undefined {
  if (text.length !== 32) return undefined;
  const hi = idOf(text);
  const lo = idOf(text, 16);
  return hi === undefined || lo === undefined || (hi === 0n && lo === 0n) ? undefined : { hi, lo };
}

/** A span id, or undefined where the text is none. */
export function spanKey(text: string): bigint | undefined {
  return text.length === 16 ? idOf(text) || undefined : undefined;
}

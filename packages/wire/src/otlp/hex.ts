const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
/** The character codes of a byte's two digits. */
const HIGH = HEX.map(digits => digits.charCodeAt(0));
const LOW = HEX.map(digits => digits.charCodeAt(1));

/** Bytes as lower-case hex digits; an id of 8 or 16 bytes takes half the time of others. */
export function hexOf(bytes: Uint8Array, start: number, size: number): string {
  if (size === 8) return eight(bytes, start);
  if (size === 16) return eight(bytes, start) + eight(bytes, start + 8);
  let digits = '';
  for (let i = start; i < start + size; i++) digits += HEX[bytes[i]!];
  return digits;
}

/** Eight bytes as one flat string: joining digits one by one leaves a tree, and whoever reads it pays for that. */
function eight(b: Uint8Array, i: number): string {
  return String.fromCharCode(
    HIGH[b[i + 0]!]!,
    LOW[b[i + 0]!]!,
    HIGH[b[i + 1]!]!,
    LOW[b[i + 1]!]!,
    HIGH[b[i + 2]!]!,
    LOW[b[i + 2]!]!,
    HIGH[b[i + 3]!]!,
    LOW[b[i + 3]!]!,
    HIGH[b[i + 4]!]!,
    LOW[b[i + 4]!]!,
    HIGH[b[i + 5]!]!,
    LOW[b[i + 5]!]!,
    HIGH[b[i + 6]!]!,
    LOW[b[i + 6]!]!,
    HIGH[b[i + 7]!]!,
    LOW[b[i + 7]!]!,
  );
}

import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A ULID (github.com/ulid/spec): 10 characters of time in milliseconds, 16 of chance. */
export function ulid(now = Date.now()): string {
  let time = '';
  for (let rest = now, i = 0; i < 10; i += 1, rest = Math.floor(rest / 32)) time = ALPHABET[rest % 32] + time;
  let chance = '';
  // 256 is a multiple of 32, so five bits of a byte are as good as any five.
  for (const byte of randomBytes(16)) chance += ALPHABET[byte & 31];
  return time + chance;
}

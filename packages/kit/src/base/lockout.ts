import ipaddr from 'ipaddr.js';

const WRONG_AT_MOST = 10;
const WINDOW_MS = 60_000;
const LOCK_MS = 60_000;
/** About 2 MB at worst. The address that was quiet for longest is forgotten first. */
const ADDRESSES_AT_MOST = 10_000;

interface Tries {
  /** Monotonic times of the wrong tokens, oldest first, at most ten. */
  readonly wrong: number[];
  lockedUntil: number;
}

/** Ten wrong tokens within a minute lock an address out for a minute. */
export class Lockout {
  readonly #tries = new Map<string, Tries>();
  readonly #monotonic: () => number;

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  /** Milliseconds that this address stays locked, 0 where it is not. */
  remaining(address: string | undefined): number {
    const tries = this.#tries.get(keyOf(address));
    return tries === undefined ? 0 : Math.max(0, tries.lockedUntil - this.#monotonic());
  }

  /** Counts a wrong token; true when it was the one that locks. */
  wrong(address: string | undefined): boolean {
    const now = this.#monotonic();
    const key = keyOf(address);
    const tries = this.#tries.get(key) ?? { wrong: [], lockedUntil: 0 };
    this.#tries.delete(key);
    this.#tries.set(key, tries);
    if (this.#tries.size > ADDRESSES_AT_MOST) this.#tries.delete(this.#tries.keys().next().value as string);
    while (tries.wrong.length > 0 && now - (tries.wrong[0] as number) >= WINDOW_MS) tries.wrong.shift();
    tries.wrong.push(now);
    if (tries.wrong.length < WRONG_AT_MOST) return false;
    tries.wrong.length = 0;
    tries.lockedUntil = now + LOCK_MS;
    return true;
  }
}

/** A household's or a host's IPv6 addresses share 64 bits, so these are one guesser. */
function keyOf(address: string | undefined): string {
  if (address === undefined) return 'unknown';
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return (parsed as ipaddr.IPv6).parts.slice(0, 4).join(':');
}

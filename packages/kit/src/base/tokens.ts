import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * The admin tokens. Both sides of a comparison are hashed with a key of this process, so that they have one
 * length and a guess's time says nothing about any prefix; every token is compared, whichever matched.
 */
export class AdminTokens {
  readonly #key = randomBytes(32);
  readonly #hashes: readonly Buffer[];

  constructor(tokens: readonly string[]) {
    this.#hashes = tokens
      .map(token => token.trim())
      .filter(token => token !== '')
      .map(token => this.#hash(token));
  }

  get configured(): boolean {
    return this.#hashes.length > 0;
  }

  matches(given: string): boolean {
    const hash = this.#hash(given);
    let found = false;
    for (const known of this.#hashes) if (timingSafeEqual(known, hash)) found = true;
    return found;
  }

  #hash(token: string): Buffer {
    return createHmac('sha256', this.#key).update(token).digest();
  }
}

/** `X-Admin-Token` decides where it is present and not blank, even if it is wrong; else the bearer. */
export function tokenOf(headers: Headers): string | undefined {
  const own = headers.get('x-admin-token')?.trim();
  if (own) return own;
  return /^Bearer +(\S.*)$/i.exec(headers.get('authorization')?.trim() ?? '')?.[1];
}

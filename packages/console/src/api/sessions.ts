import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Refusal } from './problem.ts';

const COOKIE = 'plimsoll_console';
const SESSION_MS = 12 * 3_600_000;
const SESSIONS_AT_MOST = 1000;
const WRONG_AT_MOST = 10;
const WINDOW_MS = 60_000;
const ADDRESSES_AT_MOST = 10_000;

interface Tries {
  readonly wrong: number[];
  lockedUntil: number;
}

/**
 * Who may in where the console has a token: a bearer of the token, or the cookie of a session that began with it.
 * The cookie holds a random id and never the token. Ten wrong tokens in a minute lock an address for a minute.
 */
export class Sessions {
  readonly #key = randomBytes(32);
  readonly #token: Buffer | undefined;
  readonly #live = new Map<string, number>();
  readonly #tries = new Map<string, Tries>();

  constructor(token: string | undefined) {
    this.#token = token ? this.#hash(token) : undefined;
  }

  get required(): boolean {
    return this.#token !== undefined;
  }

  /** True where no token is set, too. Throws where a bearer token is wrong, or its address is locked. */
  admits(headers: Headers, address: string): boolean {
    if (this.#token === undefined) return true;
    const bearer = /^Bearer +(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1];
    if (bearer !== undefined) {
      this.#check(bearer, address);
      return true;
    }
    const id = new RegExp(`(?:^|;\\s*)${COOKIE}=([\\w-]{43})(?:;|$)`).exec(headers.get('cookie') ?? '')?.[1];
    return id !== undefined && (this.#live.get(id) ?? 0) > Date.now();
  }

  /** The `Set-Cookie` of a new session. */
  open(token: string, address: string): string {
    if (this.#token !== undefined) this.#check(token, address);
    const id = randomBytes(32).toString('base64url');
    this.#live.set(id, Date.now() + SESSION_MS);
    if (this.#live.size > SESSIONS_AT_MOST) this.#live.delete(this.#live.keys().next().value!);
    return `${COOKIE}=${id}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${SESSION_MS / 1000}`;
  }

  /** Ends the session of this cookie, and gives the `Set-Cookie` that forgets it. */
  end(headers: Headers): string {
    const id = headers.get('cookie')?.match(new RegExp(`${COOKIE}=([\\w-]{43})`))?.[1];
    if (id) this.#live.delete(id);
    return `${COOKIE}=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0`;
  }

  #check(given: string, address: string): void {
    const now = performance.now();
    const tries = this.#tries.get(address) ?? { wrong: [], lockedUntil: 0 };
    if (tries.lockedUntil > now) {
      const seconds = Math.ceil((tries.lockedUntil - now) / 1000);
      throw new Refusal('token_locked', { headers: { 'retry-after': String(seconds) } });
    }
    if (this.#token !== undefined && timingSafeEqual(this.#token, this.#hash(given))) return;
    this.#tries.delete(address);
    this.#tries.set(address, tries);
    if (this.#tries.size > ADDRESSES_AT_MOST) this.#tries.delete(this.#tries.keys().next().value!);
    while (tries.wrong.length > 0 && now - tries.wrong[0]! >= WINDOW_MS) tries.wrong.shift();
    tries.wrong.push(now);
    if (tries.wrong.length >= WRONG_AT_MOST) {
      tries.wrong.length = 0;
      tries.lockedUntil = now + WINDOW_MS;
    }
    throw new Refusal('wrong_token', { headers: { 'www-authenticate': 'Bearer' } });
  }

  #hash(token: string): Buffer {
    return createHmac('sha256', this.#key).update(token).digest();
  }
}

import { Refusal } from './failure.ts';

const MINUTE = 60_000;

/** So many a fixed minute and user. The map is as large as one minute's users, then starts anew. */
export class MinuteLimit {
  readonly #most: number;
  readonly #now: () => number;
  #minute = 0;
  #counts = new Map<string, number>();

  constructor(most: number, now: () => number) {
    this.#most = most;
    this.#now = now;
  }

  /** Throws 429 `rate limit` when the user has had the minute's share. */
  take(userId: string): void {
    const now = this.#now();
    const minute = Math.floor(now / MINUTE);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#counts = new Map();
    }
    const count = this.#counts.get(userId) ?? 0;
    if (count >= this.#most) {
      throw new Refusal(429, 'rate limit', { retryAfter: Math.ceil(((minute + 1) * MINUTE - now) / 1000) });
    }
    this.#counts.set(userId, count + 1);
  }
}

import { randomFillSync } from 'node:crypto';

const TRACE_BYTES = 16;
const SPAN_BYTES = 8;
const POOL_BYTES = 4032;
/** A slice keeps the whole string alive, and exemplars keep ids for long: so the string is short. */
const CHUNK_BYTES = 192;

/**
 * Trace and span ids from pooled random bytes: a slice of a hex string each,
 * where a call to the generator for each costs several hundred nanoseconds.
 */
export class IdPool {
  readonly #bytes = Buffer.allocUnsafe(POOL_BYTES);
  #poolAt = POOL_BYTES;
  #hex = '';
  #at = 0;

  /** 32 lower-case hex digits, never all zero. */
  traceId(): string {
    return this.#take(TRACE_BYTES * 2);
  }

  /** 16 lower-case hex digits, never all zero. */
  spanId(): string {
    return this.#take(SPAN_BYTES * 2);
  }

  #take(digits: number): string {
    if (this.#at + digits > this.#hex.length) this.#refill();
    const id = this.#hex.slice(this.#at, this.#at + digits);
    this.#at += digits;
    // W3C: an id of zeros is invalid. Its chance is 2^-64, and the check costs one character.
    return id.charCodeAt(0) === 0x30 && /^0+$/.test(id) ? this.#take(digits) : id;
  }

  #refill(): void {
    if (this.#poolAt >= POOL_BYTES) {
      randomFillSync(this.#bytes);
      this.#poolAt = 0;
    }
    this.#hex = this.#bytes.toString('hex', this.#poolAt, this.#poolAt + CHUNK_BYTES);
    this.#poolAt += CHUNK_BYTES;
    this.#at = 0;
  }
}

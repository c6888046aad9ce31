import type { RetryTransport } from './retry.ts';
import type { SignalStats } from './stats.ts';

export interface ExporterOptions {
  readonly transport: RetryTransport;
  readonly stats: SignalStats;
  /** Makes one request of framed entries. */
  encode(pieces: readonly Uint8Array[]): Uint8Array;
  readonly maxQueueBytes: number;
  readonly maxBatchBytes: number;
  readonly delayMs: number;
}

interface Piece {
  readonly bytes: Uint8Array;
  readonly count: number;
  /** The array of ours that `bytes` begins, to be used again. */
  readonly home: Uint8Array | undefined;
}

/** Of an array that pieces are copied into: what the kit hands on at once has 64 KB and one entry more. */
const HOME_BYTES = 72 * 1024;
const SPARE_HOMES = 10;

/** A full enough request leaves at once: 512 KB are some 1,500 spans. */
const SEND_AT = 512 * 1024;
/** What a piece costs beside its bytes. */
const OVERHEAD = 200;

/** Encoded entries on their way out: a queue bounded in bytes, one request at a time, the oldest lost first. */
export class Exporter {
  readonly #options: ExporterOptions;
  readonly #queue: Piece[] = [];
  readonly #spare: Uint8Array[] = [];
  /** Bytes waiting, and bytes of the request under way. */
  #waiting = 0;
  #sending = 0;
  #busy = false;
  #flushing = 0;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #idle: (() => void)[] = [];
  readonly #sendAt: number;

  constructor(options: ExporterOptions) {
    this.#options = options;
    this.#sendAt = Math.min(SEND_AT, options.maxBatchBytes);
  }

  get bytes(): number {
    return this.#waiting + this.#sending;
  }

  /** Takes a copy. */
  add(bytes: Uint8Array, count: number): void {
    const { maxQueueBytes, stats } = this.#options;
    this.#queue.push(this.#copy(bytes, count));
    this.#waiting += bytes.length + OVERHEAD;
    while (this.bytes > maxQueueBytes && this.#queue.length > 0)
      stats.dropped('queue_full', this.#shift().count);
    if (this.#waiting >= this.#sendAt) this.#pump();
    else if (this.#queue.length > 0) this.#arm();
  }

  /** Sends what waits without further retries; true when all of it was taken before the deadline. */
  async flush(deadlineMs: number): Promise<boolean> {
    const failures = this.#failures;
    this.#flushing++;
    this.#options.transport.hurry = true;
    this.#pump();
    const idle = this.#busy ? await this.#untilIdle(deadlineMs) : true;
    this.#flushing--;
    if (this.#flushing === 0) this.#options.transport.hurry = false;
    return idle && failures === this.#failures;
  }

  /** As `flush`, and what is left at the deadline is dropped: nothing waits and nothing is under way after it. */
  async drain(deadlineMs: number): Promise<void> {
    await this.flush(deadlineMs);
    while (this.#queue.length > 0) this.#options.stats.dropped('closed', this.#shift().count);
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#busy) return;
    this.#options.transport.abort();
    await this.#untilIdle(deadlineMs);
  }

  /** Small pieces, of a service that does little, are no larger than they are. */
  #copy(bytes: Uint8Array, count: number): Piece {
    if (bytes.length > HOME_BYTES || bytes.length * 2 < HOME_BYTES)
      return { bytes: bytes.slice(), count, home: undefined };
    const home = this.#spare.pop() ?? new Uint8Array(HOME_BYTES);
    home.set(bytes);
    return { bytes: home.subarray(0, bytes.length), count, home };
  }

  #encode(batch: readonly Piece[]): Uint8Array {
    const body = this.#options.encode(batch.map(({ bytes }) => bytes));
    for (const { home } of batch) if (home && this.#spare.length < SPARE_HOMES) this.#spare.push(home);
    return body;
  }

  #shift(): Piece {
    const piece = this.#queue.shift()!;
    this.#waiting -= piece.bytes.length + OVERHEAD;
    return piece;
  }

  #arm(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#pump();
    }, this.#options.delayMs).unref();
  }

  #pump(): void {
    if (this.#busy || this.#queue.length === 0) return;
    const batch: Piece[] = [];
    let size = 0;
    do {
      const piece = this.#shift();
      size += piece.bytes.length;
      batch.push(piece);
    } while (this.#queue.length > 0 && size + this.#queue[0]!.bytes.length <= this.#options.maxBatchBytes);
    this.#busy = true;
    this.#sending = size;
    void this.#send(batch);
  }

  async #send(batch: readonly Piece[]): Promise<void> {
    const { transport, stats } = this.#options;
    let count = 0;
    for (const piece of batch) count += piece.count;
    try {
      const result = await transport.send(this.#encode(batch));
      if (!result.ok) this.#failures++;
      stats.settled(result, count);
    } catch {
      // Bytes that can't be encoded must not stop those that follow.
      this.#failures++;
      stats.dropped('refused', count);
    }
    this.#busy = false;
    this.#sending = 0;
    if (this.#flushing > 0 || this.#waiting >= this.#sendAt) this.#pump();
    else if (this.#queue.length > 0) this.#arm();
    if (!this.#busy) for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Its timer holds the process while someone waits for the flush; the sockets don't. */
  #untilIdle(deadlineMs: number): Promise<boolean> {
    return new Promise(resolve => {
      const timer = setTimeout(() => resolve(false), deadlineMs);
      this.#idle.push(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }
}

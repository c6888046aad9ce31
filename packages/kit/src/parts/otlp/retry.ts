import type { ExportResult, Transport } from './transport.ts';

export interface RetryOptions {
  /** The first pause; each further one is twice as long, up to `maxMs`, less up to half at random. */
  readonly firstMs: number;
  readonly maxMs: number;
  /** Time that one request may take in all; after that it is given up. */
  readonly totalMs: number;
  /** Called for every attempt that failed. */
  failed(code: string): void;
}

/** A collector that asks for more than this gets asked again after it. */
const MAX_ASKED_MS = 5 * 60_000;

/** Tries again what may work later: with exponential back-off and jitter, or when the collector said. */
export class RetryTransport implements Transport {
  readonly #inner: Transport;
  readonly #options: RetryOptions;
  /** The collector's own wish; it holds for every request. Monotonic milliseconds. */
  #notBefore = 0;
  #hurry = false;
  #wake: (() => void) | undefined;
  #aborts = 0;

  constructor(inner: Transport, options: RetryOptions) {
    this.#inner = inner;
    this.#options = options;
  }

  /** While set, nothing waits but for what the collector asked: a failure is final at once. */
  set hurry(value: boolean) {
    this.#hurry = value;
    if (value && this.#notBefore <= performance.now()) this.#wake?.();
  }

  async send(body: Uint8Array): Promise<ExportResult> {
    const aborts = this.#aborts;
    await this.#sleep(this.#notBefore - performance.now());
    const giveUpAt = performance.now() + this.#options.totalMs;
    for (let attempt = 0; ; attempt++) {
      if (aborts !== this.#aborts) return { ok: false, code: 'aborted', retryable: false };
      const result = await this.#inner.send(body);
      if (result.ok) return result;
      this.#options.failed(result.code);
      if (!result.retryable) return result;
      const asked = result.retryAfterMs;
      if (asked !== undefined) this.#notBefore = performance.now() + Math.min(asked, MAX_ASKED_MS);
      const pause = asked ?? this.#backOff(attempt);
      if ((this.#hurry && asked === undefined) || performance.now() + pause > giveUpAt) return result;
      await this.#sleep(pause);
    }
  }

  abort(): void {
    this.#aborts++;
    this.#inner.abort();
    this.#wake?.();
  }

  #backOff(attempt: number): number {
    const { firstMs, maxMs } = this.#options;
    return Math.min(maxMs, firstMs * 2 ** attempt) * (1 - Math.random() / 2);
  }

  #sleep(ms: number): Promise<void> {
    if (ms <= 0) return Promise.resolve();
    return new Promise(resolve => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(wake, Math.ceil(ms)).unref();
      this.#wake = wake;
    });
  }
}

import { setImmediate as yieldToLoop } from 'node:timers/promises';
import type { MetricFamily } from '@plimsoll/wire';
import type { RetryTransport } from './retry.ts';
import type { SignalStats } from './stats.ts';

export interface MetricExporterOptions {
  readonly transport: RetryTransport;
  readonly stats: SignalStats;
  snapshot(): readonly MetricFamily[];
  encode(families: readonly MetricFamily[], time: number): Uint8Array;
  now(): number;
  readonly intervalMs: number;
}

/** Points of one request: some 500 KB, and a few milliseconds of encoding between two turns of the event loop. */
const POINTS = 4000;

/** Reads the registry at an interval. Values are cumulative: a reading that fails is made good by the next one. */
export class MetricExporter {
  readonly #options: MetricExporterOptions;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<boolean> | undefined;

  constructor(options: MetricExporterOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#once(), options.intervalMs).unref();
  }

  /** One more reading, taken now; true when it was taken in time. */
  async flush(deadlineMs: number): Promise<boolean> {
    const { transport } = this.#options;
    transport.hurry = true;
    const deadline = performance.now() + deadlineMs;
    const left = () => Math.max(1, deadline - performance.now());
    if (this.#running) await within(this.#running, left());
    const sent = await within(this.#once(), left());
    transport.hurry = false;
    return sent === true;
  }

  /** As `flush`; nothing is under way after it. */
  async drain(deadlineMs: number): Promise<void> {
    await this.flush(deadlineMs);
    if (!this.#running) return;
    this.#options.transport.abort();
    await within(this.#running, deadlineMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #once(): Promise<boolean> {
    this.#running ??= this.#export()
      // A collector callback that throws, for one: the next reading may do better.
      .catch(() => false)
      .finally(() => {
        this.#running = undefined;
      });
    return this.#running;
  }

  async #export(): Promise<boolean> {
    const { transport, stats, snapshot, encode, now } = this.#options;
    const time = now();
    let first = true;
    for (const { families, points } of slices(snapshot())) {
      if (!first) await yieldToLoop();
      first = false;
      const result = await transport.send(encode(families, time));
      stats.settled(result, points);
      if (!result.ok) return false;
    }
    return true;
  }
}

/** Cuts a snapshot into requests of at most `POINTS` points; a large family is cut as well. */
export function* slices(
  all: readonly MetricFamily[],
  limit = POINTS,
): Generator<{ families: readonly MetricFamily[]; points: number }> {
  let families: MetricFamily[] = [];
  let points = 0;
  for (const family of all) {
    for (let at = 0; at < family.points.length; ) {
      const part = family.points.slice(at, at + limit - points);
      at += part.length;
      points += part.length;
      families.push({ ...family, points: part } as MetricFamily);
      if (points < limit) continue;
      yield { families, points };
      families = [];
      points = 0;
    }
  }
  if (points > 0) yield { families, points };
}

/** Holds the process while it waits. */
function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  return new Promise(resolve => {
    const timer = setTimeout(() => resolve(undefined), ms);
    void promise.then(value => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}

import { ByteWriter } from '@plimsoll/wire';

const FLUSH_BYTES = 64 * 1024;
const FLUSH_MS = 200;

export type PipeSink = (bytes: Uint8Array, count: number) => void;

/**
 * Encoded records on their way to exporters. Records are written one behind the other into one buffer;
 * sinks see it when it holds 64 KB, 200 ms after the first record, or on `flush`. One unref'd timer while
 * something waits, none when idle.
 */
export class BytePipe {
  readonly writer = new ByteWriter(FLUSH_BYTES + 8 * 1024);
  /** Read before encoding: nobody listens, nothing is built. */
  active = false;
  #sinks: readonly PipeSink[] = [];
  #count = 0;
  #flushing = false;
  #timer: NodeJS.Timeout | undefined;

  add(sink: PipeSink): () => void {
    this.#sinks = [...this.#sinks, sink];
    this.active = true;
    return () => {
      this.flush();
      this.#sinks = this.#sinks.filter(other => other !== sink);
      this.active = this.#sinks.length > 0;
    };
  }

  /** Call after each record written to `writer`. */
  wrote(): void {
    this.#count += 1;
    if (this.writer.length >= FLUSH_BYTES && !this.#flushing) this.flush();
    else if (this.#timer === undefined) {
      this.#timer = setTimeout(this.#onTimer, FLUSH_MS);
      this.#timer.unref();
    }
  }

  flush(): void {
    if (this.#flushing) return;
    if (this.#timer !== undefined) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    if (this.#count === 0) return;
    const { length } = this.writer;
    const bytes = this.writer.bytes.subarray(0, length);
    const count = this.#count;
    this.#count = 0;
    this.#flushing = true;
    for (const sink of this.#sinks) {
      try {
        sink(bytes, count);
      } catch {
        // One bad exporter must not keep the bytes from the others; it counts its own drops.
      }
    }
    this.#flushing = false;
    // A sink that logs writes behind what it is given: that leaves with the next flush.
    const late = this.writer.bytes.slice(length, this.writer.length);
    this.writer.reset();
    if (late.length > 0) this.writer.append(late);
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    this.flush();
  };
}

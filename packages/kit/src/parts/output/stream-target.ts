import { write, writeSync } from 'node:fs';
import type { Target } from './buffered-writer.ts';

const RETRY_MS = 20;
/** How long a last write waits for a full pipe in all. */
const LAST_WAIT_MS = 500;

/** A descriptor that others may share: standard output, whatever the shell made of it. */
export class StreamTarget implements Target {
  readonly prompt = false;
  readonly #fd: number;
  #rest: Buffer | undefined;
  #retry: NodeJS.Timeout | undefined;
  #done: ((error: Error | null) => void) | undefined;

  constructor(fd: number) {
    this.#fd = fd;
  }

  begin(bytes: Buffer, done: (error: Error | null) => void): void {
    this.#rest = bytes;
    this.#done = done;
    this.#step();
  }

  finishSync(): void {
    const rest = this.#rest;
    if (!rest) return;
    if (this.#retry) {
      clearTimeout(this.#retry);
      this.#retry = undefined;
      this.#settle(null);
      this.writeSync(rest);
    } else {
      // A thread of the pool is writing, and can't be asked: let it get ahead, or two lines would mix.
      sleep(RETRY_MS);
    }
  }

  writeSync(bytes: Buffer): void {
    let rest = bytes;
    for (let waited = 0; rest.length > 0; ) {
      try {
        rest = rest.subarray(writeSync(this.#fd, rest));
      } catch (error) {
        if (!isBusy(error) || waited >= LAST_WAIT_MS) throw error;
        sleep(RETRY_MS);
        waited += RETRY_MS;
      }
    }
  }

  close(): void {
    clearTimeout(this.#retry);
  }

  #step = (): void => {
    this.#retry = undefined;
    write(this.#fd, this.#rest ?? Buffer.alloc(0), (error, count) => {
      if (error && !isBusy(error)) return this.#settle(error);
      if (error) {
        this.#retry = setTimeout(this.#step, RETRY_MS).unref();
        return;
      }
      this.#rest = this.#rest?.subarray(count);
      if (this.#rest?.length) this.#step();
      else this.#settle(null);
    });
  };

  #settle(error: Error | null): void {
    const done = this.#done;
    this.#rest = undefined;
    this.#done = undefined;
    done?.(error);
  }
}

function isBusy(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EAGAIN' || code === 'EBUSY';
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

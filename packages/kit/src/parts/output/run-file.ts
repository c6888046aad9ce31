import { close, closeSync, ftruncateSync, mkdirSync, openSync, renameSync, write, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Target } from './buffered-writer.ts';

export interface RunFileOptions {
  /** The folder that holds the runs. */
  readonly dir: string;
  /** Milliseconds since the epoch. */
  readonly started: number;
  readonly maxBytes: number;
  /** Older files beside `run.log`: `run.log.1` is the newest of them. */
  readonly keep: number;
}

/**
 * `run-<UTC stamp>/run.log`, which only this process writes. Every write names its position, so that the last
 * breath can repeat a write that a thread still has in hand: the same bytes land at the same place.
 */
export class RunFile implements Target {
  readonly prompt = true;
  readonly #options: RunFileOptions;
  readonly path: string;
  #fd = -1;
  #position = 0;
  #pending: { bytes: Buffer; at: number; repeated: boolean } | undefined;
  /** Descriptors that a thread may still write to; a closed number could be another file by then. */
  readonly #retired: number[] = [];

  /** Makes the folder and the file; throws what the file system throws. */
  constructor(options: RunFileOptions) {
    this.#options = options;
    this.path = join(makeRunFolder(options), 'run.log');
    this.#open();
  }

  begin(bytes: Buffer, done: (error: Error | null) => void): void {
    try {
      this.#makeRoom(bytes.length);
    } catch (error) {
      process.nextTick(done, error);
      return;
    }
    const pending = { bytes, at: this.#position, repeated: false };
    const fd = this.#fd;
    this.#pending = pending;
    const step = (offset: number): void => {
      write(fd, bytes, offset, bytes.length - offset, pending.at + offset, (error, count) => {
        if (!error && offset + count < bytes.length && !pending.repeated) return step(offset + count);
        this.#pending = undefined;
        for (const old of this.#retired.splice(0)) close(old, () => {});
        if (pending.repeated) return done(null);
        if (error) this.#cut();
        else this.#position = pending.at + bytes.length;
        done(error);
      });
    };
    step(0);
  }

  finishSync(): void {
    if (!this.#pending || this.#pending.repeated) return;
    this.#pending.repeated = true;
    this.#writeAt(this.#pending.bytes);
  }

  writeSync(bytes: Buffer): void {
    this.#makeRoom(bytes.length);
    this.#writeAt(bytes);
  }

  close(): void {
    if (this.#fd === -1) return;
    if (this.#pending) this.#retired.push(this.#fd);
    else closeSync(this.#fd);
    this.#fd = -1;
  }

  #writeAt(bytes: Buffer): void {
    try {
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(this.#fd, bytes, done, bytes.length - done, this.#position + done);
      }
      this.#position += bytes.length;
    } catch (error) {
      this.#cut();
      throw error;
    }
  }

  /** A disk that is full takes half a line; the file must stay whole lines. */
  #cut(): void {
    try {
      ftruncateSync(this.#fd, this.#position);
    } catch {
      // Then the next write overwrites it.
    }
  }

  #makeRoom(bytes: number): void {
    if (this.#fd === -1) this.#open();
    else if (this.#position > 0 && this.#position + bytes > this.#options.maxBytes) this.#rotate();
  }

  #rotate(): void {
    this.close();
    const { keep } = this.#options;
    for (let n = keep; n > 0; n--) {
      try {
        renameSync(n === 1 ? this.path : `${this.path}.${n - 1}`, `${this.path}.${n}`);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
    this.#open();
  }

  #open(): void {
    // Someone may have cleared the folder while we ran.
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
    this.#fd = openSync(this.path, 'w', 0o600);
    this.#position = 0;
  }
}

/** Two processes may start within one second. */
function makeRunFolder({ dir, started }: RunFileOptions): string {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const stamp = new Date(started).toISOString().replace(/[-:]|\.\d+/g, '');
  for (let n = 1; ; n++) {
    const folder = join(dir, n === 1 ? `run-${stamp}` : `run-${stamp}-${n}`);
    try {
      mkdirSync(folder, { mode: 0o700 });
      return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || n >= 1000) throw error;
    }
  }
}

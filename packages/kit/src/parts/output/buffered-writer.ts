/** Where bytes go in the end. It owns its descriptor; nothing here throws but the sync methods. */
export interface Target {
  /** True where a write takes its time and no more: too much at once is then written on the spot, and not lost. */
  readonly prompt: boolean;
  /** Writes all of it, then calls back later, never at once. One at a time. */
  begin(bytes: Buffer, done: (error: Error | null) => void): void;
  /** Finishes what `begin` started, so that it is whole before anything else follows. Throws what the write throws. */
  finishSync(): void;
  writeSync(bytes: Buffer): void;
  close(): void;
}

export interface WriterOptions {
  readonly target: Target;
  /** Bytes from which a write leaves. */
  readonly chunk: number;
  /** Called with what went wrong and how many lines it cost. */
  lost(reason: string, lines: number): void;
}

/** Bytes that wait at most: a reader that stopped costs lines beyond this, not memory. */
const MAX_HELD = 8 * 1024 * 1024;
const FLUSH_MS = 50;
/**
 * Characters that pile up as text. They are encoded while the processor's cache still has them: a rope of a whole
 * chunk costs 1,000 ns a line to flatten and encode, one of 4,096 characters 360.
 */
const BATCH = 4096;
/** UTF-8 of one UTF-16 unit at most. */
const WIDEST = 3;
const NEW_LINE = 10;
const encoder = new TextEncoder();

/** Bytes on their way out; `home` is the buffer of ours that they fill, and that can be filled again after them. */
interface Chunk {
  readonly bytes: Buffer;
  readonly home: Buffer | undefined;
}

/** Lines pile up in a buffer that is used again once it was written; nothing is allocated for a line but its text. */
export class BufferedWriter {
  readonly #options: WriterOptions;
  readonly #target: Target;
  readonly #batch: number;
  /** Of a buffer: a batch that begins below `chunk` has room. */
  readonly #size: number;
  #tail = '';
  #buffer: Buffer | undefined;
  #length = 0;
  readonly #chunks: Chunk[] = [];
  /** Bytes in `#chunks` and in the write under way. */
  #held = 0;
  #writing = false;
  /** The time to flush came while a write was under way. */
  #due = false;
  /** A buffer that was written, to be filled again. */
  #spare: Buffer | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Why nothing is written any more. */
  #broken: string | undefined;
  readonly #drained: (() => void)[] = [];

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#target = options.target;
    this.#batch = Math.min(BATCH, options.chunk);
    this.#size = options.chunk + this.#batch * WIDEST;
  }

  write(line: string): void {
    if (this.#broken !== undefined) {
      this.#options.lost(this.#broken, 1);
      return;
    }
    this.#tail += line;
    this.#tail += '\n';
    if (this.#tail.length >= this.#batch) {
      this.#encode();
      if (!this.#writing && this.#chunks.length > 0) this.#next();
    }
    this.#timer ??= setTimeout(this.#onTimer, FLUSH_MS).unref();
  }

  /** Writes everything now, blocking: for the last breath, and for a burst that no buffer should hold. */
  flushSync(): void {
    if (this.#broken !== undefined) return;
    // Taken first: finishing the write under way must not start the next one.
    const rest = this.#takeAll();
    if (this.#writing) this.#attempt(() => this.#target.finishSync(), undefined);
    for (const chunk of rest) this.#writeSync(chunk);
  }

  /** Resolves when everything written so far is out, or after `timeoutMs`: a stuck reader can't hold a stop. */
  async close(timeoutMs: number): Promise<void> {
    this.#flush();
    if (this.#writing) {
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, timeoutMs);
        this.#drained.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    this.#broken ??= 'closed';
    const left = countLines(this.#takeAll());
    if (left > 0) this.#options.lost('slow', left);
    clearTimeout(this.#timer);
    this.#target.close();
  }

  #onTimer = (): void => {
    this.#timer = undefined;
    if (this.#writing) this.#due = true;
    else this.#flush();
  };

  #flush(): void {
    this.#due = false;
    this.#encode();
    this.#seal();
    if (!this.#writing) this.#next();
  }

  /** Moves the text into the buffer, and the buffer into the queue once it is full. */
  #encode(): void {
    const text = this.#tail;
    if (text === '') return;
    this.#tail = '';
    const most = text.length * WIDEST;
    if (this.#buffer !== undefined && this.#length + most > this.#size) this.#seal();
    if (most > this.#size) {
      this.#queue({ bytes: Buffer.from(text), home: undefined });
      return;
    }
    const buffer = this.#buffer ?? this.#spare ?? Buffer.allocUnsafeSlow(this.#size);
    if (this.#buffer === undefined) this.#spare = undefined;
    this.#buffer = buffer;
    this.#length += encoder.encodeInto(text, buffer.subarray(this.#length)).written;
    if (this.#length >= this.#options.chunk) this.#seal();
  }

  #seal(): void {
    const buffer = this.#buffer;
    if (buffer === undefined || this.#length === 0) return;
    const bytes = buffer.subarray(0, this.#length);
    this.#length = 0;
    // What waits for a reader that stopped must not hold buffers that are mostly empty.
    const full = bytes.length * 2 > buffer.length;
    if (full) this.#buffer = undefined;
    this.#queue(full ? { bytes, home: buffer } : { bytes: Buffer.from(bytes), home: undefined });
  }

  #queue(chunk: Chunk): void {
    const { length } = chunk.bytes;
    if (this.#held + length <= MAX_HELD) {
      this.#held += length;
      this.#chunks.push(chunk);
    } else if (this.#target.prompt) {
      this.flushSync();
      this.#writeSync(chunk);
    } else {
      this.#options.lost('slow', countLines([chunk]));
    }
  }

  /** Empties the queue and all that waits behind it, in order. */
  #takeAll(): readonly Chunk[] {
    const chunks = this.#chunks.splice(0);
    if (this.#length > 0)
      chunks.push({ bytes: Buffer.from(this.#buffer!.subarray(0, this.#length)), home: undefined });
    if (this.#tail !== '') chunks.push({ bytes: Buffer.from(this.#tail), home: undefined });
    this.#length = 0;
    this.#tail = '';
    this.#held = 0;
    return chunks;
  }

  #next(): void {
    if (this.#due && this.#chunks.length === 0 && this.#broken === undefined) {
      this.#due = false;
      this.#encode();
      this.#seal();
    }
    const chunk = this.#broken === undefined ? this.#chunks.shift() : undefined;
    if (chunk === undefined) {
      for (const resolve of this.#drained.splice(0)) resolve();
      return;
    }
    this.#writing = true;
    this.#target.begin(chunk.bytes, error => {
      this.#writing = false;
      this.#held = Math.max(0, this.#held - chunk.bytes.length);
      if (error) this.#failed(error, chunk);
      // Nobody reads it any more: its write has called back.
      else this.#spare ??= chunk.home;
      this.#next();
    });
  }

  #writeSync(chunk: Chunk): void {
    if (this.#broken === undefined) this.#attempt(() => this.#target.writeSync(chunk.bytes), chunk);
    else this.#options.lost(this.#broken, countLines([chunk]));
  }

  #attempt(write: () => void, chunk: Chunk | undefined): void {
    try {
      write();
    } catch (error) {
      this.#failed(error as Error, chunk);
    }
  }

  #failed(error: Error, chunk: Chunk | undefined): void {
    const code = (error as NodeJS.ErrnoException).code ?? error.name;
    const lost = chunk === undefined ? [] : [chunk];
    // Nobody will ever read the other end of this pipe again.
    if (code === 'EPIPE' || code === 'EBADF') {
      this.#broken = code;
      lost.push(...this.#takeAll());
    }
    this.#options.lost(code, countLines(lost));
  }
}

function countLines(chunks: readonly Chunk[]): number {
  let lines = 0;
  for (const { bytes } of chunks) {
    for (let at = bytes.indexOf(NEW_LINE); at !== -1; at = bytes.indexOf(NEW_LINE, at + 1)) lines++;
  }
  return lines;
}

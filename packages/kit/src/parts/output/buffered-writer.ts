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
  /** Characters a write holds at most. */
  readonly chunk: number;
  /** Called with what went wrong and how many lines it cost. */
  lost(reason: string, lines: number): void;
}

/** Characters that wait at most: a reader that stopped costs lines beyond this, not memory. */
const MAX_HELD = 8 * 1024 * 1024;
const FLUSH_MS = 50;

/** Lines pile up as one string and leave in chunks: a line costs two appends, an encoding is paid per chunk. */
export class BufferedWriter {
  readonly #options: WriterOptions;
  readonly #target: Target;
  #tail = '';
  readonly #chunks: string[] = [];
  /** Characters in `#chunks` and in the write under way. */
  #held = 0;
  #writing = false;
  #timer: NodeJS.Timeout | undefined;
  /** Why nothing is written any more. */
  #broken: string | undefined;
  readonly #drained: (() => void)[] = [];

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#target = options.target;
  }

  write(line: string): void {
    if (this.#broken !== undefined) {
      this.#options.lost(this.#broken, 1);
      return;
    }
    this.#tail += line;
    this.#tail += '\n';
    if (this.#tail.length >= this.#options.chunk) this.#seal();
    else this.#timer ??= setTimeout(this.#onTimer, FLUSH_MS).unref();
  }

  /** Writes everything now, blocking: for the last breath, and for a burst that no buffer should hold. */
  flushSync(): void {
    if (this.#broken !== undefined) return;
    // Taken first: finishing the write under way must not start the next one.
    const rest = [...this.#chunks.splice(0), this.#tail];
    this.#tail = '';
    this.#held = 0;
    if (this.#writing) this.#attempt(() => this.#target.finishSync(), '');
    for (const text of rest) {
      if (text === '') continue;
      if (this.#broken === undefined) this.#attempt(() => this.#target.writeSync(Buffer.from(text)), text);
      else this.#options.lost(this.#broken, countLines(text));
    }
  }

  /** Resolves when everything written so far is out, or after `timeoutMs`: a stuck reader can't hold a stop. */
  async close(timeoutMs: number): Promise<void> {
    this.#seal();
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
    const left = this.#chunks.splice(0).join('');
    if (left !== '') this.#options.lost('slow', countLines(left));
    clearTimeout(this.#timer);
    this.#target.close();
  }

  #onTimer = (): void => {
    this.#timer = undefined;
    this.#seal();
  };

  #seal(): void {
    const text = this.#tail;
    if (text === '') return;
    this.#tail = '';
    if (this.#held + text.length > MAX_HELD) {
      if (this.#target.prompt) {
        this.#tail = text;
        this.flushSync();
      } else {
        this.#options.lost('slow', countLines(text));
      }
      return;
    }
    this.#held += text.length;
    this.#chunks.push(text);
    if (!this.#writing) this.#next();
  }

  #next(): void {
    const text = this.#broken === undefined ? this.#chunks.shift() : undefined;
    if (text === undefined) {
      for (const resolve of this.#drained.splice(0)) resolve();
      return;
    }
    this.#writing = true;
    this.#target.begin(Buffer.from(text), error => {
      this.#writing = false;
      this.#held = Math.max(0, this.#held - text.length);
      if (error) this.#failed(error, text);
      this.#next();
    });
  }

  #attempt(write: () => void, text: string): void {
    try {
      write();
    } catch (error) {
      this.#failed(error as Error, text);
    }
  }

  #failed(error: Error, text: string): void {
    const code = (error as NodeJS.ErrnoException).code ?? error.name;
    // Nobody will ever read the other end of this pipe again.
    const gone = code === 'EPIPE' || code === 'EBADF';
    const waiting = gone ? this.#chunks.splice(0).join('') + this.#tail : '';
    if (gone) {
      this.#broken = code;
      this.#tail = '';
    }
    this.#options.lost(code, countLines(text) + countLines(waiting));
  }
}

function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

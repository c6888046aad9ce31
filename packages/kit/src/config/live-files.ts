import { parseObject, type ReadFile, readConfigFile, stampOf } from './files.ts';
import { isObject } from './parse.ts';
import type { ConfigFile } from './sources.ts';
import { type FileEdit, writeConfigFile } from './write-file.ts';

/** One file's block, as it stands. */
export interface FileBlock {
  /** The file, as configured. */
  readonly file: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** The config files while the process runs: read again when they change, and the last of them written. */
export interface ConfigFiles {
  /** A top-level block of every file that has it as an object, in the order of the files. */
  block(name: string): readonly FileBlock[];
  /** Files that are not JSON objects, as configured; they say nothing until they are mended. */
  corrupt(): readonly string[];
  /** Rises with every reading, so that what is derived from the files need not be derived twice. */
  version(): number;
  /** The file that is written, as configured. */
  readonly target: string;
  /** Reads the files now, also where neither time nor size changed. */
  refresh(): void;
  /** Calls back after a change of any file: at most every 250 ms, and at once after `refresh` and `write`. */
  watch(listener: () => void): () => void;
  /**
   * Sets members of the last file, all or none, and keeps everything else in it byte for byte: under a lock that other
   * processes keep to, through a temporary file. Rejects with `config_corrupt`, `config_locked` or `config_unwritable`.
   */
  write(edits: readonly FileEdit[]): Promise<void>;
}

/** A file is looked at this often at most, so that a lookup costs a comparison and not a system call. */
const LOOK_MS = 250;

interface Parsed {
  readonly label: string;
  readonly missing: boolean;
  readonly content: Record<string, unknown> | undefined;
}

export class LiveFiles implements ConfigFiles {
  readonly #monotonic: () => number;
  readonly #listeners = new Set<() => void>();
  /** Called before the listeners, whoever watches. */
  first: () => void = () => {};
  #files: readonly ConfigFile[];
  #parsed: readonly Parsed[];
  #looked: number;
  #version = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(files: readonly ConfigFile[], monotonic: () => number) {
    this.#monotonic = monotonic;
    this.#files = files;
    this.#parsed = files.map(parse);
    this.#looked = monotonic();
  }

  version(): number {
    this.look();
    return this.#version;
  }

  get target(): string {
    return this.#files.at(-1)?.label ?? '';
  }

  contents(): readonly Parsed[] {
    this.look();
    return this.#parsed;
  }

  block(name: string): readonly FileBlock[] {
    return this.contents().flatMap(({ label, content }) => {
      const value = content?.[name];
      return isObject(value) ? [{ file: label, value }] : [];
    });
  }

  corrupt(): readonly string[] {
    return this.contents()
      .filter(file => !file.missing && !file.content)
      .map(file => file.label);
  }

  /** True where the files were read again. */
  look(): boolean {
    const now = this.#monotonic();
    if (now - this.#looked < LOOK_MS) return false;
    this.#looked = now;
    if (!this.#files.some(({ path, stamp }) => moved(path, stamp))) return false;
    this.#read();
    return true;
  }

  refresh(): void {
    this.#looked = this.#monotonic();
    this.#read();
  }

  watch(listener: () => void): () => void {
    // A wrapper of its own, so that one function may listen twice and stop once.
    const entry = (): void => listener();
    this.#listeners.add(entry);
    this.#timer ??= setInterval(() => this.look(), LOOK_MS).unref();
    return () => {
      this.#listeners.delete(entry);
      if (this.#listeners.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  async write(edits: readonly FileEdit[]): Promise<void> {
    const last = this.#files.at(-1);
    if (last === undefined) return;
    await writeConfigFile(last, edits);
    this.refresh();
  }

  #read(): void {
    this.#version += 1;
    this.#files = this.#files.map(({ path, label }) => ({ ...(readConfigFile(path) as ReadFile), label }));
    this.#parsed = this.#files.map(parse);
    for (const listener of [this.first, ...this.#listeners]) {
      try {
        listener();
      } catch (error) {
        // The host's lookup must not fail for a listener's mistake, and the mistake must not get lost.
        process.emitWarning(error instanceof Error ? error : String(error));
      }
    }
  }
}

function parse({ text, label }: ConfigFile): Parsed {
  return {
    label,
    missing: text === undefined,
    content: text === undefined ? undefined : parseObject(text),
  };
}

function moved(path: string, stamp: string): boolean {
  try {
    return stampOf(path) !== stamp;
  } catch {
    // A folder that may not be entered: as good as no file.
    return stamp !== 'none';
  }
}

import type { Clock } from '../base/clock.ts';
import { mergeFeatures, type RejectedFlag } from './features.ts';
import { parseObject, readConfigFile, stampOf } from './files.ts';
import { FLAG_DEFAULTS, FLAG_PAIRS } from './flag-table.ts';
import type { ConfigFile } from './sources.ts';

export type Subsystem = keyof typeof FLAG_PAIRS;

export interface SubsystemState {
  /** What counts, and what answers call `feature_flag`. */
  readonly enabled: boolean;
  readonly umbrella: boolean;
  readonly legacy: boolean;
}

export type FlagListener = (flags: Readonly<Record<string, boolean>>, changed: readonly string[]) => void;

/** Feature flags, read from the config files and read again when those change. Never throws. */
export interface Flags {
  /** All flags, defaults included: a copy. */
  load(): Readonly<Record<string, boolean>>;
  /** The flag, if a file or the defaults know it; else `fallback`, else false. */
  isEnabled(name: string, fallback?: boolean): boolean;
  subsystem(name: Subsystem): SubsystemState;
  /** Flags that a file sets to something other than a JSON boolean. */
  rejected(): readonly RejectedFlag[];
  /** Files that are not JSON objects; they say nothing until they are mended. */
  corrupt(): readonly string[];
  /** Reads the files now, also where neither time nor size changed. */
  refresh(): Readonly<Record<string, boolean>>;
  /**
   * Calls back after a change of any flag, at most every 250 ms, and at once on `refresh`. A timer runs only
   * while someone listens, and keeps no process alive. Returns what stops it.
   */
  watch(listener: FlagListener): () => void;
}

export interface FlagsInput {
  /** As `config.files`: what was read at start is not read again. */
  readonly files: readonly ConfigFile[];
  /** Over `FLAG_DEFAULTS`. */
  readonly defaults?: Readonly<Record<string, boolean>>;
  readonly clock?: Pick<Clock, 'monotonic'>;
}

/** A file is looked at this often at most, so that a lookup costs a comparison and not a system call. */
const STAT_INTERVAL_MS = 250;

export function createFlags(input: FlagsInput): Flags {
  return new FileFlags(input);
}

class FileFlags implements Flags {
  readonly #defaults: Readonly<Record<string, boolean>>;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #listeners = new Set<FlagListener>();
  #files: readonly ConfigFile[];
  #flags: ReadonlyMap<string, boolean> = new Map();
  #rejected: readonly RejectedFlag[] = [];
  #corrupt: readonly string[] = [];
  #looked: number;
  #timer: NodeJS.Timeout | undefined;

  constructor({ files, defaults = {}, clock = { monotonic: () => performance.now() } }: FlagsInput) {
    this.#defaults = { ...FLAG_DEFAULTS, ...defaults };
    this.#clock = clock;
    this.#files = files;
    this.#looked = clock.monotonic();
    this.#merge();
  }

  load(): Readonly<Record<string, boolean>> {
    this.#look();
    return Object.fromEntries(this.#flags);
  }

  isEnabled(name: string, fallback = false): boolean {
    this.#look();
    return this.#flags.get(name) ?? fallback;
  }

  subsystem(name: Subsystem): SubsystemState {
    const pair = FLAG_PAIRS[name];
    const umbrella = this.isEnabled(pair.umbrella);
    const legacy = this.isEnabled(pair.legacy);
    return { enabled: umbrella || legacy, umbrella, legacy };
  }

  rejected(): readonly RejectedFlag[] {
    this.#look();
    return this.#rejected;
  }

  corrupt(): readonly string[] {
    this.#look();
    return this.#corrupt;
  }

  refresh(): Readonly<Record<string, boolean>> {
    this.#looked = this.#clock.monotonic();
    this.#read();
    return Object.fromEntries(this.#flags);
  }

  watch(listener: FlagListener): () => void {
    // A wrapper of its own, so that one function may listen twice and stop once.
    const entry: FlagListener = (flags, changed) => listener(flags, changed);
    this.#listeners.add(entry);
    this.#timer ??= setInterval(() => this.#look(), STAT_INTERVAL_MS).unref();
    return () => {
      this.#listeners.delete(entry);
      if (this.#listeners.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  #look(): void {
    const now = this.#clock.monotonic();
    if (now - this.#looked < STAT_INTERVAL_MS) return;
    this.#looked = now;
    if (this.#files.some(({ path, stamp }) => changed(path, stamp))) this.#read();
  }

  #read(): void {
    const before = this.#flags;
    this.#files = this.#files.map(({ path, label }) => ({ ...readConfigFile(path), label }));
    this.#merge();
    const names = new Set([...before.keys(), ...this.#flags.keys()]);
    const moved = [...names].filter(name => before.get(name) !== this.#flags.get(name));
    if (moved.length === 0) return;
    for (const listener of [...this.#listeners]) {
      try {
        listener(Object.fromEntries(this.#flags), moved);
      } catch (error) {
        // The host's lookup must not fail for a listener's mistake, and the mistake must not get lost.
        process.emitWarning(error instanceof Error ? error : String(error));
      }
    }
  }

  #merge(): void {
    const parsed = this.#files.map(({ text, label }) => ({
      label,
      missing: text === undefined,
      content: text === undefined ? undefined : parseObject(text),
    }));
    const merged = mergeFeatures(parsed);
    this.#flags = new Map([...Object.entries(this.#defaults), ...merged.flags]);
    this.#rejected = merged.rejected;
    this.#corrupt = parsed.filter(file => !file.missing && !file.content).map(file => file.label);
  }
}

function changed(path: string, stamp: string): boolean {
  try {
    return stampOf(path) !== stamp;
  } catch {
    // A folder that may not be entered: as good as no file.
    return stamp !== 'none';
  }
}

export { FLAG_DEFAULTS, FLAG_PAIRS } from './flag-table.ts';

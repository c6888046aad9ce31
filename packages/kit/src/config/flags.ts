import type { Clock } from '../base/clock.ts';
import { OpsError } from '../base/ops-error.ts';
import { mergeFeatures, type RejectedFlag } from './features.ts';
import { FLAG_DEFAULTS, FLAG_PAIRS, FLAGS, type FlagRow } from './flag-table.ts';
import { type ConfigFiles, LiveFiles } from './live-files.ts';
import { nearest } from './nearest.ts';
import type { ConfigFile } from './sources.ts';

export type Subsystem = keyof typeof FLAG_PAIRS;

export interface SubsystemState {
  /** What counts, and what answers call `feature_flag`. */
  readonly enabled: boolean;
  readonly umbrella: boolean;
  readonly legacy: boolean;
}

/** One flag as `GET /api/flags` and the panel show it. */
export interface FlagState {
  readonly name: string;
  readonly value: boolean;
  /** Null for a flag that only a file knows. */
  readonly default: boolean | null;
  /** The file that says it, as configured, or `default`. */
  readonly source: string;
  readonly doc?: string;
  /** Flags of one group are written together. */
  readonly group?: string;
}

export interface FlagChange {
  /** The names whose value is another now, in the order of the call. */
  readonly changed: readonly string[];
  readonly flags: Readonly<Record<string, boolean>>;
}

export type FlagListener = (
  flags: Readonly<Record<string, boolean>>,
  changed: readonly string[],
) => void | Promise<void>;

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
  /** Every flag with its value and where that came from. */
  describe(): readonly FlagState[];
  /** The files behind it, for settings that stand beside the flags. */
  readonly files: ConfigFiles;
  /**
   * Writes flags to the last config file, and resolves when it is read again and every listener has followed: all of them or none, each umbrella
   * with its older names. Other processes that write, and everything else in the file, lose nothing. Rejects with a
   * `code`: `unknown_flag` for a name that neither the defaults nor a file knows, `config_corrupt` (the file is not
   * touched), `config_locked` or `config_unwritable`.
   */
  set(changes: Readonly<Record<string, boolean>>): Promise<FlagChange>;
  /** Reads the files now, also where neither time nor size changed. */
  refresh(): Readonly<Record<string, boolean>>;
  /**
   * Calls back after a change of any flag, at most every 250 ms, and at once on `refresh`. A timer runs only
   * while someone listens, and keeps no process alive. `set` waits for what a listener returns, so a listener must not
   * wait for `set`. Returns what stops it.
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

export function createFlags(input: FlagsInput): Flags {
  return new FileFlags(input);
}

class FileFlags implements Flags {
  readonly files: LiveFiles;
  readonly #defaults: Readonly<Record<string, boolean>>;
  readonly #listeners = new Set<FlagListener>();
  #flags: ReadonlyMap<string, boolean> = new Map();
  #rejected: readonly RejectedFlag[] = [];
  #sources: ReadonlyMap<string, string> = new Map();
  #unwatch: (() => void) | undefined;
  #followed: Promise<unknown> = Promise.resolve();

  constructor({ files, defaults = {}, clock = { monotonic: () => performance.now() } }: FlagsInput) {
    this.#defaults = { ...FLAG_DEFAULTS, ...defaults };
    this.files = new LiveFiles(files, () => clock.monotonic());
    // First, so that whoever else watches the files finds the flags of now.
    this.files.first = () => this.#follow();
    this.#merge();
  }

  load(): Readonly<Record<string, boolean>> {
    this.files.look();
    return Object.fromEntries(this.#flags);
  }

  isEnabled(name: string, fallback = false): boolean {
    this.files.look();
    return this.#flags.get(name) ?? fallback;
  }

  subsystem(name: Subsystem): SubsystemState {
    const pair = FLAG_PAIRS[name];
    const umbrella = this.isEnabled(pair.umbrella);
    const legacy = this.isEnabled(pair.legacy);
    return { enabled: umbrella || legacy, umbrella, legacy };
  }

  rejected(): readonly RejectedFlag[] {
    this.files.look();
    return this.#rejected;
  }

  corrupt(): readonly string[] {
    return this.files.corrupt();
  }

  describe(): readonly FlagState[] {
    this.files.look();
    const rows = new Map<string, FlagRow>(FLAGS.map(row => [row.name, row]));
    return [...this.#flags].map(([name, value]) => {
      const row = rows.get(name);
      return {
        ...{
          name,
          value,
          default: this.#defaults[name] ?? null,
          source: this.#sources.get(name) ?? 'default',
        },
        ...(row && { doc: row.doc, ...(row.group && { group: row.group }) }),
      };
    });
  }

  refresh(): Readonly<Record<string, boolean>> {
    this.files.refresh();
    return Object.fromEntries(this.#flags);
  }

  async set(changes: Readonly<Record<string, boolean>>): Promise<FlagChange> {
    const all = this.#checked(changes);
    const before = this.load();
    await this.files.write(Object.entries(all).map(([name, value]) => ({ path: ['features', name], value })));
    await this.#followed;
    const flags = this.load();
    return { flags, changed: Object.keys(all).filter(name => before[name] !== flags[name]) };
  }

  watch(listener: FlagListener): () => void {
    // A wrapper of its own, so that one function may listen twice and stop once.
    const entry: FlagListener = (flags, changed) => listener(flags, changed);
    this.#listeners.add(entry);
    this.#unwatch ??= this.files.watch(() => {});
    return () => {
      this.#listeners.delete(entry);
      if (this.#listeners.size > 0) return;
      this.#unwatch?.();
      this.#unwatch = undefined;
    };
  }

  /** With what goes together; of two members of a group that are set apart, the umbrella counts. */
  #checked(changes: Readonly<Record<string, boolean>>): Readonly<Record<string, boolean>> {
    const rejected = this.rejected().map(({ flag }) => flag);
    const known = new Set([...Object.keys(this.load()), ...rejected]);
    const all: Record<string, boolean> = {};
    for (const [name, value] of Object.entries(changes)) {
      if (typeof value !== 'boolean')
        throw new OpsError('validation_error', { hint: 'A flag is true or false.' });
      if (!known.has(name)) throw unknownFlag(name, known);
      const members = membersOf(name);
      const umbrella = members[0] ?? name;
      for (const member of [name, ...members]) all[member] = changes[umbrella] ?? value;
    }
    return all;
  }

  #follow(): void {
    const before = this.#flags;
    this.#merge();
    const names = new Set([...before.keys(), ...this.#flags.keys()]);
    const moved = [...names].filter(name => before.get(name) !== this.#flags.get(name));
    if (moved.length === 0) return;
    const following = [...this.#listeners].map(async listener => {
      try {
        await listener(Object.fromEntries(this.#flags), moved);
      } catch (error) {
        // The host's lookup must not fail for a listener's mistake, and the mistake must not get lost.
        process.emitWarning(error instanceof Error ? error : String(error));
      }
    });
    this.#followed = Promise.all([this.#followed, ...following]);
  }

  #merge(): void {
    const merged = mergeFeatures(this.files.contents());
    this.#flags = new Map([...Object.entries(this.#defaults), ...merged.flags]);
    this.#rejected = merged.rejected;
    this.#sources = merged.sources;
  }
}

/** The flags of the same group, the umbrella first. */
function membersOf(name: string): readonly string[] {
  const rows: readonly FlagRow[] = FLAGS;
  const group = rows.find(row => row.name === name)?.group;
  return group === undefined ? [] : rows.filter(row => row.group === group).map(row => row.name);
}

function unknownFlag(name: string, known: ReadonlySet<string>): OpsError {
  const near = nearest(name, known);
  return new OpsError('unknown_flag', near === undefined ? {} : { hint: `Did you mean ${near}?` });
}

export { FLAG_DEFAULTS, FLAG_PAIRS } from './flag-table.ts';

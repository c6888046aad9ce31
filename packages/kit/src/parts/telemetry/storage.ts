// Long because the order of these steps is what loses nothing; apart, it could not be read.
import { join } from 'node:path';
import { withFileLock } from '../../base/file-lock.ts';
import { OpsError } from '../../base/ops-error.ts';
import { newSecret, readSecret } from './secret.ts';
import { epochOf, type Segment, Segments } from './segments.ts';
import { moment } from './time.ts';
import { applyEntry, type Entry, emptyUsage, parseUsage, type Usage } from './usage.ts';
import { MISSING, stampOf, UsageFile } from './usage-file.ts';

export interface StorageOptions {
  /** The runtime root. */
  readonly root: string;
  readonly now: () => number;
  readonly warn: (event: string, fields: Readonly<Record<string, unknown>>) => void;
  /** Given before the first entry, and whenever the installation has a new secret. Returns its id. */
  readonly identify: (secret: Uint8Array) => string;
  /** Whether there is consent; without, no file is made again. */
  readonly allowed: () => boolean;
  /** What usage.json says beside the counts. */
  readonly about: () => Pick<Usage, 'app_version'> & { readonly settings_updated_at: string | null };
  /** What may leave of one journal, in order; called again with the same name after a crash. */
  readonly batch: (name: string, entries: readonly Entry[]) => Promise<void>;
}

/** `usage.json` is at most this much behind what was acknowledged. */
const MERGE_MS = 1000;
const TOUCH_MS = 60_000;

/**
 * Counts of one installation, for any number of processes. What is acknowledged stands in a journal of this process;
 * now and then whoever holds the lock adds ended journals to `usage.json`, which names them, so that each counts once
 * whenever the machine stops. A new epoch voids every journal of the old one.
 */
export class Storage {
  readonly folder: string;
  readonly #options: StorageOptions;
  readonly #segments: Segments;
  readonly #file: UsageFile;
  readonly #secretFile: string;
  #current: Segment | undefined;
  /** Acknowledged, of this epoch, and not in the file: by the journal they stand in. */
  #unmerged: { readonly segment: string; readonly entry: Entry }[] = [];
  #work: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #touching: NodeJS.Timeout | undefined;

  constructor(options: StorageOptions) {
    this.#options = options;
    this.folder = join(options.root, 'logs/telemetry');
    this.#file = new UsageFile(join(this.folder, 'usage.json'));
    this.#secretFile = join(options.root, 'config/telemetry/anonymizer.json');
    this.#segments = new Segments(join(this.folder, 'journal'));
  }

  /** Whether anything of ours is on the disk. */
  get exists(): boolean {
    return stampOf(this.folder) !== MISSING;
  }

  get open(): boolean {
    return this.#current !== undefined;
  }

  /** Makes secret and files where there are none, and takes up what a killed process left. */
  start(): Promise<void> {
    return this.#next(async () => {
      if (this.#current !== undefined) return;
      await this.#locked(async held => {
        const { secret, replaced } = await readSecret(this.#secretFile);
        if (replaced) this.#options.warn('telemetry_secret_replaced', {});
        const id = this.#options.identify(secret);
        await this.#merge(held, id);
      });
      this.#current = await this.#segments.open(this.#file.usage!.meta.epoch);
      this.#touching = setInterval(() => this.#touch(), TOUCH_MS).unref();
    });
  }

  /** Resolves when the entry is on the disk; false where it can't be kept. */
  async append(entry: Entry): Promise<boolean> {
    const done = this.#put(entry);
    if (done === undefined) return false;
    return done.then(
      () => true,
      () => false,
    );
  }

  /** The same, in the file system's hands when it returns: a killed process has it, a lost machine may not. */
  appendNow(entry: Entry): boolean {
    const done = this.#put(entry);
    if (done === undefined) return false;
    done.catch(() => {});
    try {
      this.#current?.journal.flushSync();
      return true;
    } catch {
      return false;
    }
  }

  /** Kept within milliseconds; for what nobody waits for. */
  appendSoon(entry: Entry): boolean {
    const done = this.#put(entry);
    done?.catch(() => {});
    return done !== undefined;
  }

  /** Whether a journal of this name is still there. */
  holds(name: string): boolean {
    return this.#segments.has(name);
  }

  flushSync(): void {
    this.#current?.journal.flushSync();
  }

  /** Everything that was acknowledged here, and what other processes have merged. */
  view(): Usage | undefined {
    if (this.#current === undefined) return undefined;
    this.#look();
    if (this.#file.usage === undefined) return undefined;
    const usage = parseUsage(JSON.stringify(this.#file.usage)) as Usage;
    for (const { entry } of this.#unmerged) applyEntry(usage, entry);
    return usage;
  }

  /** Brings `usage.json` up to date. */
  merge(): Promise<void> {
    return this.#next(async () => {
      if (this.#current === undefined) return;
      const ended = this.#current;
      // The next one first: what comes meanwhile needs a place.
      this.#current = await this.#segments.open(ended.epoch);
      await ended.journal.close();
      await this.#locked(held => this.#merge(held, this.#file.usage?.anonymous_id ?? ''));
    });
  }

  /** Forgets all that is counted, for every process; with a new secret also who counted it. `also` runs under the lock. */
  purge({
    secret: renew = false,
    also,
  }: {
    secret?: boolean;
    also?: () => Promise<void>;
  } = {}): Promise<void> {
    return this.#next(async () => {
      await this.#end();
      await this.#locked(async () => {
        if (renew) this.#options.identify(await newSecret(this.#secretFile));
        // Without it no journal has an epoch that counts; other processes see that it is gone.
        await this.#file.remove();
        for (const name of await this.#segments.ended(undefined)) await this.#segments.remove(name);
        await also?.();
      });
      this.#file.load();
      this.#unmerged = [];
    });
  }

  close(): Promise<void> {
    return this.#next(async () => {
      const id = this.#file.usage?.anonymous_id ?? '';
      if (this.#current === undefined) return;
      await this.#end();
      await this.#locked(held => this.#merge(held, id)).catch(() => {});
    });
  }

  async #end(): Promise<void> {
    clearTimeout(this.#timer);
    clearInterval(this.#touching);
    this.#timer = undefined;
    const ended = this.#current;
    this.#current = undefined;
    await ended?.journal.close();
  }

  #put(entry: Entry): Promise<void> | undefined {
    if (this.#current === undefined) return undefined;
    this.#look();
    const { name, journal, epoch } = this.#current;
    if (epoch !== this.#file.usage?.meta.epoch) return undefined;
    const item = { segment: name, entry };
    this.#unmerged.push(item);
    this.#mergeSoon();
    const done = journal.append(entry);
    done.catch(() => {
      this.#unmerged = this.#unmerged.filter(other => other !== item);
    });
    return done;
  }

  #mergeSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.merge().catch(error => {
        this.#options.warn('telemetry_merge_failed', { err: error });
        this.#mergeSoon();
      });
    }, MERGE_MS).unref();
  }

  /** Another process may have merged, or purged. */
  #look(): void {
    if (!this.#file.moved) return;
    this.#load();
    if (this.#current === undefined || this.#current.epoch === this.#file.usage?.meta.epoch) return;
    // What we hold is void. Until the files are made again nothing is recorded.
    const { name, journal } = this.#current;
    this.#current = undefined;
    this.#unmerged = [];
    void this.#next(async () => {
      await journal.close();
      await this.#segments.remove(name);
    });
    if (!this.#options.allowed()) return;
    this.start().catch(error => this.#options.warn('telemetry_storage_failed', { err: error }));
  }

  #load(): void {
    this.#file.load();
    const merged = new Set(this.#file.usage?.meta.merged);
    this.#unmerged = this.#unmerged.filter(({ segment }) => !merged.has(segment));
  }

  /** Under the lock: adds every ended journal of this epoch, writes, and only then removes them. */
  async #merge(held: () => boolean, id: string): Promise<void> {
    const { now, warn } = this.#options;
    this.#load();
    if (this.#file.usage === undefined && (await this.#file.keepAside(now())))
      warn('telemetry_usage_damaged', {});
    const usage = this.#file.usage ?? emptyUsage(moment(now()), id);
    const fresh: string[] = [];
    const gone: string[] = [];
    for (const name of await this.#segments.ended(this.#current?.name)) {
      gone.push(name);
      if (epochOf(name) !== usage.meta.epoch || usage.meta.merged.includes(name)) continue;
      const entries = await this.#segments.read(name);
      await this.#options.batch(
        name,
        entries.filter(entry => entry.send === true),
      );
      for (const entry of entries) applyEntry(usage, entry);
      fresh.push(name);
    }
    usage.meta.merged = [...usage.meta.merged.filter(name => this.#segments.has(name)), ...fresh];
    const { settings_updated_at, ...about } = this.#options.about();
    Object.assign(usage, about, { anonymous_id: id });
    if (settings_updated_at !== null) usage.meta.settings_updated_at = settings_updated_at;
    if (!held()) throw new OpsError('telemetry_busy');
    await this.#file.write(usage);
    this.#load();
    for (const name of gone) await this.#segments.remove(name);
  }

  #touch(): void {
    if (this.#current !== undefined) this.#segments.touch(this.#current.name);
  }

  async #locked(fn: (held: () => boolean) => Promise<void>): Promise<void> {
    if ((await withFileLock(join(this.folder, 'lock'), fn)) === undefined)
      throw new OpsError('telemetry_busy');
  }

  /** One change after the other. */
  #next(fn: () => Promise<void>): Promise<void> {
    const work = this.#work.then(fn);
    this.#work = work.catch(() => {});
    return work;
  }
}

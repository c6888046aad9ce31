import type { CounterStore } from '../../kernel/ports.ts';
import type { Anonymizer } from './anonymizer.ts';
import type { Permission } from './consent.ts';
import type { Telemetry, TelemetrySummary } from './gate.ts';
import type { Storage } from './storage.ts';
import { summaryOf } from './summary.ts';
import { moment } from './time.ts';
import type { Entry, Usage } from './usage.ts';

export interface RecorderOptions {
  /** Undefined without a runtime root: then nothing is recorded. */
  readonly storage: Storage | undefined;
  readonly anonymizer: () => Anonymizer | undefined;
  readonly permission: () => Permission;
  /** Whether what is recorded now may be sent later: never what was recorded under `dry_run`. */
  readonly sends: () => boolean;
  readonly now: () => number;
  readonly version: string;
}

type Bare = Entry extends infer E ? (E extends Entry ? Omit<E, 'ts' | 'send'> : never) : never;

/** What would leave if it might: kept for a look at it, in memory only. */
const MAX_SHOWN = 200;

/** Anonymises what is recorded, once it is allowed, and hands it to the storage. */
export class Recorder implements Telemetry, CounterStore {
  readonly #options: RecorderOptions;
  /** Recorded since the start and not to be sent, newest last. */
  shown: Entry[] = [];

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  feature(name: string, variant?: string): boolean {
    return this.#now(this.#feature(name, variant));
  }

  event(name: string, payload?: Readonly<Record<string, unknown>>, category = 'custom'): boolean {
    return this.#now(this.#event(name, payload, category));
  }

  registerCrash(path: string): boolean {
    const { anonymizer, permission } = this.#options;
    if (!permission().crash || typeof path !== 'string' || path === '') return false;
    const report = anonymizer()?.digest(path, 'crash.report');
    return this.#now(report === undefined ? undefined : { kind: 'crash', report });
  }

  crash({ path }: { readonly path: string }): boolean {
    return this.registerCrash(path);
  }

  hook(event: string, data: Readonly<Record<string, unknown>>): boolean {
    const anonymizer = this.#ready();
    const name = anonymizer?.name(event) ?? '';
    if (anonymizer === undefined || name === '') return false;
    const entry = this.#entry({ kind: 'hook', name, payload: anonymizer.payload(data) });
    return this.#options.storage?.appendSoon(entry) === true && this.#keep(entry);
  }

  /** As `feature`, on the disk when it resolves. */
  featureSafely(name: string, variant?: string): Promise<boolean> {
    return this.#safely(this.#feature(name, variant));
  }

  eventSafely(
    name: string,
    payload?: Readonly<Record<string, unknown>>,
    category = 'custom',
  ): Promise<boolean> {
    return this.#safely(this.#event(name, payload, category));
  }

  summary(): TelemetrySummary {
    const { version, permission, anonymizer } = this.#options;
    return summaryOf(permission(), {
      usage: this.usage(),
      id: anonymizer()?.id ?? null,
      version,
    });
  }

  /** What may be shown: nothing without consent, whatever is still on the disk. */
  usage(): Usage | undefined {
    const { storage, permission } = this.#options;
    return permission().telemetry ? storage?.view() : undefined;
  }

  #feature(name: unknown, variant: unknown): Bare | undefined {
    const anonymizer = this.#ready();
    const clean = anonymizer?.name(name) ?? '';
    if (anonymizer === undefined || clean === '') return undefined;
    const which = variant === undefined || variant === null ? '' : anonymizer.name(variant);
    return { kind: 'feature', name: clean, ...(which !== '' && { variant: which }) };
  }

  #event(name: unknown, payload: unknown, category: unknown): Bare | undefined {
    const anonymizer = this.#ready();
    const clean = anonymizer?.name(name) ?? '';
    if (anonymizer === undefined || clean === '') return undefined;
    const kind = anonymizer.name(category) || 'custom';
    return { kind: 'event', name: clean, category: kind, payload: anonymizer.payload(payload ?? {}) };
  }

  #ready(): Anonymizer | undefined {
    const { permission, storage, anonymizer } = this.#options;
    return permission().telemetry && storage?.open === true ? anonymizer() : undefined;
  }

  #entry(bare: Bare): Entry {
    const ts = moment(this.#options.now());
    return { ...bare, ts, ...(this.#options.sends() && { send: true }) } as Entry;
  }

  #now(bare: Bare | undefined): boolean {
    if (bare === undefined) return false;
    const entry = this.#entry(bare);
    return this.#options.storage?.appendNow(entry) === true && this.#keep(entry);
  }

  async #safely(bare: Bare | undefined): Promise<boolean> {
    if (bare === undefined) return false;
    const entry = this.#entry(bare);
    return (await this.#options.storage?.append(entry)) === true && this.#keep(entry);
  }

  #keep(entry: Entry): true {
    if (entry.send !== true) {
      this.shown.push(entry);
      if (this.shown.length > MAX_SHOWN) this.shown.shift();
    }
    return true;
  }
}

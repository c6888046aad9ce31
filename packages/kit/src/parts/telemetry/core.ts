import { decodeLogs, logsToJson } from '@plimsoll/wire';
import type { Kit } from '../../kernel/part.ts';
import { crashLog } from '../../kernel/ports.ts';
import { type Anonymizer, createAnonymizer } from './anonymizer.ts';
import { encodeBatch } from './batch.ts';
import { type Bundle, makeBundle } from './bundle.ts';
import { bundleFolder, prune } from './bundles.ts';
import { type Permission, permissions } from './consent.ts';
import type { Receipt } from './ledger.ts';
import { Outbox } from './outbox.ts';
import { Recorder } from './recorder.ts';
import { Storage } from './storage.ts';
import type { Entry } from './usage.ts';

export interface Preview {
  readonly body: Uint8Array;
  readonly readable: unknown;
  readonly queued: number;
}

/** What the routes ask for beyond `obs.telemetry`. */
export interface TelemetryCore {
  readonly recorder: Recorder;
  readonly id: string | null;
  /** Follows the consent of now: opens or purges. Resolves when that is done. */
  settle(): Promise<void>;
  /** Resolves when the last change is followed. */
  ready(): Promise<void>;
  preview(): Promise<Preview>;
  ledger(): readonly Receipt[];
  forget(): Promise<void>;
  bundle(): Promise<Bundle>;
}

export const CORE = 'telemetry.core';

/** Where the files can't be had, they are asked for again after this. */
const AGAIN_MS = 2000;

/** Consent, followed: what is open, what is sent, what is deleted. */
export class Core implements TelemetryCore {
  readonly recorder: Recorder;
  readonly #kit: Kit;
  readonly #permission: () => Permission;
  readonly #storage: Storage | undefined;
  readonly #outbox: Outbox | undefined;
  readonly #endpoint: string | undefined;
  #anonymizer: Anonymizer | undefined;
  #settled: Promise<void> = Promise.resolve();
  #again: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(kit: Kit) {
    this.#kit = kit;
    this.#permission = permissions(kit);
    const { config, clock } = kit;
    const root = config.get('runtimeRoot');
    this.#endpoint = httpOnly(config.get('telemetry.endpoint'));
    this.#storage = root ? this.#makeStorage(root) : undefined;
    this.#outbox = this.#storage && this.#makeOutbox(this.#storage);
    if (!root) kit.log.named('plimsoll').warn({ option: 'runtimeRoot' }, 'telemetry_needs_runtime_root');
    this.recorder = new Recorder({
      storage: this.#storage,
      anonymizer: () => this.#anonymizer,
      permission: this.#permission,
      sends: () => this.#endpoint !== undefined && this.#permission().send,
      now: () => clock.now(),
      version: config.get('version'),
    });
  }

  get id(): string | null {
    return this.#anonymizer?.id ?? null;
  }

  settle(): Promise<void> {
    this.#settled = this.#settled.then(async () => {
      try {
        if (!this.#closed) await this.#follow();
      } catch (err) {
        this.#warn('telemetry_storage_failed', { err });
        clearTimeout(this.#again);
        this.#again = setTimeout(() => void this.settle(), AGAIN_MS).unref();
      }
    });
    return this.#settled;
  }

  ready(): Promise<void> {
    return this.#settled;
  }

  async preview(): Promise<Preview> {
    const { telemetry: allowed, send } = this.#permission();
    if (!allowed || this.#storage?.open !== true || this.#outbox === undefined) return NOTHING;
    await this.#storage.merge();
    const { body, queued } = await this.#outbox.next();
    if (send && body !== undefined) return { body, readable: readable(body), queued };
    const shown = this.recorder.shown;
    if (shown.length === 0) return { ...NOTHING, queued };
    const would = this.#encode('preview', shown);
    return { body: would, readable: readable(would), queued };
  }

  ledger(): readonly Receipt[] {
    return this.#outbox?.receipts() ?? [];
  }

  async forget(): Promise<void> {
    await this.#outbox?.stop();
    await this.#purge(true);
    await this.#outbox?.forget();
    await this.settle();
  }

  async bundle(): Promise<Bundle> {
    const { config, clock } = this.#kit;
    await this.#storage?.merge();
    return makeBundle({
      permission: this.#permission(),
      recorder: this.recorder,
      anonymizer: this.#anonymizer!,
      crashes: crashLog(this.#kit)?.list(MAX_DUMPS) ?? [],
      root: config.get('runtimeRoot')!,
      prefix: config.get('telemetry.bundleName'),
      now: clock.now(),
    });
  }

  flushSync(): void {
    this.#storage?.flushSync();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#again);
    await this.#settled;
    await this.#outbox?.stop();
    await this.#storage?.close();
  }

  async #follow(): Promise<void> {
    const { telemetry: allowed, stored, send } = this.#permission();
    if (this.#storage === undefined) return;
    if (!allowed) {
      await this.#outbox?.stop();
      // Withdrawn by whom it belongs to; what only lowers consent for now leaves it where it is.
      if (!stored.telemetry_opt_in && this.#storage.exists) await this.#purge(false);
      else await this.#storage.close();
      this.#anonymizer = undefined;
      return;
    }
    if (!this.#storage.open) await this.#storage.start();
    if (send) this.#outbox?.start();
    else {
      await this.#outbox?.stop();
      // Under dry_run nothing may wait for its end.
      await this.#outbox?.purge();
    }
  }

  async #purge(secret: boolean): Promise<void> {
    const { config } = this.#kit;
    const root = config.get('runtimeRoot')!;
    this.recorder.shown = [];
    await this.#storage?.purge({
      secret,
      also: async () => {
        await this.#outbox?.purge();
        await prune(bundleFolder(root), config.get('telemetry.bundleName'), 0);
      },
    });
  }

  #makeStorage(root: string): Storage {
    const { config, clock } = this.#kit;
    return new Storage({
      root,
      now: () => clock.now(),
      warn: (event, fields) => this.#warn(event, fields),
      allowed: () => this.#permission().telemetry,
      identify: secret => {
        this.#anonymizer = createAnonymizer(secret, config.get('telemetry.hashing') === 'compatible');
        return this.#anonymizer.id;
      },
      about: () => ({
        ...(config.get('version') && { app_version: config.get('version') }),
        settings_updated_at: this.#permission().updatedAt,
      }),
      batch: async (name, entries) => {
        if (entries.length > 0) await this.#outbox?.put(name, this.#encode(name, entries));
      },
    });
  }

  #makeOutbox(storage: Storage): Outbox {
    const { config, clock, context, privacy } = this.#kit;
    return new Outbox({
      folder: storage.folder,
      endpoint: this.#endpoint,
      shown: this.#endpoint === undefined ? '' : privacy.url(this.#endpoint),
      headers: config.get('telemetry.headers'),
      everyMs: config.get('telemetry.sendMs'),
      now: () => clock.now(),
      mayLeave: () => {
        this.#kit.flags.refresh();
        return this.#permission().send;
      },
      settled: name => !storage.holds(name),
      warn: (event, fields) => this.#warn(event, fields),
      outside: fn => context.exit(fn),
    });
  }

  #encode(batch: string, entries: readonly Entry[]): Uint8Array {
    const { config } = this.#kit;
    const id = this.#anonymizer?.id ?? '';
    return encodeBatch(entries, {
      service: config.get('service'),
      version: config.get('version'),
      id,
      batch,
    });
  }

  #warn(event: string, fields: Readonly<Record<string, unknown>>): void {
    this.#kit.log.named('plimsoll').warn({ ...fields }, event);
  }
}

/** Looked at for a bundle, which leaves out those that were made on purpose. */
const MAX_DUMPS = 50;
const NOTHING: Preview = { body: new Uint8Array(), readable: null, queued: 0 };

function readable(body: Uint8Array): unknown {
  return logsToJson(decodeLogs(body));
}

function httpOnly(endpoint: string | undefined): string | undefined {
  return endpoint !== undefined && /^https?:/i.test(endpoint) ? endpoint : undefined;
}

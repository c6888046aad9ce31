import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeLogs } from '@plimsoll/wire';
import { writeFileAtomic } from '../../base/atomic-file.ts';
import { withFileLock } from '../../base/file-lock.ts';
import { Ledger, type Receipt } from './ledger.ts';
import { post } from './send.ts';
import { moment } from './time.ts';

export interface OutboxOptions {
  /** `logs/telemetry`. */
  readonly folder: string;
  readonly endpoint: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly everyMs: number;
  readonly now: () => number;
  /** The endpoint as it may be shown. */
  readonly shown: string;
  /** Asked before each batch, after the files were read again: whether it may leave. */
  readonly mayLeave: () => boolean;
  /** Whether a batch counts: its journal is merged and gone. */
  readonly settled: (name: string) => boolean;
  readonly warn: (event: string, fields: Readonly<Record<string, unknown>>) => void;
  outside<R>(fn: () => R): R;
}

const EXTENSION = '.otlp';
/** Of what can't leave, the oldest goes. */
const MAX_QUEUED = 1000;
const FIRST_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 10 * 60_000;
/** A batch is given up by nobody but its queue's bound; a lock that outlives its process by this is taken over. */
const STALE_MS = 120_000;

/** Batches that wait on the disk as the very bytes that will leave, and the one process that sends them. */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #folder: string;
  readonly #ledger: Ledger;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #abort = new AbortController();
  /** Batches whose body the ledger has from this process; after a restart it is told once more. */
  readonly #told = new Set<string>();
  #failures = 0;
  /** Monotonic milliseconds: before it nothing is tried. */
  #notBefore = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#folder = join(options.folder, 'queue');
    this.#ledger = new Ledger(join(options.folder, 'ledger.jsonl'));
  }

  start(): void {
    if (this.#options.endpoint === undefined) return;
    this.#timer ??= setInterval(() => void this.flush(), this.#options.everyMs).unref();
  }

  stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#abort.abort();
    this.#abort = new AbortController();
    return this.#sending ?? Promise.resolve();
  }

  /** Puts a batch where it will be sent from; the same name again is the same batch. */
  async put(name: string, body: Uint8Array): Promise<void> {
    await writeFileAtomic(join(this.#folder, name + EXTENSION), body);
    const names = await this.#names();
    for (const old of names.slice(0, Math.max(0, names.length - MAX_QUEUED))) await this.#remove(old);
  }

  /** The batch that is next, and how many wait. */
  async next(): Promise<{ readonly body: Uint8Array | undefined; readonly queued: number }> {
    const names = await this.#names();
    const [first] = names;
    return { body: first === undefined ? undefined : await this.#read(first), queued: names.length };
  }

  receipts(): readonly Receipt[] {
    return this.#ledger.read();
  }

  async purge(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Also what left before is told by when and how much alone. */
  async forget(): Promise<void> {
    await this.purge();
    await withFileLock(this.#lock, () => this.#ledger.forgetBodies(), { staleMs: STALE_MS });
  }

  /** Sends what may leave now; one process at a time, and at most one round in this one. */
  flush(): Promise<void> {
    this.#sending ??= this.#round()
      .catch(error => this.#options.warn('telemetry_send_failed', { err: error }))
      .finally(() => {
        this.#sending = undefined;
      });
    return this.#sending;
  }

  async #round(): Promise<void> {
    if (performance.now() < this.#notBefore) return;
    const names = await this.#names();
    if (names.length === 0 || !this.#options.mayLeave()) return;
    await withFileLock(this.#lock, () => this.#sendAll(names), { waitMs: 0, staleMs: STALE_MS });
  }

  async #sendAll(names: readonly string[]): Promise<void> {
    const { signal } = this.#abort;
    for (const name of names) {
      const body = await this.#read(name);
      // Consent may have gone while the batch before was under way.
      if (body === undefined || signal.aborted || !this.#options.mayLeave()) return;
      if (!(await this.#send(name, body, signal))) return;
    }
  }

  /** True where the next one may follow. */
  async #send(name: string, body: Uint8Array, signal: AbortSignal): Promise<boolean> {
    const { endpoint = '', shown, headers, outside, now } = this.#options;
    const sha256 = createHash('sha256').update(body).digest('hex');
    const known = this.#told.has(name);
    this.#told.add(name);
    await this.#ledger.attempt({
      ...{ batch: name, sent_at: moment(now()), endpoint: shown, size: body.length, sha256 },
      records: recordsOf(body),
      body: known ? null : Buffer.from(body).toString('base64'),
    });
    const sent = await outside(() => post(endpoint, body, { headers, signal }));
    const outcome = sent.ok ? 'accepted' : sent.again ? 'failed' : 'refused';
    await this.#ledger.outcome({ batch: name, outcome, status: sent.status });
    if (sent.ok || !sent.again) {
      await this.#remove(name);
      this.#told.delete(name);
      this.#failures = 0;
      if (!sent.ok) this.#options.warn('telemetry_batch_refused', { status: sent.status });
      return sent.ok;
    }
    this.#failures += 1;
    const pause =
      Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#failures - 1)) * (1 - Math.random() / 2);
    this.#notBefore = performance.now() + (sent.afterMs ?? pause);
    return false;
  }

  get #lock(): string {
    return join(this.#options.folder, 'send.lock');
  }

  /** Oldest first. */
  async #names(): Promise<readonly string[]> {
    let files: readonly string[];
    try {
      files = await readdir(this.#folder);
    } catch {
      return [];
    }
    return files
      .filter(file => file.endsWith(EXTENSION))
      .map(file => file.slice(0, -EXTENSION.length))
      .filter(name => this.#options.settled(name))
      .map(name => ({ name, at: statSync(this.#path(name), { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
      .sort((a, b) => a.at - b.at || (a.name < b.name ? -1 : 1))
      .map(({ name }) => name);
  }

  async #read(name: string): Promise<Uint8Array | undefined> {
    return readFile(this.#path(name)).catch(() => undefined);
  }

  #remove(name: string): Promise<void> {
    return rm(this.#path(name), { force: true });
  }

  #path(name: string): string {
    return join(this.#folder, name + EXTENSION);
  }
}

function recordsOf(body: Uint8Array): number {
  return decodeLogs(body).reduce(
    (sum, group) => sum + group.scopes.reduce((count, { items }) => count + items.length, 0),
    0,
  );
}

import { WEBHOOK_ATTEMPTS, WEBHOOK_DEAD } from '@plimsoll/wire';
import type { Journal } from '../../../base/journal.ts';
import type { Kit } from '../../../kernel/part.ts';
import { Lane, type LaneHost } from './lane.ts';
import type { Entry, Letter, Letters } from './letters.ts';
import type { Outcome, Sender } from './send.ts';
import { plainSignature, standardSignature } from './sign.ts';
import type { Endpoint, EndpointStore } from './store.ts';

/** One attempt, for people who ask what happened. */
export interface Attempt {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly webhook: string;
  /** The message's `webhook-id`. */
  readonly id: string;
  readonly event: string;
  /** From 1. */
  readonly attempt: number;
  readonly ok: boolean;
  readonly status?: number;
  readonly code?: string;
  readonly latency_ms: number;
}

export interface PostOptions {
  readonly store: EndpointStore;
  readonly sender: Sender;
  /** Absent where there is no folder: then what waits is lost with the process. */
  readonly journal: Journal<Entry> | undefined;
  readonly letters: Letters;
  readonly signatureHeader: string;
  readonly retryMs: readonly number[];
  readonly maxQueue: number;
}

const ATTEMPTS_KEPT = 1000;
/** Most of a journal of this size is past when it is four times what is kept. */
const COMPACT_BYTES = 4 * 1024 * 1024;
/** What is under way when we close gets this long to be answered; what is cut is sent again. */
const CLOSE_MS = 1000;

/** Delivers: what is written down is tried until it is taken or given up, also after a crash. */
export class Post implements LaneHost {
  readonly retryMs: readonly number[];
  readonly maxQueue: number;
  readonly attempts: Attempt[] = [];
  readonly #kit: Kit;
  readonly #options: PostOptions;
  readonly #lanes = new Map<string, Lane>();
  readonly #abort = new AbortController();
  readonly #log: Kit['log'];
  readonly #counts;
  #written: Promise<void> = Promise.resolve();
  #compacting = false;
  /** Webhooks whose lane waits for what the one before it has under way. */
  readonly #changing = new Set<string>();

  constructor(kit: Kit, options: PostOptions) {
    this.#kit = kit;
    this.#options = options;
    this.retryMs = options.retryMs;
    this.maxQueue = options.maxQueue;
    this.#log = kit.log.named('plimsoll.hooks');
    this.#counts = {
      attempts: kit.metrics.counter(WEBHOOK_ATTEMPTS.name, WEBHOOK_ATTEMPTS),
      dead: kit.metrics.counter(WEBHOOK_DEAD.name, WEBHOOK_DEAD),
    };
  }

  /** What was left by the last run goes on, in its order. */
  resume(): void {
    for (const letter of this.#options.letters.all())
      if (letter.dead === undefined) this.lane(letter.to)?.add(letter);
  }

  lane(id: string): Lane | undefined {
    const endpoint = this.#options.store.get(id);
    if (endpoint === undefined) return undefined;
    const known = this.#lanes.get(id);
    if (known !== undefined) return known;
    const lane = new Lane(id, endpoint.ordered, this);
    this.#lanes.set(id, lane);
    return lane;
  }

  now(): number {
    return this.#kit.clock.now();
  }

  enabled(id: string): boolean {
    const endpoint = this.#options.store.get(id);
    return endpoint !== undefined && endpoint.disabled === undefined && !this.#changing.has(id);
  }

  /** Writes the message down for these webhooks; each gets it once it is on the disk. */
  put(message: { id: string; event: string; body: string }, to: readonly string[]): void {
    const { id, event, body } = message;
    const written = this.record({ t: 'put', id, e: event, b: body, to });
    this.#written = written;
    const letters = to.flatMap(one => this.#options.letters.box(one).get(id) ?? []);
    const go = (): void => {
      for (const letter of letters) this.lane(letter.to)?.add(letter);
    };
    // A disk that is full is no reason to keep it back, only to say so.
    void written.then(go, go);
  }

  /** Resolves when all that was put before is on the disk. */
  flushed(): Promise<void> {
    return this.#written;
  }

  record(entry: Entry): Promise<void> {
    const { journal, letters } = this.#options;
    // At once, so that a rewrite has it.
    letters.apply(entry);
    if (journal === undefined) return Promise.resolve();
    const written = journal.append(entry);
    written.catch(error => this.#log.error({ err: error }, 'webhook_journal_failed'));
    if (journal.bytes > COMPACT_BYTES && journal.bytes > letters.bytes * 4) this.#compact(journal);
    return written;
  }

  gone(id: string): void {
    this.#log.warn({ webhook: id }, 'webhook_gone');
    this.#options.store
      .disable(id, 'gone')
      .catch(error => this.#log.error({ err: error }, 'webhook_store_failed'));
    this.lane(id)?.buryAll({ reason: 'gone', status: 410, code: 'gone' });
  }

  buried({ dead, to }: Letter): void {
    const reason = dead?.reason ?? 'exhausted';
    this.#counts.dead.inc({ reason });
    this.#log.warn({ webhook: to, reason }, 'webhook_dead');
    const { letters } = this.#options;
    if (letters.dead(to) <= this.maxQueue) return;
    for (const { message, dead: old } of letters.box(to).values()) {
      if (old === undefined) continue;
      this.record({ t: 'done', id: message.id, to });
      return;
    }
  }

  async attempt(letter: Letter): Promise<Outcome> {
    const { clock } = this.#kit;
    const endpoint = this.#options.store.get(letter.to);
    if (endpoint === undefined) return { ok: false, code: 'removed' };
    const at = clock.now();
    const began = clock.monotonic();
    const { message } = letter;
    const headers = this.#headers(endpoint, message, at);
    const outcome = await this.#options.sender.send({
      ...{ url: endpoint.url, headers, body: message.body, signal: this.#abort.signal },
    });
    const latency_ms = Math.round((clock.monotonic() - began) * 1000) / 1000;
    const { ok, status, code } = outcome;
    this.#counts.attempts.inc({ result: ok ? 'ok' : 'failed' });
    const { id, event } = message;
    this.attempts.push({
      ...{ at, webhook: endpoint.id, id, event, attempt: letter.attempts + 1, ok },
      ...(status !== undefined && { status }),
      ...(code !== undefined && { code }),
      latency_ms,
    });
    if (this.attempts.length > ATTEMPTS_KEPT * 2) this.attempts.splice(0, ATTEMPTS_KEPT);
    return outcome;
  }

  forget(id: string): Promise<void> {
    const lane = this.#lanes.get(id);
    this.#lanes.delete(id);
    void lane?.stop();
    return this.record({ t: 'gone', to: id });
  }

  /** Anew, where a webhook's order is promised from now on or no longer. */
  async reorder(id: string): Promise<void> {
    const before = this.#lanes.get(id);
    const endpoint = this.#options.store.get(id);
    if (before === undefined || endpoint === undefined || before.ordered === endpoint.ordered) return;
    this.#changing.add(id);
    const lane = new Lane(id, endpoint.ordered, this);
    this.#lanes.set(id, lane);
    await before.stop();
    this.#changing.delete(id);
    for (const letter of this.#options.letters.box(id).values())
      if (letter.dead === undefined) lane.add(letter);
    lane.pump();
  }

  async close(): Promise<void> {
    const stopped = Promise.all([...this.#lanes.values()].map(lane => lane.stop()));
    const timer = setTimeout(() => this.#abort.abort(), CLOSE_MS);
    await stopped;
    clearTimeout(timer);
    this.#options.sender.close();
    await this.#options.journal?.close();
  }

  #headers(endpoint: Endpoint, message: Letter['message'], now: number): Readonly<Record<string, string>> {
    const { store, signatureHeader } = this.#options;
    const timestamp = Math.floor(now / 1000);
    const secrets = store.secrets(endpoint.id, now);
    const { id, body } = message;
    return {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'user-agent': 'plimsoll-webhooks',
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      ...(secrets[0] !== undefined && {
        'webhook-signature': standardSignature(secrets, { id, timestamp, body }),
        [signatureHeader]: plainSignature(secrets[0], body),
      }),
    };
  }

  #compact(journal: Journal<Entry>): void {
    if (this.#compacting) return;
    this.#compacting = true;
    journal
      .rewrite(this.#options.letters.snapshot())
      .catch(error => this.#log.error({ err: error }, 'webhook_journal_failed'))
      .finally(() => {
        this.#compacting = false;
      });
  }
}

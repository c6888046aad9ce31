import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PlimsollError } from '../../../base/errors.ts';
import { type Journal, openJournal } from '../../../base/journal.ts';
import type { Kit, Teardown } from '../../../kernel/part.ts';
import type { BusSink, Raised } from '../bus.ts';
import type { Catalogue } from '../catalogue.ts';
import type { ReplayFilter, Webhook, WebhookInput } from '../gate.ts';
import { webhookUrl } from './addresses.ts';
import { type Entry, type Letter, Letters } from './letters.ts';
import { lockFolder } from './lock.ts';
import { type Attempt, Post } from './post.ts';
import { createSender, type Sender } from './send.ts';
import { isSecret } from './sign.ts';
import { type Endpoint, EndpointStore } from './store.ts';

/** A delivery that was given up. */
export interface DeadLetter {
  readonly id: string;
  readonly webhook: string;
  readonly event: string;
  readonly attempts: number;
  readonly reason: string;
  readonly at: number;
  readonly status?: number;
  readonly code?: string;
}

/** What of a webhook is not as it must be: also a code of the ops API. */
export type WebhookFault =
  | 'unsupported event'
  | 'webhook url required'
  | 'webhook url not allowed'
  | 'webhook secret invalid';

/** Opens what the last run left, and goes on with it. */
export async function openWebhooks(kit: Kit, catalogue: Catalogue): Promise<Webhooks> {
  const { config } = kit;
  const root = config.get('runtimeRoot');
  const opened = await openFolder(kit, root === undefined ? undefined : join(root, 'hooks'));
  const sender = createSender({
    allow: config.get('hooks.allowPrivate'),
    resolver: config.get('hooks.resolver'),
    timeoutMs: config.get('hooks.timeoutMs'),
  });
  const post = new Post(kit, {
    ...{ sender, ...opened, signatureHeader: config.get('hooks.signatureHeader') },
    retryMs: config.get('hooks.retrySeconds').map(text => Math.max(0, Number(text) || 0) * 1000),
    maxQueue: config.get('hooks.maxQueue'),
  });
  return new Webhooks(kit, { ...opened, catalogue, sender, post });
}

interface Opened {
  readonly store: EndpointStore;
  readonly letters: Letters;
  readonly journal: Journal<Entry> | undefined;
  readonly unlock: () => void;
}

async function openFolder(kit: Kit, dir: string | undefined): Promise<Opened> {
  const log = kit.log.named('plimsoll.hooks');
  const letters = new Letters();
  const memory = { letters, journal: undefined, unlock: () => {} };
  if (dir === undefined) return { store: new EndpointStore(undefined), ...memory };
  let unlock: (() => void) | undefined;
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    unlock = lockFolder(dir);
    if (unlock === undefined) {
      log.error({ err: new PlimsollError('PLIMSOLL_HOOKS_LOCKED') }, 'webhook_queue_locked');
      return { store: new EndpointStore(dir, { writes: false }), ...memory };
    }
    const store = new EndpointStore(dir);
    const journal = await openJournal<Entry>({
      path: join(dir, 'queue.journal'),
      replay: entry => letters.apply(entry),
    });
    if (journal.damaged > 0) log.error({ lines: journal.damaged }, 'webhook_journal_damaged');
    return { store, letters, journal, unlock };
  } catch (error) {
    unlock?.();
    // Hooks are worth having without their webhooks; what is on the disk stays as it is.
    log.error({ err: error }, 'webhook_folder_unusable');
    return { store: new EndpointStore(undefined), ...memory, letters: new Letters() };
  }
}

interface Pieces extends Opened {
  readonly catalogue: Catalogue;
  readonly sender: Sender;
  readonly post: Post;
}

/** Who is told of which hook, and what became of it. */
export class Webhooks implements BusSink {
  readonly name = 'webhooks';
  readonly #kit: Kit;
  readonly #pieces: Pieces;
  #byEvent: ReadonlyMap<string, readonly Endpoint[]> = new Map();

  constructor(kit: Kit, pieces: Pieces) {
    this.#kit = kit;
    this.#pieces = pieces;
    this.#index();
    kit.context.exit(() => pieces.post.resume());
  }

  take({ envelope }: Raised): void {
    const wanted = this.#byEvent.get(envelope.event);
    if (wanted === undefined) return;
    const to = wanted.filter(({ disabled }) => disabled === undefined).map(({ id }) => id);
    if (to.length === 0) return;
    const { id, event, ts, data } = envelope;
    const body = JSON.stringify({ event, ts, data });
    // A delivery belongs to no request: it may outlive it by days.
    this.#kit.context.exit(() => this.#pieces.post.put({ id, event, body }, to));
  }

  flushed(): Promise<void> {
    return this.#pieces.post.flushed();
  }

  list(): readonly Webhook[] {
    return this.#pieces.store.list().map(endpoint => this.#view(endpoint));
  }

  get(id: string): Webhook | undefined {
    const endpoint = this.#pieces.store.get(id);
    return endpoint && this.#view(endpoint);
  }

  /** What is wrong with it, or undefined. */
  faultOf({ event, url, secret }: Partial<Record<keyof WebhookInput, unknown>>): WebhookFault | undefined {
    const { catalogue, sender } = this.#pieces;
    if (typeof event !== 'string' || catalogue.get(event) === undefined) return 'unsupported event';
    if (typeof url !== 'string' || url.trim() === '') return 'webhook url required';
    if (webhookUrl(url, sender.rules) === undefined) return 'webhook url not allowed';
    const none = secret === undefined || secret === null || secret === '';
    return none || isSecret(secret) ? undefined : 'webhook secret invalid';
  }

  async add(input: WebhookInput): Promise<Webhook> {
    const fault = this.faultOf(input);
    if (fault !== undefined) throw new PlimsollError('PLIMSOLL_BAD_WEBHOOK', fault);
    const endpoint = await this.#pieces.store.put(input, this.#kit.clock.now());
    this.#index();
    await this.#kit.context.exit(() => this.#pieces.post.reorder(endpoint.id));
    this.#pieces.post.lane(endpoint.id)?.pump();
    return this.#view(endpoint);
  }

  async remove({ event, url }: Pick<WebhookInput, 'event' | 'url'>): Promise<boolean> {
    const { store, post } = this.#pieces;
    const endpoint = store.find(event, url);
    if (endpoint === undefined) return false;
    await store.remove(endpoint.id);
    this.#index();
    await post.forget(endpoint.id);
    return true;
  }

  /** Signs with both for as long. */
  async rotate(id: string, secret: string, keepMs: number): Promise<void> {
    await this.#pieces.store.rotate(id, secret, this.#kit.clock.now() + keepMs);
  }

  async enable(id: string): Promise<void> {
    await this.#pieces.store.disable(id, undefined);
    this.#pieces.post.lane(id)?.pump();
  }

  /** Newest first. */
  attempts(webhook: string | undefined, limit: number): readonly Attempt[] {
    const all = this.#pieces.post.attempts;
    const some = webhook === undefined ? all : all.filter(attempt => attempt.webhook === webhook);
    return some.slice(-limit).reverse();
  }

  /** Newest first. */
  deadLetters(filter: ReplayFilter, limit: number): readonly DeadLetter[] {
    return this.#dead(filter)
      .map(({ message, to, attempts, dead }) => {
        const { reason, at, status, code } = dead as NonNullable<Letter['dead']>;
        const more = { ...(status !== undefined && { status }), ...(code !== undefined && { code }) };
        return { id: message.id, webhook: to, event: message.event, attempts, reason, at, ...more };
      })
      .sort((a, b) => b.at - a.at)
      .slice(0, limit);
  }

  async replay(filter: ReplayFilter = {}): Promise<number> {
    const { post } = this.#pieces;
    const letters = this.#dead(filter);
    const written = letters.map(letter => post.record({ t: 'again', id: letter.message.id, to: letter.to }));
    await Promise.all(written);
    this.#kit.context.exit(() => {
      for (const letter of letters) post.lane(letter.to)?.add(letter);
    });
    return letters.length;
  }

  close: Teardown = async () => {
    const { post, unlock, letters, journal } = this.#pieces;
    await post.close();
    unlock();
    const left = [...letters.all()].filter(letter => letter.dead === undefined).length;
    if (journal === undefined && left > 0)
      this.#kit.log.named('plimsoll.hooks').warn({ deliveries: left }, 'webhooks_lost');
  };

  /** The last breath: what waits to be written goes to the file system. */
  flushSync(): void {
    this.#pieces.journal?.flushSync();
  }

  #dead({ ids, webhook, since = 0, until = Number.POSITIVE_INFINITY }: ReplayFilter): readonly Letter[] {
    const wanted = ids && new Set(ids);
    return [...this.#pieces.letters.all()].filter(
      ({ message, to, dead }) =>
        dead !== undefined &&
        (wanted === undefined || wanted.has(message.id)) &&
        (webhook === undefined || webhook === to) &&
        dead.at >= since &&
        dead.at <= until,
    );
  }

  #index(): void {
    const { store } = this.#pieces;
    this.#byEvent = Map.groupBy(store.list(), ({ event }) => event);
  }

  #view(endpoint: Endpoint): Webhook {
    const { store, letters, post } = this.#pieces;
    const { id, event, url, ordered, disabled } = endpoint;
    const lane = post.lane(id);
    return {
      ...{ id, event, url, ordered, signed: store.secrets(id, this.#kit.clock.now()).length > 0 },
      ...(disabled !== undefined && { disabled }),
      pending: letters.box(id).size - letters.dead(id),
      dead: letters.dead(id),
      breaker: lane?.breaker ?? 'closed',
    };
  }
}

import { HOOK_NAME, type HookData, type HookEnvelope, type HookName, type HookRow } from '@plimsoll/wire';
import { PlimsollError } from '../../base/errors.ts';
import type { Gate, Slot } from '../../config/gate.ts';

export const name = 'hooks';
/** Where the part finds what was defined and listened to while it was off. */
export const REGISTRY = 'hooks.registry';

/** Gets what was given to `emit`, as it is: nothing is redacted for code of this process. */
// biome-ignore lint/suspicious/noExplicitAny: a listener says what it expects of its own hook
export type HookListener = (event: string, data: any) => unknown;

export interface WebhookInput {
  /** A hook of the catalogue. */
  readonly event: string;
  /** http or https, without a login. */
  readonly url: string;
  /** `whsec_` and base64 as Standard Webhooks has it, or any text. Without it, deliveries are not signed. */
  readonly secret?: string;
  /** One delivery at a time, in the order of the hooks: a failing one holds up the others until it is given up. */
  readonly ordered?: boolean;
}

export interface Webhook {
  readonly id: string;
  readonly event: string;
  readonly url: string;
  readonly ordered: boolean;
  /** Whether deliveries are signed; a secret itself is never shown. */
  readonly signed: boolean;
  /** Set when the receiver answered 410: nothing is delivered until it is enabled again. */
  readonly disabled?: 'gone';
  /** Deliveries that wait or are under way, and dead letters. */
  readonly pending: number;
  readonly dead: number;
  readonly breaker: 'closed' | 'open' | 'half-open';
}

/** Which dead letters; without any of these, all. */
export interface ReplayFilter {
  readonly ids?: readonly string[] | undefined;
  /** A webhook's id. */
  readonly webhook?: string | undefined;
  /** Milliseconds since the Unix epoch, of the time at which it was given up; both inclusive. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

/** An entry of the catalogue as clients see it. */
export interface HookEntry {
  readonly name: string;
  readonly description: string;
  readonly ws_topic: string;
  readonly rest_event: string;
  /** Field → what it is. */
  readonly payload: Readonly<Record<string, string>>;
}

/** A hook of the app's own. */
export interface DefinedHook<D> {
  readonly name: string;
  emit(data: D): boolean;
}

export interface Hooks {
  /**
   * Adds a hook of the app's own to the catalogue, also while the bus is off. Throws PLIMSOLL_BAD_HOOK for a name
   * that is taken or an entry that is not whole.
   */
  define<D extends Readonly<Record<string, unknown>> = Readonly<Record<string, unknown>>>(
    row: HookRow,
  ): DefinedHook<D>;
  /**
   * Raises a hook: listeners of this process get `data` as it is, at once; history, stream, webhooks and plugins a
   * redacted copy. False while the bus is off and for a name that the catalogue does not have. Never throws.
   */
  emit<N extends HookName | (string & {})>(event: N, data: HookData<N>): boolean;
  /**
   * Calls `listener` for each hook of this name, also after the bus was off meanwhile. What it throws or rejects
   * with is logged. Throws PLIMSOLL_UNKNOWN_HOOK while the bus is on and the catalogue has no such hook.
   */
  on(event: HookName | (string & {}), listener: HookListener): () => void;
  /** Ends `on`; silent where there was none. */
  off(event: string, listener: HookListener): void;
  catalogue(): readonly HookEntry[];
  /** The last hooks, oldest first, as they left. */
  history(limit?: number): readonly HookEnvelope[];
  /** Resolves when all that was raised before is in the webhooks' queue on disk. */
  flushed(): Promise<void>;
  webhooks(): readonly Webhook[];
  /** Adds a webhook, or puts it in place of the one with this event and URL. Rejects with PLIMSOLL_BAD_WEBHOOK. */
  addWebhook(input: WebhookInput): Promise<Webhook>;
  /** False where there was none. */
  removeWebhook(which: Pick<WebhookInput, 'event' | 'url'>): Promise<boolean>;
  /** Puts dead letters back into the queue, with all their attempts before them, and says how many. */
  replay(filter?: ReplayFilter): Promise<number>;
}

/** What the part does for `obs.hooks` while it is on. */
export interface HooksImpl extends Omit<Hooks, 'define' | 'emit' | 'on' | 'off'> {
  emit(event: string, data: Readonly<Record<string, unknown>>): boolean;
  /** Throws where the catalogue has no such hook. */
  assertKnown(event: string): void;
  /** Throws where the catalogue has one of this name. */
  assertFree(event: string): void;
}

/** What outlives a turn of the flag. */
export class HookRegistry {
  readonly defined = new Map<string, HookRow>();
  readonly listeners = new Map<string, readonly HookListener[]>();

  add(event: string, listener: HookListener): void {
    this.listeners.set(event, [...(this.listeners.get(event) ?? []), listener]);
  }

  remove(event: string, listener: HookListener): void {
    const left = [...(this.listeners.get(event) ?? [])];
    const at = left.indexOf(listener);
    if (at < 0) return;
    left.splice(at, 1);
    if (left.length > 0) this.listeners.set(event, left);
    else this.listeners.delete(event);
  }
}

const refuse = (): Promise<never> => Promise.reject(new PlimsollError('PLIMSOLL_OFF', name));

export const gate: Gate<HooksImpl> = {
  name,
  on: (_config, flags) => flags.isEnabled('enable_hooks'),
  paths: config => {
    const prefix = config.get('hooks.prefix');
    return ['', ...PATHS].map(path => prefix + path);
  },
  off: {
    emit: () => false,
    assertKnown: () => {},
    assertFree: () => {},
    catalogue: () => [],
    history: () => [],
    webhooks: () => [],
    flushed: async () => {},
    addWebhook: refuse,
    removeWebhook: refuse,
    replay: refuse,
  },
};

const PATHS = [
  '/history',
  '/test',
  '/webhooks',
  '/webhooks/:id/rotate',
  '/webhooks/:id/enable',
  '/deliveries',
  '/dead-letters',
  '/dead-letters/replay',
  '/plugins',
  '/ws',
] as const;

/** `obs.hooks`. */
export function hooksOf(slot: Slot<HooksImpl>, registry: HookRegistry): Hooks {
  return {
    define(row) {
      assertRow(row);
      if (registry.defined.has(row.name)) throw new PlimsollError('PLIMSOLL_BAD_HOOK', row.name);
      slot.impl.assertFree(row.name);
      registry.defined.set(row.name, row);
      return { name: row.name, emit: data => slot.impl.emit(row.name, data) };
    },
    emit: (event, data) => slot.impl.emit(event, data),
    on(event, listener) {
      slot.impl.assertKnown(event);
      registry.add(event, listener);
      return () => registry.remove(event, listener);
    },
    off: (event, listener) => registry.remove(event, listener),
    catalogue: () => slot.impl.catalogue(),
    history: limit => slot.impl.history(limit),
    flushed: () => slot.impl.flushed(),
    webhooks: () => slot.impl.webhooks(),
    addWebhook: input => slot.impl.addWebhook(input),
    removeWebhook: which => slot.impl.removeWebhook(which),
    replay: filter => slot.impl.replay(filter),
  };
}

/** The same where all is off for good: nothing is remembered. */
export const offHooks: Hooks = {
  ...hooksOf({ impl: gate.off }, new HookRegistry()),
  define: ({ name: given }) => ({ name: given, emit: () => false }),
  on: () => () => {},
};

function assertRow({ name: given, description, payload }: HookRow): void {
  const fields = Object.values(payload ?? {});
  const whole = fields.every(field => typeof field?.type === 'string' && typeof field.about === 'string');
  if (HOOK_NAME.test(given) && typeof description === 'string' && whole) return;
  throw new PlimsollError('PLIMSOLL_BAD_HOOK', String(given));
}

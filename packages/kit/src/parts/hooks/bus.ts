import { randomBytes } from 'node:crypto';
import { HOOK_EVENTS, HOOK_FAILURES, type HookEnvelope } from '@plimsoll/wire';
import type { Kit } from '../../kernel/part.ts';
import { counterStore } from '../../kernel/ports.ts';
import type { Catalogue } from './catalogue.ts';
import type { HookRegistry } from './gate.ts';
import type { History } from './history.ts';
import { redactHook } from './redact.ts';

/** Gets every hook as it leaves. What it throws is logged, and felt by nobody. */
export interface BusSink {
  readonly name: string;
  take(raised: Raised): void;
}

/** One hook on its way to the sinks; its bytes are made once, when the first of them asks. */
export class Raised {
  readonly envelope: HookEnvelope;
  #bytes: Buffer | undefined;

  constructor(envelope: HookEnvelope) {
    this.envelope = envelope;
  }

  /** As JSON. */
  get bytes(): Buffer {
    this.#bytes ??= Buffer.from(JSON.stringify(this.envelope));
    return this.#bytes;
  }
}

export interface BusOptions {
  readonly catalogue: Catalogue;
  readonly registry: HookRegistry;
  readonly history: History;
}

type Data = Readonly<Record<string, unknown>>;

/** Raises hooks: one copy, redacted once, for all that leaves; listeners of this process get the original. */
export class Bus {
  readonly sinks: BusSink[] = [];
  readonly #kit: Kit;
  readonly #options: BusOptions;
  readonly #log: Kit['log'];
  readonly #events;
  readonly #failures;
  /** Ids rise within a run, and are of no other run. */
  readonly #run = `evt_${randomBytes(6).toString('hex')}_`;
  #count = 0;

  constructor(kit: Kit, options: BusOptions) {
    this.#kit = kit;
    this.#options = options;
    this.#log = kit.log.named('plimsoll.hooks');
    this.#events = kit.metrics.counter(HOOK_EVENTS.name, HOOK_EVENTS);
    this.#failures = kit.metrics.counter(HOOK_FAILURES.name, HOOK_FAILURES);
  }

  emit(event: string, data: Data): boolean {
    const { catalogue, registry, history } = this.#options;
    const hook = catalogue.get(event);
    if (hook === undefined) {
      this.#events.inc({ event: 'other' });
      this.#log.debug({ event: String(event) }, 'hook_unknown');
      return false;
    }
    const now = this.#kit.clock.now();
    this.#count += 1;
    const clean = Object.freeze(redactHook(this.#kit.privacy, hook, data ?? {}));
    const envelope = Object.freeze({ event, ts: now / 1000, data: clean, id: this.#run + this.#count });
    this.#events.inc({ event });
    const raised = new Raised(envelope);
    history.add(raised);
    for (const listener of registry.listeners.get(event) ?? []) this.#call('listener', listener, event, data);
    this.#guard('telemetry', () => counterStore(this.#kit)?.hook(event, data));
    for (const sink of this.sinks) this.#guard(sink.name, () => sink.take(raised));
    this.#kit.emit({ kind: 'hook', time: now, id: envelope.id, event, data: clean });
    return true;
  }

  /** A failure of somebody who listens: counted, logged, and felt by nobody else. */
  failed(who: string, error: unknown, fields: Data = {}): void {
    this.#failures.inc({ who });
    this.#log.error({ who, ...fields, err: error }, 'hook_failed');
  }

  #call(who: string, listener: (event: string, data: Data) => unknown, ...args: [string, Data]): void {
    try {
      const result = listener(...args);
      if (typeof (result as PromiseLike<unknown> | undefined)?.then === 'function')
        (result as PromiseLike<unknown>).then(undefined, (error: unknown) => this.failed(who, error));
    } catch (error) {
      this.failed(who, error);
    }
  }

  #guard(who: string, fn: () => unknown): void {
    try {
      fn();
    } catch (error) {
      this.failed(who, error);
    }
  }
}

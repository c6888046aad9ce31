import type { Kit } from '../../kernel/part.ts';
import { eventBus } from '../../kernel/ports.ts';
import type { AssetCallbacks, AssetHookEvent } from './gate.ts';
import type { Bag } from './store/rows.ts';

export interface Envelope {
  readonly event: string;
  /** Epoch seconds. */
  readonly ts: number;
  readonly data: Bag;
}

/** As the bus names them: the first of an event is its own name, the second a name from before it. */
const BUS: Readonly<Record<AssetHookEvent, readonly string[]>> = {
  asset_registered: ['on_asset_saved', 'on_asset_registered'],
  asset_meta_updated: ['on_asset_meta_updated'],
  asset_removed: ['on_asset_removed'],
  asset_sidecar_written: ['on_asset_sidecar_written'],
};

/** What the bus gets of each, for the debug route. */
export const BUS_HOOKS: readonly { readonly name: string; readonly payload: readonly string[] }[] = [
  ...['on_asset_registered', 'on_asset_saved'].map(name => ({
    name,
    payload: ['uid', 'type', 'path', 'meta', 'sidecar', 'bytes', 'hook_event', 'timestamp'],
  })),
  {
    name: 'on_asset_meta_updated',
    payload: ['uid', 'type', 'meta', 'path', 'sidecar', 'hook_event', 'timestamp'],
  },
  {
    name: 'on_asset_removed',
    payload: ['uid', 'type', 'path', 'sidecar', 'meta', 'bytes', 'hook_event', 'timestamp'],
  },
  {
    name: 'on_asset_sidecar_written',
    payload: ['uid', 'type', 'sidecar', 'rel_path', 'hook_event', 'timestamp'],
  },
];

const KEPT = 200;

/** Tells what happened to the callbacks of this process, to the bus, and to a short history. */
export class Events {
  readonly #kit: Kit;
  readonly #callbacks: AssetCallbacks;
  readonly #history: Envelope[] = [];

  constructor(kit: Kit, callbacks: AssetCallbacks) {
    this.#kit = kit;
    this.#callbacks = callbacks;
  }

  raise(event: AssetHookEvent, payload: Bag): void {
    const ts = this.#kit.clock.now() / 1000;
    const log = this.#kit.log.named('plimsoll.assets');
    this.#callbacks.run(
      event,
      () => structuredClone(payload),
      err => log.error({ event_name: event, err }, 'asset_hook_failed'),
    );
    const bus = eventBus(this.#kit);
    for (const name of BUS[event]) {
      const data = { ...payload, hook_event: event, timestamp: ts };
      try {
        bus?.emit(name, structuredClone(data));
      } catch (err) {
        log.error({ event_name: name, err }, 'asset_hook_failed');
      }
      this.#keep({ event: name, ts, data });
    }
  }

  /** The newest last; redacted as the bus does it, since it is shown. */
  history(limit: number): readonly Envelope[] {
    return this.#history.slice(-limit);
  }

  #keep(envelope: Envelope): void {
    const data = this.#kit.privacy.redact(envelope.data, 'hooks') as Bag;
    this.#history.push({ ...envelope, data: { ...data, uid: envelope.data['uid'] } });
    if (this.#history.length > KEPT) this.#history.shift();
  }
}

import type { Gate, Slot } from '../config/gate.ts';
import type { KitCore } from '../kernel/kit.ts';
import type { Part, Route, Teardown } from '../kernel/part.ts';

/** A part that follows its flags while the process runs: its gate, and where the rest of it is. */
export interface GatedRow<T extends object> {
  readonly gate: Gate<T>;
  readonly load: () => Promise<Part>;
  readonly routes?: (kit: KitCore) => Promise<readonly Route[]>;
}

/** Turns one part on and off as its gate says. What a part throws while it starts is logged, and never stops the app. */
export class Switch<T extends object> {
  readonly slot: Slot<T>;
  readonly #row: GatedRow<T>;
  readonly #kit: KitCore;
  #stop: Teardown | undefined;
  #unroute: Teardown | undefined;
  #settled: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(kit: KitCore, row: GatedRow<T>) {
    this.#kit = kit;
    this.#row = row;
    this.slot = { impl: row.gate.off };
  }

  /** One change after the other, however often the flags flip. */
  settle(): Promise<void> {
    this.#settled = this.#settled.then(() => this.#settle());
    return this.#settled;
  }

  /** No change any more; what is on is the kit's to tear down. */
  close(): Promise<void> {
    this.#closed = true;
    return this.#settled;
  }

  async #settle(): Promise<void> {
    const { gate } = this.#row;
    const wanted = !this.#closed && gate.on(this.#kit.config, this.#kit.flags);
    try {
      if (wanted && this.#stop === undefined) await this.#start();
      else if (!wanted && this.#stop !== undefined && !this.#closed) await this.#end();
    } catch (err) {
      if (this.#closed) return;
      this.#kit.log.named('plimsoll').error({ part: gate.name, wanted, err }, 'part_switch_failed');
    }
    if (gate.always === true) this.#route();
  }

  async #start(): Promise<void> {
    const { gate, load } = this.#row;
    this.#stop = await this.#kit.use(await load());
    this.slot.impl = this.#kit.read<T>(gate.name) ?? gate.off;
    this.#route();
  }

  async #end(): Promise<void> {
    const { gate } = this.#row;
    const stop = this.#stop;
    this.#stop = undefined;
    this.slot.impl = gate.off;
    if (gate.always !== true) this.#unroute = void this.#unroute?.() as undefined;
    await stop?.();
  }

  #route(): void {
    const { gate, routes } = this.#row;
    if (routes === undefined || this.#unroute !== undefined || !this.#kit.config.get('ops.enabled')) return;
    const paths = gate.paths(this.#kit.config);
    this.#unroute = this.#kit.routes({ name: gate.name, paths, load: () => routes(this.#kit) });
  }
}

export type Settling = Pick<Switch<object>, 'settle' | 'close'>;

/** Settles every switch now, and after each change of a flag until the kit closes. */
export function followFlags(switches: readonly Settling[]): Part {
  return {
    name: 'switches',
    async setup(kit) {
      for (const one of switches) await one.settle();
      const unwatch = kit.flags.watch(async () => {
        await Promise.all(switches.map(one => one.settle()));
      });
      return async () => {
        unwatch();
        for (const one of switches) await one.close();
      };
    },
  };
}

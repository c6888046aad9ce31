import type { KitCore } from '../kernel/kit.ts';
import { type Crash, crashGate, crashOf } from '../parts/crash/gate.ts';
import { type Settling, Switch } from './switch.ts';

/** What the optional parts that follow flags put on `obs`: a line for each. */
export interface Members {
  /** Crash dumps; off without a runtime root. */
  readonly crash: Crash;
}

export interface Gated {
  readonly switches: readonly Settling[];
  readonly members: Members;
}

/** The switch of every optional part, with what `obs` shows of it. Order matters: the first is closed last. */
export function gatedParts(kit: KitCore): Gated {
  const crash = new Switch(kit, {
    gate: crashGate,
    load: async () => (await import('../parts/crash/part.ts')).crash(kit),
    routes: async () => (await import('../parts/crash/routes.ts')).crashRoutes(kit),
  });
  return { switches: [crash], members: { crash: crashOf(crash.slot) } };
}

/** The same members where everything is off. */
export const OFF_MEMBERS: Members = { crash: crashGate.off };

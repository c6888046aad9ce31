import type { KitCore } from '../kernel/kit.ts';
import { type Assets, assetCallbacks, assetsGate, assetsOf } from '../parts/assets/gate.ts';
import { type Budgets, gate as budgetsGate, budgetsOver, offBudgets } from '../parts/budgets/gate.ts';
import { type Crash, crashGate, crashOf } from '../parts/crash/gate.ts';
import {
  HookRegistry,
  type Hooks,
  gate as hooksGate,
  hooksOf,
  offHooks,
  REGISTRY,
} from '../parts/hooks/gate.ts';
import { offProfiler, type Profiler, gate as profilerGate, profilerOver } from '../parts/profiler/gate.ts';
import { type Providers, providersGate, providersOf } from '../parts/providers/gate.ts';
import { type Telemetry, telemetryGate, telemetryOf } from '../parts/telemetry/gate.ts';
import { type Settling, Switch } from './switch.ts';

/** What the optional parts that follow flags put on `obs`: a line for each. */
export interface Members {
  /** Usage that its user consented to; nothing without. */
  readonly telemetry: Telemetry;
  /** Hooks of the app: listeners, history, stream, webhooks, plugins. Nothing of it without the flag enable_hooks. */
  readonly hooks: Hooks;
  /** Crash dumps; off without a runtime root. */
  readonly crash: Crash;
  /** The registry of remote services, with their health. */
  readonly providers: Providers;
  /** The registry of files. */
  readonly assets: Assets;
  /** Load under control: who runs, who waits and why, and which request is turned away. */
  readonly budgets: Budgets;
  /** Where the time and the memory go. */
  readonly profiler: Profiler;
}

export interface Gated {
  readonly switches: readonly Settling[];
  readonly members: Members;
}

/** A part's switch, and what `obs` shows of it. */
interface Made<T> {
  readonly settling: Settling;
  readonly member: T;
}

/** Every optional part. Order matters: the first is closed last. */
const PARTS: { readonly [K in keyof Members]: (kit: KitCore) => Made<Members[K]> } = {
  telemetry(kit) {
    const settling = new Switch(kit, {
      gate: telemetryGate,
      load: async () => (await import('../parts/telemetry/part.ts')).telemetry,
      routes: async () => (await import('../parts/telemetry/routes.ts')).telemetryRoutes(kit),
    });
    return { settling, member: telemetryOf(settling.slot) };
  },
  hooks(kit) {
    const registry = new HookRegistry();
    kit.expose(REGISTRY, () => registry);
    const settling = new Switch(kit, {
      gate: hooksGate,
      load: async () => (await import('../parts/hooks/part.ts')).hooks,
      routes: async () => (await import('../parts/hooks/routes.ts')).hookRoutes(kit),
    });
    return { settling, member: hooksOf(settling.slot, registry) };
  },
  crash(kit) {
    const settling = new Switch(kit, {
      gate: crashGate,
      load: async () => (await import('../parts/crash/part.ts')).crash(kit),
      routes: async () => (await import('../parts/crash/routes.ts')).crashRoutes(kit),
    });
    return { settling, member: crashOf(settling.slot) };
  },
  providers(kit) {
    const settling = new Switch(kit, {
      gate: providersGate,
      load: async () => (await import('../parts/providers/part.ts')).providers,
      routes: async () => (await import('../parts/providers/routes.ts')).providersRoutes(kit),
    });
    return { settling, member: providersOf(settling.slot) };
  },
  assets(kit) {
    const callbacks = assetCallbacks();
    const settling = new Switch(kit, {
      gate: assetsGate,
      load: async () => (await import('../parts/assets/part.ts')).assets(callbacks),
      routes: async () => (await import('../parts/assets/routes.ts')).assetsRoutes(kit, callbacks),
    });
    return { settling, member: assetsOf(settling.slot, callbacks) };
  },
  budgets(kit) {
    const settling = new Switch(kit, {
      gate: budgetsGate,
      load: async () => (await import('../parts/budgets/part.ts')).budgets,
      routes: async () => (await import('../parts/budgets/routes.ts')).routes(kit),
    });
    return { settling, member: budgetsOver(settling.slot) };
  },
  profiler(kit) {
    const settling = new Switch(kit, {
      gate: profilerGate,
      load: async () => (await import('../parts/profiler/part.ts')).profiler,
      routes: async () => (await import('../parts/profiler/routes.ts')).routes(kit),
    });
    return { settling, member: profilerOver(settling.slot) };
  },
};

export function gatedParts(kit: KitCore): Gated {
  const made = Object.entries(PARTS).map(([name, make]) => [name, make(kit)] as const);
  return {
    switches: made.map(([, { settling }]) => settling),
    members: Object.fromEntries(made.map(([name, { member }]) => [name, member])) as unknown as Members,
  };
}

/** The same members where everything is off. */
export const OFF_MEMBERS: Members = {
  telemetry: telemetryGate.off,
  hooks: offHooks,
  crash: crashGate.off,
  providers: providersOf({ impl: providersGate.off }),
  assets: assetsOf({ impl: assetsGate.off }, assetCallbacks()),
  budgets: offBudgets,
  profiler: offProfiler,
};

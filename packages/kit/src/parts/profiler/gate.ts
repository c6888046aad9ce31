import type { CpuProfile, ProfileCost, ProfilerDashboard } from '@plimsoll/wire';
import { refuseOff } from '../../base/off.ts';
import type { Gate, Slot } from '../../config/gate.ts';

export interface ProfileLabels {
  /** Default `general`. */
  readonly category?: string;
  /** Redacted before it is kept. */
  readonly metadata?: Readonly<Record<string, unknown>> | null;
}
export interface SpanInput extends ProfileLabels {
  readonly duration_ms: number;
  /** KiB; default 0. */
  readonly memory_kb?: number;
}
export interface CpuProfileOptions {
  /** Default 10, at most `profiler.maxSeconds`. */
  readonly seconds?: number;
  /** Microseconds between two stacks; default 2000. */
  readonly intervalUs?: number;
}
export interface HeapProfileOptions {
  /** Default 5, at most `profiler.maxSeconds`. */
  readonly seconds?: number;
  /** Bytes between two samples, on average; default 65,536. */
  readonly intervalBytes?: number;
}
/** As Chrome's tools open it: a `.heapprofile`. */
export interface HeapProfile {
  readonly head: unknown;
  readonly samples: readonly unknown[];
  readonly plimsoll: { readonly cost: ProfileCost };
}

/** Where the time and the memory go. Names and categories are constants of the code: what is over 1000 of them is `other`. */
export interface Profiler {
  /** Measures `fn` and gives what it gives; what it throws is recorded and thrown on. While off, `fn` is just called. */
  profile<R>(name: string, labels: ProfileLabels, fn: () => R): R;
  recordSpan(name: string, span: SpanInput): void;
  mark(name: string, labels?: ProfileLabels): void;
  /** Undefined while off. */
  dashboard(limit?: number): ProfilerDashboard | undefined;
  reset(): void;
  /** Stacks of this thread. Rejects with PLIMSOLL_OFF, PLIMSOLL_PROFILE_RUNNING. */
  cpu(options?: CpuProfileOptions): Promise<CpuProfile>;
  /** Allocations of this thread, freed ones included; rejects likewise. */
  heap(options?: HeapProfileOptions): Promise<HeapProfile>;
}

const nothing = (): void => {};
const refuse = async (): Promise<never> => refuseOff('profiler');

const off: Profiler = {
  profile: (_name, _labels, fn) => fn(),
  ...{ recordSpan: nothing, mark: nothing, dashboard: () => undefined, reset: nothing },
  ...{ cpu: refuse, heap: refuse },
};

const BELOW = ['mark', 'span', 'dashboard', 'reset', 'cpu', 'heap'].map(path => `/profiler/${path}`);

export const gate: Gate<Profiler> = {
  name: 'profiler',
  on: (_config, flags) => flags.subsystem('profiler').enabled,
  paths: config => BELOW.map(path => config.get('perf.prefix') + path),
  always: true,
  off,
};

export function profilerOver(slot: Slot<Profiler>): Profiler {
  return {
    profile: (name, labels, fn) => slot.impl.profile(name, labels, fn),
    recordSpan: (name, span) => slot.impl.recordSpan(name, span),
    mark: (name, labels) => slot.impl.mark(name, labels),
    dashboard: limit => slot.impl.dashboard(limit),
    reset: () => slot.impl.reset(),
    cpu: options => slot.impl.cpu(options),
    heap: options => slot.impl.heap(options),
  };
}

export const offProfiler: Profiler = off;

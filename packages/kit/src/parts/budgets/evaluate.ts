import type { AllLimits, BudgetCheck, PerfHints, PerfMetrics, Requirements } from '@plimsoll/wire';
import { PlimsollError } from '../../base/errors.ts';

export interface Situation {
  readonly limits: AllLimits;
  readonly metrics: PerfMetrics;
  /** Jobs that are ahead of this one, running ones included. */
  readonly ahead: number;
  /** Other jobs that run, or were told that they may. */
  readonly taken: number;
  /** What jobs that started after the sample will take, and no sample shows yet. */
  readonly reserved?: Requirements;
}

export interface Over extends BudgetCheck {
  readonly reason: string;
}

const NOTHING: Requirements = { cpu_percent: 0, ram_mb: 0, vram_mb: 0 };

/** Every budget that is over for a job that asks for this; the first is the reason. Caps are `≥`, resources `>`. */
export function evaluate(wants: Requirements, situation: Situation): readonly Over[] {
  const { limits, metrics, ahead, taken, reserved = NOTHING } = situation;
  const over: Over[] = [];
  const cap = (budget: string, used: number, limit: number, reason: string): void => {
    if (limit > 0 && used >= limit) over.push({ budget, used, requested: 1, sum: used + 1, limit, reason });
  };
  const amount = (budget: string, used: number, requested: number, limit: number): void => {
    const sum = used + requested;
    if (limit > 0 && sum > limit) over.push({ budget, used, requested, sum, limit, reason: '' });
  };
  cap('queue', ahead, limits.max_queue_depth, 'queue capacity reached');
  cap('jobs', taken, limits.max_running_jobs, 'job cap reached');
  const { cpu, mem_used_mb: ram, loop_delay_ms: delay, loop_utilization: busy } = metrics;
  const gpu = metrics.first_gpu ?? metrics.gpus[0];
  amount('cpu', cpu + reserved.cpu_percent, wants.cpu_percent, limits.max_cpu_percent);
  amount('ram', ram + reserved.ram_mb, wants.ram_mb, limits.max_mem_mb);
  amount('vram', (gpu?.mem_used ?? 0) + reserved.vram_mb, wants.vram_mb, limits.max_vram_mb);
  amount('loop_delay', delay, 0, limits.max_loop_delay_ms);
  amount('loop_utilization', busy, 0, limits.max_loop_utilization);
  return over.map(one => (one.reason === '' ? { ...one, reason: TEXT[one.budget]?.(one) ?? '' } : one));
}

/** Hosts compare these: CPU prints what is used, memory the sum. */
const TEXT: Readonly<Record<string, (over: BudgetCheck) => string>> = {
  cpu: ({ used, limit }) => `cpu ${used.toFixed(1)}%/${limit.toFixed(1)}%`,
  ram: ({ sum, limit }) => `ram ${sum.toFixed(0)}MB/${limit.toFixed(0)}MB`,
  vram: ({ sum, limit }) => `vram ${sum.toFixed(0)}MB/${limit.toFixed(0)}MB`,
  loop_delay: ({ used, limit }) => `loop delay ${used.toFixed(1)}ms/${limit.toFixed(1)}ms`,
  loop_utilization: ({ used, limit }) => `loop utilization ${percent(used)}/${percent(limit)}`,
};

const percent = (share: number): string => `${(share * 100).toFixed(0)}%`;

/** @throws PLIMSOLL_BUDGET_INPUT for a hint that is no number */
export function requirementsOf(hints: PerfHints | null | undefined): Requirements {
  if (hints === null || hints === undefined) return NOTHING;
  return Object.freeze({
    cpu_percent: amountOf('cpu_percent', hints.cpu_percent),
    ram_mb: amountOf('ram_mb', hints.ram_mb || hints.memory_mb),
    vram_mb: amountOf('vram_mb', hints.vram_mb || hints.gpu_mem_mb),
  });
}

function amountOf(name: string, hint: unknown): number {
  if (hint === undefined || hint === null || hint === false || hint === '') return 0;
  const value = typeof hint === 'number' || typeof hint === 'string' ? Number(hint) : Number.NaN;
  if (!Number.isFinite(value)) throw new PlimsollError('PLIMSOLL_BUDGET_INPUT', `${name} is no number`);
  return Math.max(0, value);
}

/** Seconds since the Unix epoch are `*_at`, `last_*`; MB are 2^20 bytes. */
export interface BudgetLimits {
  readonly max_cpu_percent: number;
  readonly max_mem_mb: number;
  readonly max_vram_mb: number;
  readonly max_running_jobs: number;
  readonly max_queue_depth: number;
  readonly lazy_asset_target_mb: number;
  /** Seconds. */
  readonly evaluation_interval: number;
}
export interface LoopLimits {
  readonly max_loop_delay_ms: number;
  readonly max_loop_utilization: number;
}
export type AllLimits = BudgetLimits & LoopLimits;
export type LimitChanges = { readonly [K in keyof AllLimits]?: AllLimits[K] | null | undefined };

/** What a job is expected to take, beyond what is in use. Negative counts as 0. */
export interface PerfHints {
  readonly cpu_percent?: number | string | null;
  readonly ram_mb?: number | string | null;
  readonly memory_mb?: number | string | null;
  readonly vram_mb?: number | string | null;
  readonly gpu_mem_mb?: number | string | null;
}

export interface Requirements {
  readonly cpu_percent: number;
  readonly ram_mb: number;
  readonly vram_mb: number;
}

export interface Gpu {
  readonly id: number;
  readonly name: string;
  readonly util: number;
  readonly mem_used: number;
  readonly mem_total: number;
  readonly temp_c: number;
}

/** One sample. Percent for `cpu`, `mem` and `disk`; what a sampler leaves out is 0. */
export interface PerfMetrics {
  readonly ok: boolean;
  readonly cpu: number;
  readonly mem: number;
  readonly mem_used_mb: number;
  readonly mem_total_mb: number;
  readonly gpus: readonly Gpu[];
  readonly first_gpu: Gpu | null;
  readonly disk: number;
  readonly disk_used_gb: number;
  readonly disk_total_gb: number;
  readonly loop_delay_ms: number;
  readonly loop_utilization: number;
  /** ISO 8601, UTC. */
  readonly timestamp: string;
}

/** What the answers, the log line, the metric, the hook and the record say alike. */
export interface Decision {
  readonly queue_state: string;
  /** Every budget that is over, in the order in which they are looked at. */
  readonly reasons: readonly string[];
  /** From 1; 0 for what is running or has ended. */
  readonly position: number;
  readonly retry_after_ms: number | null;
}
export interface BudgetJob {
  readonly id: string;
  readonly type: string;
  readonly status: string;
  readonly reason: string | null;
  readonly submitted_at: number;
  readonly last_transition: number;
  readonly requirements: Requirements;
}
/** A budget that is over: `sum` is what was compared with `limit`. */
export interface BudgetCheck {
  readonly budget: string;
  readonly used: number;
  readonly requested: number;
  readonly sum: number;
  readonly limit: number;
}
export interface JobDecision extends Decision {
  readonly reason: string | null;
  readonly checks: readonly BudgetCheck[];
  readonly metrics: PerfMetrics;
  readonly limits: BudgetLimits;
  readonly loop_limits: LoopLimits;
}
export interface Transition extends Decision {
  readonly job: BudgetJob;
  readonly reason: string | null;
}
export interface JobInput {
  readonly job_id: string;
  readonly job_type?: string;
  readonly payload?: { readonly perf?: PerfHints | null } | null;
}
/** What a host's job API adds to a job; empty while budgets are off. */
export interface JobAnnotation {
  readonly status?: 'queued' | 'delayed';
  readonly budget?: Omit<JobDecision, 'loop_limits' | 'checks'>;
}

export interface BudgetAsset {
  readonly asset_id: string;
  readonly size_mb: number;
  readonly loaded: boolean;
  readonly last_used: number;
  readonly metadata: Readonly<Record<string, unknown>>;
}
export interface BudgetSnapshot {
  readonly limits: BudgetLimits;
  readonly loop_limits: LoopLimits;
  readonly metrics: PerfMetrics;
  readonly jobs: readonly BudgetJob[];
  readonly queued_ids: readonly string[];
  readonly delayed_ids: readonly string[];
  readonly running_ids: readonly string[];
  readonly assets: readonly BudgetAsset[];
  readonly shed: Decision & {
    readonly in_flight: number;
    readonly limit: number | null;
    readonly total: number;
  };
}

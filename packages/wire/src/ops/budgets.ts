import { z } from 'zod';
import { flag, metadata, ok, seconds } from './words.ts';

export const limits = z
  .object({
    max_cpu_percent: z.number().min(0).max(100),
    max_mem_mb: z.number().min(0),
    max_vram_mb: z.number().min(0),
    max_running_jobs: z.int().min(0),
    max_queue_depth: z.int().min(1),
    lazy_asset_target_mb: z.number().min(0),
    evaluation_interval: z.number().min(0.1),
  })
  .meta({ id: 'BudgetLimits' });
/** Of the event loop; apart, since hosts compare the seven above. 0 is no limit. */
export const loopLimits = z
  .object({ max_loop_delay_ms: z.number().min(0), max_loop_utilization: z.number().min(0).max(1) })
  .meta({ id: 'LoopLimits' });
/** Null is unchanged. */
export const applyRequest = z
  .strictObject({
    max_cpu_percent: limits.shape.max_cpu_percent.nullish(),
    max_mem_mb: limits.shape.max_mem_mb.nullish(),
    max_vram_mb: limits.shape.max_vram_mb.nullish(),
    max_running_jobs: limits.shape.max_running_jobs.nullish(),
    max_queue_depth: limits.shape.max_queue_depth.nullish(),
    lazy_asset_target_mb: limits.shape.lazy_asset_target_mb.nullish(),
    evaluation_interval: limits.shape.evaluation_interval.nullish(),
    max_loop_delay_ms: loopLimits.shape.max_loop_delay_ms.nullish(),
    max_loop_utilization: loopLimits.shape.max_loop_utilization.nullish(),
  })
  .meta({ id: 'BudgetApply' });

/** Negative hints count as 0, missing and empty ones too; a hint that is no number is refused. */
const numeral = z.string().regex(/^\s*([+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?)?\s*$/i);
const hint = z.union([z.number(), numeral, z.literal(false), z.null()]).optional();
export const perfHints = z
  .looseObject({
    cpu_percent: hint,
    ram_mb: hint,
    memory_mb: hint,
    vram_mb: hint,
    gpu_mem_mb: hint,
  })
  .meta({ id: 'PerfHints' });
const payload = z.looseObject({ perf: perfHints.nullish() });
const jobId = z.string().min(1).max(128);
export const jobRegisterRequest = z
  .looseObject({
    job_id: jobId,
    job_type: z.string().min(1).max(128).default('generic'),
    payload: payload.nullish(),
  })
  .meta({ id: 'BudgetJobRegister' });
export type JobRegisterRequest = z.infer<typeof jobRegisterRequest>;
export const jobFinishRequest = z
  .object({
    job_id: jobId,
    status: z.string().min(1).max(64).default('complete'),
    reason: z.string().max(1024).nullish(),
  })
  .meta({ id: 'BudgetJobFinish' });
export type JobFinishRequest = z.infer<typeof jobFinishRequest>;
const assetId = z.string().min(1).max(256);
export const lazyAssetRegisterRequest = z
  .object({ asset_id: assetId, size_mb: z.number().min(0), metadata: metadata.nullish() })
  .meta({ id: 'BudgetAssetRegister' });
export const lazyAssetTouchRequest = z.strictObject({ asset_id: assetId }).meta({ id: 'BudgetAssetTouch' });
export const lazyAssetEvictRequest = z
  .strictObject({ target_mb: z.number().min(0).default(256) })
  .default({ target_mb: 256 })
  .meta({ id: 'BudgetAssetEvict' });

const gpu = z.object({
  ...{ id: z.int(), name: z.string(), util: z.number(), mem_used: z.number() },
  ...{ mem_total: z.number(), temp_c: z.number() },
});
export const perfMetrics = z
  .looseObject({
    ok: z.boolean(),
    cpu: z.number(),
    mem: z.number(),
    mem_used_mb: z.number(),
    mem_total_mb: z.number(),
    gpus: z.array(gpu),
    first_gpu: gpu.nullable(),
    disk: z.number(),
    disk_used_gb: z.number(),
    disk_total_gb: z.number(),
    loop_delay_ms: z.number(),
    loop_utilization: z.number(),
    timestamp: z.string(),
  })
  .meta({ id: 'PerfMetrics' });
const queueState = z.string().meta({ description: 'queued, delayed, running, or how it ended' });
export const budgetJob = z
  .object({
    id: z.string(),
    type: z.string(),
    status: queueState,
    reason: z.string().nullable(),
    submitted_at: seconds,
    last_transition: seconds,
    requirements: z.object({ cpu_percent: z.number(), ram_mb: z.number(), vram_mb: z.number() }),
  })
  .meta({ id: 'BudgetJob' });
/** The decision, as every surface says it: answers, the log line, the metric, the hook and the record. */
const decision = {
  queue_state: queueState,
  reasons: z.array(z.string()),
  position: z.int().min(0),
  retry_after_ms: z.int().min(0).nullable(),
};
const check = z.object({
  ...{ budget: z.string(), used: z.number(), requested: z.number(), sum: z.number(), limit: z.number() },
});
export const jobRegisterAnswer = z
  .object({
    ok,
    ...decision,
    reason: z.string().nullable(),
    /** What failed, with the sum that was compared. */
    checks: z.array(check),
    metrics: perfMetrics,
    limits,
    loop_limits: loopLimits,
    feature_flag: flag,
  })
  .meta({ id: 'BudgetDecision' });
export const jobAnswer = z.object({ ok, job: budgetJob, feature_flag: flag }).meta({ id: 'BudgetJobAnswer' });
export const refreshAnswer = z
  .object({
    ok,
    transitions: z.array(z.object({ job: budgetJob, ...decision, reason: z.string().nullable() })),
    feature_flag: flag,
  })
  .meta({ id: 'BudgetRefresh' });
export const applyAnswer = z
  .object({ ok, limits, loop_limits: loopLimits, persisted: z.boolean(), feature_flag: flag })
  .meta({ id: 'BudgetLimitsAnswer' });
const sized = z.object({ asset_id: z.string(), size_mb: z.number() });
export const lazyAssetRegisterAnswer = z
  .object({ ok, asset: sized, feature_flag: flag })
  .meta({ id: 'BudgetAssetAnswer' });
export const lazyAssetTouchAnswer = z
  .object({ ok, asset: z.object({ asset_id: z.string(), last_used: seconds }), feature_flag: flag })
  .meta({ id: 'BudgetAssetTouched' });
export const lazyAssetEvictAnswer = z
  .object({ ok, evicted: z.array(sized), feature_flag: flag })
  .meta({ id: 'BudgetAssetEvicted' });
export const budgetsAnswer = z
  .object({
    ok,
    limits,
    loop_limits: loopLimits,
    metrics: perfMetrics,
    jobs: z.array(budgetJob),
    queued_ids: z.array(z.string()),
    delayed_ids: z.array(z.string()),
    running_ids: z.array(z.string()),
    assets: z.array(
      z.object({
        ...{ asset_id: z.string(), size_mb: z.number(), loaded: z.boolean(), last_used: seconds, metadata },
      }),
    ),
    shed: z.object({
      ...{ in_flight: z.int(), limit: z.int().nullable(), total: z.int(), ...decision },
    }),
    feature_flag: flag,
  })
  .meta({ id: 'Budgets' });
export type BudgetsAnswer = z.infer<typeof budgetsAnswer>;

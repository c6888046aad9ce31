import { z } from 'zod';
import { limits, loopLimits, perfMetrics } from './budgets.ts';
import { profilerMark, profilerRow, profilerSpan } from './profiler.ts';
import { limit, ok, seconds } from './words.ts';

export const perfHealthQuery = z.object({ limit }).meta({ id: 'PerfHealthQuery' });
export const perfHealthAnswer = z
  .object({
    ok,
    feature_flag: z.boolean(),
    flags: z.object({ umbrella: z.boolean(), budgets: z.boolean(), profiler: z.boolean() }),
    budgets_enabled: z.boolean(),
    profiler_enabled: z.boolean(),
    budgets: z
      .object({
        limits,
        loop_limits: loopLimits,
        queue: z.object({ queued: z.int(), delayed: z.int(), running: z.int(), seen_jobs: z.int() }),
        assets: z.object({ registered: z.int(), loaded: z.int() }),
        last_evaluation: seconds,
        metrics: perfMetrics,
      })
      .nullable(),
    profiler: z
      .object({
        ...{ spans_recorded: z.int(), marks_recorded: z.int(), spans_kept: z.int(), marks_kept: z.int() },
        ...{ top_time: z.array(profilerRow), top_memory: z.array(profilerRow) },
        ...{ recent_spans: z.array(profilerSpan), recent_marks: z.array(profilerMark), timestamp: seconds },
      })
      .nullable(),
  })
  .meta({ id: 'PerfHealth' });
export type PerfHealthAnswer = z.infer<typeof perfHealthAnswer>;

import { z } from 'zod';
import { flag, limit, metadata, ok, seconds } from './words.ts';

export const profilerRow = z
  .object({
    ...{ name: z.string(), category: z.string(), count: z.int(), total_ms: z.number(), max_ms: z.number() },
    ...{ avg_ms: z.number(), p50_ms: z.number(), p95_ms: z.number(), total_kb: z.number() },
    ...{ max_kb: z.number(), avg_kb: z.number(), last_timestamp: seconds },
  })
  .meta({ id: 'ProfilerRow' });
const label = { name: z.string().min(1).max(128), category: z.string().min(1).max(64).default('general') };
export const markRequest = z
  .looseObject({ ...label, metadata: metadata.nullish() })
  .meta({ id: 'ProfilerMarkRequest' });
export const spanRequest = z
  .looseObject({
    ...label,
    duration_ms: z.number(),
    memory_kb: z.number().default(0),
    metadata: metadata.nullish(),
  })
  .meta({ id: 'ProfilerSpanRequest' });
export const profilerMark = z
  .object({ name: z.string(), category: z.string(), timestamp: seconds, metadata })
  .meta({ id: 'ProfilerMark' });
export const profilerSpan = profilerMark
  .extend({ duration_ms: z.number(), memory_kb: z.number() })
  .meta({ id: 'ProfilerSpan' });
export const markAnswer = z
  .object({ ok, mark: profilerMark, feature_flag: flag })
  .meta({ id: 'ProfilerMarkAnswer' });
export const spanAnswer = z
  .object({ ok, span: profilerSpan, feature_flag: flag })
  .meta({ id: 'ProfilerSpanAnswer' });
const hot = z.object({
  function: z.string(),
  url: z.string(),
  line: z.int(),
  samples: z.int(),
  share: z.number(),
});
export const dashboardAnswer = z
  .object({
    ok,
    dashboard: z.object({
      ...{
        top_time: z.array(profilerRow),
        top_memory: z.array(profilerRow),
        aggregates: z.array(profilerRow),
      },
      ...{ marks: z.array(profilerMark), spans: z.array(profilerSpan), timestamp: seconds },
      categories: z.record(z.string(), z.array(profilerRow)),
      /** Of the sampler that always runs, where it is on. */
      hot: z.array(hot).nullable(),
    }),
    feature_flag: flag,
  })
  .meta({ id: 'ProfilerDashboard' });
export type DashboardAnswer = z.infer<typeof dashboardAnswer>;
export const resetAnswer = z.object({ ok, feature_flag: flag }).meta({ id: 'ProfilerReset' });
export const dashboardQuery = z
  .object({ limit, emit: z.enum(['0', '1']).default('0') })
  .meta({ id: 'ProfilerDashboardQuery' });
export const profileQuery = z
  .object({
    seconds: z.coerce.number().min(0.1).max(60).default(10),
    interval_us: z.coerce.number().int().min(100).max(100_000).default(2000),
  })
  .meta({ id: 'ProfileQuery' });
export const heapQuery = z
  .object({
    seconds: z.coerce.number().min(0.1).max(60).default(5),
    interval_bytes: z.coerce.number().int().min(1024).max(16_777_216).default(65_536),
  })
  .meta({ id: 'HeapProfileQuery' });
/** The profile as Chrome's tools open it; `plimsoll` is beside what they read. */
const cost = z.object({
  seconds: z.number(),
  samples: z.int(),
  /** Milliseconds that the event loop stood still to start and to stop. */
  start_ms: z.number(),
  stop_ms: z.number(),
});
export const cpuProfileAnswer = z
  .looseObject({ nodes: z.array(z.unknown()), plimsoll: z.object({ cost }) })
  .meta({ id: 'CpuProfile' });
export const heapProfileAnswer = z
  .looseObject({ head: z.unknown(), samples: z.array(z.unknown()), plimsoll: z.object({ cost }) })
  .meta({ id: 'HeapProfile' });
export interface ProfileSearch {
  readonly seconds: number;
  readonly interval_us: number;
  readonly interval_bytes: number;
}

import { z } from 'zod';
import { SEVERITY } from '../signals.ts';

/** RFC 9457. `code` is stable and for programs; `detail` carries it too where a host's clients compare that. */
export const problem = z
  .object({
    /** With the option `ops.problem` set to `ok` only, as is `message`. */
    ok: z.literal(false).optional(),
    message: z.string().optional(),
    status: z.int().min(400).max(599),
    code: z.string(),
    detail: z.string(),
    hint: z.string().optional(),
    request_id: z.string(),
    /** What was wrong with the input: the field and a code, never the value. */
    errors: z.array(z.object({ field: z.string(), code: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problem>;

const checkResult = z
  .looseObject({
    ok: z.boolean(),
    latency_ms: z.number().min(0).optional(),
    error: z.string().optional(),
  })
  .meta({ id: 'CheckResult' });

export const okAnswer = z.object({ status: z.literal('ok') }).meta({ id: 'Ok' });

export const readyAnswer = z
  .object({
    status: z.enum(['ok', 'degraded']),
    /** `draining` while the process stops. */
    error: z.string().optional(),
    checks: z.record(z.string(), checkResult),
  })
  .meta({ id: 'Ready' });
export type ReadyAnswer = z.infer<typeof readyAnswer>;

export const healthAnswer = z
  .object({
    status: z.enum(['ok', 'degraded']),
    checks: z.record(z.string(), checkResult.extend({ age_ms: z.int().nullable() })),
  })
  .meta({ id: 'Health' });
export type HealthAnswer = z.infer<typeof healthAnswer>;

export const startupAnswer = z
  .object({
    status: z.enum(['ok', 'error']),
    /** The first code. */
    error: z.string().optional(),
    errors: z.array(z.object({ field: z.string(), code: z.string() })).optional(),
  })
  .meta({ id: 'Startup' });
export type StartupAnswer = z.infer<typeof startupAnswer>;

export const traceTestAnswer = z
  .object({
    status: z.literal('ok'),
    /** 32 lower-case hex digits; null where no trace is active. */
    trace_id: z.string().nullable(),
    /** True when a span was made and the exporter delivered it. */
    exported: z.boolean(),
  })
  .meta({ id: 'TraceTest' });
export type TraceTestAnswer = z.infer<typeof traceTestAnswer>;

/** What the development memory holds, newest first; empty outside development. */
export const recentAnswer = z
  .object({ traces: z.array(z.unknown()), lines: z.array(z.unknown()) })
  .meta({ id: 'Recent' });
export type RecentAnswer = z.infer<typeof recentAnswer>;

export const logLevel = z.enum([...(Object.keys(SEVERITY) as (keyof typeof SEVERITY)[]), 'silent']);
export const logLevelRequest = z
  .strictObject({
    level: logLevel,
    /** One component's logger; without it, the service's level. */
    logger: z.string().min(1).max(128).optional(),
  })
  .meta({ id: 'LogLevelRequest' });
export type LogLevelRequest = z.infer<typeof logLevelRequest>;
export const logLevelAnswer = z
  .object({ level: logLevel, loggers: z.record(z.string(), logLevel) })
  .meta({ id: 'LogLevel' });
export type LogLevelAnswer = z.infer<typeof logLevelAnswer>;

export const indexAnswer = z
  .object({
    service: z.string(),
    routes: z.array(
      z.object({
        method: z.string(),
        path: z.string(),
        access: z.enum(['open', 'admin', 'local', 'token']),
        summary: z.string().optional(),
      }),
    ),
  })
  .meta({ id: 'Index' });
export type IndexAnswer = z.infer<typeof indexAnswer>;

/** Prometheus or OpenMetrics text. */
export const metricsAnswer = z.string().meta({ id: 'Exposition' });
export const openapiAnswer = z.looseObject({ openapi: z.literal('3.1.0') }).meta({ id: 'OpenApi' });

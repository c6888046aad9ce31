import { z } from 'zod';
import { CRASH_SOURCES } from '../signals.ts';

const frame = z
  .object({
    function: z.string(),
    file: z.string(),
    line: z.int(),
    column: z.int(),
    /** Of the service's own code: neither Node's nor a dependency's. */
    own: z.boolean(),
    /** Where a source map says it was written. */
    source: z
      .object({
        file: z.string(),
        line: z.int(),
        column: z.int(),
        function: z.string().optional(),
      })
      .optional(),
  })
  .meta({ id: 'CrashFrame' });
export type CrashFrame = z.infer<typeof frame>;

const row = z.object({
  /** The file's name without `.json`; the id in `/api/crashes/:id`. */
  id: z.string(),
  event_id: z.string(),
  timestamp: z.string(),
  exc_type: z.string(),
  message: z.string(),
  fingerprint: z.string(),
  source: z.enum(CRASH_SOURCES),
  /** Absolute, on the machine of the service. */
  path: z.string(),
  request_id: z.string().optional(),
  trace_id: z.string().optional(),
  route: z.string().optional(),
  /** Failures like this one that came since the dump before it and were only counted. */
  suppressed: z.int().optional(),
  synthetic: z.boolean().optional(),
});

export const crashRow = row.meta({ id: 'CrashRow' });
export type CrashRow = z.infer<typeof crashRow>;

export const crashesQuery = z.object({ limit: z.coerce.number().int().min(1).max(500).optional() });
export type CrashesQuery = z.infer<typeof crashesQuery>;

/** Newest first. */
export const crashesAnswer = z
  .object({ crashes: z.array(crashRow), feature_flag: z.literal(true) })
  .meta({ id: 'Crashes' });
export type CrashesAnswer = z.infer<typeof crashesAnswer>;

/** One dump as its file has it, with the two names that listings give it. */
export const crashAnswer = z
  .looseObject({
    ...row.shape,
    cwd: z.string(),
    pid: z.int(),
    traceback: z.string(),
    context: z.record(z.string(), z.unknown()),
    attachments: z.array(z.string()),
    frames: z.array(frame),
    causes: z.array(z.object({ exc_type: z.string(), message: z.string(), frames: z.array(frame) })),
    /** Log lines before it, oldest first. */
    lines: z.array(z.unknown()),
    /** Spans that had ended before it, oldest first. */
    spans: z.array(z.unknown()),
  })
  .meta({ id: 'Crash' });
export type CrashAnswer = z.infer<typeof crashAnswer>;

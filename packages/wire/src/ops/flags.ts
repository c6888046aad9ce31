import { z } from 'zod';

export const flagsRequest = z
  .record(z.string().min(1).max(128), z.boolean())
  .refine(flags => Object.keys(flags).length > 0 && Object.keys(flags).length <= 64)
  .meta({ id: 'FlagsRequest' });
export type FlagsRequest = z.infer<typeof flagsRequest>;

const flagState = z
  .object({
    name: z.string(),
    value: z.boolean(),
    /** Null for a flag that only a file knows. */
    default: z.boolean().nullable(),
    /** The file that says it, or `default`. */
    source: z.string(),
    doc: z.string().optional(),
    /** Flags of one group are written together. */
    group: z.string().optional(),
  })
  .meta({ id: 'FlagState' });
export type FlagState = z.infer<typeof flagState>;

export const flagsAnswer = z
  .object({
    flags: z.array(flagState),
    /** Values in the files that are no JSON booleans, and count for nothing. */
    rejected: z.array(z.object({ flag: z.string(), file: z.string() })),
    /** Files that are no JSON objects; they are never written over. */
    corrupt: z.array(z.string()),
    /** The file that a change is written to. */
    file: z.string(),
    /** After a POST: what has another value now. */
    changed: z.array(z.string()).optional(),
  })
  .meta({ id: 'Flags' });
export type FlagsAnswer = z.infer<typeof flagsAnswer>;

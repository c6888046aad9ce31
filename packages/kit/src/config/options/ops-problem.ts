import type { OptionRow } from './row.ts';

/** How the ops API words its refusals. */
export const OPS_PROBLEM = [
  {
    key: 'ops.problem',
    env: ['OBS_OPS_PROBLEM'],
    type: 'enum',
    values: ['standard', 'ok'],
    default: 'standard',
    doc: 'Members of an error answer: standard (RFC 9457), or ok, which adds `ok: false` and `message` for clients that read those',
  },
] as const satisfies readonly OptionRow[];

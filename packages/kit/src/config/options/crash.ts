import type { OptionRow } from './row.ts';

/** Crash dumps: only where there is a runtime root. */
export const CRASH = [
  {
    key: 'crash.enabled',
    env: ['OBS_CRASH_ENABLED'],
    type: 'boolean',
    default: true,
    doc: 'Write crash dumps to logs/crash under the runtime root; without a runtime root there are none',
  },
  {
    key: 'crash.announce',
    env: ['OBS_CRASH_ANNOUNCE'],
    type: 'enum',
    values: ['auto', 'always', 'never'],
    aliases: { true: 'always', false: 'never' },
    default: 'auto',
    doc: 'Say on standard error where the dump is; auto where that is a terminal, or where CI is set',
  },
  {
    key: 'crash.watchEnds',
    env: ['OBS_CRASH_WATCH_ENDS'],
    type: 'boolean',
    default: true,
    doc: 'Mark the process while it lives, and tell at the start of one that ended without a word',
  },
  {
    key: 'crash.report',
    env: ['OBS_CRASH_REPORT'],
    type: 'boolean',
    default: false,
    doc: "Put Node's diagnostic report beside the dump of an uncaught error, without environment and network",
  },
  {
    key: 'crash.intervalMs',
    env: ['OBS_CRASH_INTERVAL_MS'],
    type: 'integer',
    min: 0,
    default: 60_000,
    doc: 'Milliseconds in which the same failure of requests is dumped once; the rest is counted',
  },
  {
    key: 'crash.maxFiles',
    env: ['OBS_CRASH_MAX_FILES'],
    type: 'integer',
    min: 1,
    default: 100,
    doc: 'Dumps that are kept at most; the oldest goes first',
  },
  {
    key: 'crash.maxBytes',
    env: ['OBS_CRASH_MAX_BYTES'],
    type: 'integer',
    min: 1,
    default: 67_108_864,
    doc: 'Bytes of all dumps at most; the newest always stays',
  },
  {
    key: 'crash.maxAgeDays',
    env: ['OBS_CRASH_MAX_AGE_DAYS'],
    type: 'integer',
    min: 1,
    default: 30,
    doc: 'Days that a dump is kept',
  },
] as const satisfies readonly OptionRow[];

import type { OptionRow } from './row.ts';

/** How the process ends on a signal. Together the three times should stay under the platform's grace period. */
export const DRAIN = [
  {
    key: 'drain.enabled',
    env: ['OBS_DRAIN_ENABLED'],
    type: 'boolean',
    default: true,
    doc: 'Drain on a signal: not ready, wait, stop accepting, finish, flush, exit; false only flushes',
  },
  {
    key: 'drain.signals',
    env: ['OBS_DRAIN_SIGNALS'],
    type: 'list',
    default: ['SIGTERM', 'SIGINT'],
    doc: 'Signals that start the drain; a second one ends the process at once',
  },
  {
    key: 'drain.delayMs',
    env: ['OBS_DRAIN_DELAY_MS'],
    type: 'integer',
    min: 0,
    max: 3_600_000,
    default: undefined,
    doc: 'Milliseconds that /health/ready says 503 before we stop accepting, for load balancers to notice; unset, 5000, and 0 in development',
  },
  {
    key: 'drain.finishMs',
    env: ['OBS_DRAIN_FINISH_MS'],
    type: 'integer',
    min: 0,
    max: 3_600_000,
    default: 10_000,
    doc: 'Milliseconds that requests under way get to finish; then their connections are cut',
  },
  {
    key: 'drain.flushMs',
    env: ['OBS_DRAIN_FLUSH_MS'],
    type: 'integer',
    min: 0,
    max: 3_600_000,
    default: 5000,
    doc: 'Milliseconds for what is buffered to leave',
  },
] as const satisfies readonly OptionRow[];

/** One feature flag, declared once: the reader, `GET /api/flags`, the docs and the console's panel read it. */
export interface FlagRow {
  readonly name: string;
  readonly default: boolean;
  /** One line, without a full stop at its end. */
  readonly doc: string;
  /** Whoever writes one flag of a group writes them all, so that umbrella and legacy keys never disagree. */
  readonly group?: 'observability' | 'perf';
}

/** Flags that are known without a file. Others are accepted from a file as they are. */
export const FLAGS = [
  {
    name: 'enable_observability',
    default: false,
    group: 'observability',
    doc: 'Consented telemetry; what is recorded still needs consent',
  },
  {
    name: 'enable_privacy_telemetry',
    default: false,
    group: 'observability',
    doc: 'Older name of enable_observability',
  },
  {
    name: 'enable_crash_uploader',
    default: false,
    doc: 'Lets telemetry register the digests of crash dumps, with consent to crashes',
  },
  { name: 'enable_perf', default: false, group: 'perf', doc: 'Budgets and profiler' },
  { name: 'enable_perf_budgets', default: false, group: 'perf', doc: 'Budgets alone' },
  { name: 'enable_perf_profiler_dashboard', default: false, group: 'perf', doc: 'Profiler alone' },
  { name: 'enable_hooks', default: false, doc: 'Hook bus: history, stream, webhooks, plugins' },
  { name: 'debug_health_checks', default: false, doc: 'Writes a line for every round of health checks' },
  { name: 'enable_providers', default: false, doc: 'The registry of remote services, and their health' },
  { name: 'enable_assets', default: false, doc: 'The registry of files' },
] as const satisfies readonly FlagRow[];

export type FlagName = (typeof FLAGS)[number]['name'];

export const FLAG_DEFAULTS = Object.fromEntries(FLAGS.map(row => [row.name, row.default])) as Readonly<
  Record<FlagName, boolean>
>;

/** A subsystem is on when its umbrella or its legacy flag is. */
export const FLAG_PAIRS = {
  observability: { umbrella: 'enable_observability', legacy: 'enable_privacy_telemetry' },
  budgets: { umbrella: 'enable_perf', legacy: 'enable_perf_budgets' },
  profiler: { umbrella: 'enable_perf', legacy: 'enable_perf_profiler_dashboard' },
} as const satisfies Readonly<Record<string, { umbrella: FlagName; legacy: FlagName }>>;

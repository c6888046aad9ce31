/**
 * Every metric of ours, declared once: `/metrics`, OTLP, dashboards and docs read this.
 * Names have no namespace here; `own` ones (`plimsoll_*`, `process_*`, `nodejs_*`) never get it.
 */
export interface MetricRow {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary';
  readonly help: string;
  readonly labels: readonly string[];
  readonly unit?: string;
  readonly buckets?: readonly number[];
  readonly own?: true;
}

/** Seconds; the seed's bounds, which dashboards of the hosts know. */
export const HTTP_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5] as const;
/** Seconds, for jobs. */
export const JOB_BUCKETS = [0.1, 0.5, 1, 2, 5, 15, 30, 60] as const;

export const HTTP_REQUESTS = {
  name: 'http_requests_total',
  type: 'counter',
  help: 'HTTP requests handled',
  labels: ['route', 'method', 'status'],
} as const satisfies MetricRow;

export const HTTP_DURATION = {
  name: 'http_request_duration_seconds',
  type: 'histogram',
  help: 'Time from the first byte of a request to the end of its answer',
  labels: ['route', 'method'],
  unit: 's',
  buckets: HTTP_BUCKETS,
} as const satisfies MetricRow;

export const JOB_RUNS = {
  name: 'jobs_runs_total',
  type: 'counter',
  help: 'Job runs by outcome',
  labels: ['name', 'result'],
} as const satisfies MetricRow;

export const JOB_DURATION = {
  name: 'jobs_duration_seconds',
  type: 'histogram',
  help: 'Time a job run took, failed runs included',
  labels: ['name'],
  unit: 's',
  buckets: JOB_BUCKETS,
} as const satisfies MetricRow;

export const METRIC_OVERFLOW = {
  name: 'plimsoll_metrics_overflow_total',
  type: 'counter',
  help: 'Observations that counted under other, because the metric or one of its labels was full',
  labels: ['metric'],
  own: true,
} as const satisfies MetricRow;

export const METRIC_BAD_VALUES = {
  name: 'plimsoll_metrics_bad_values_total',
  type: 'counter',
  help: 'Values that a metric could not take, such as NaN or a negative increment, and collectors that threw',
  labels: ['metric'],
  own: true,
} as const satisfies MetricRow;

/** The two metrics of a health check that asked for them. Success alone has a latency. */
export function checkMetrics(check: string) {
  const name = check.replace(/[^a-zA-Z0-9_]/g, '_');
  return {
    up: {
      name: `${name}_up`,
      type: 'gauge',
      help: `1 while the health check ${name} passes, else 0`,
      labels: [],
    },
    latency: {
      name: `${name}_latency_seconds`,
      type: 'summary',
      help: `Time that passed calls of the health check ${name} took`,
      labels: [],
      unit: 's',
    },
  } as const satisfies Record<string, MetricRow>;
}

export const OTLP_EXPORTED = {
  name: 'plimsoll_otlp_exported_total',
  type: 'counter',
  help: 'Spans, log records and metric points that an OTLP collector took',
  labels: ['signal'],
  own: true,
} as const satisfies MetricRow;

export const OTLP_DROPPED = {
  name: 'plimsoll_otlp_dropped_total',
  type: 'counter',
  help: 'Spans, log records and metric points lost on their way to an OTLP collector',
  labels: ['signal', 'reason'],
  own: true,
} as const satisfies MetricRow;

export const OTLP_FAILED_EXPORTS = {
  name: 'plimsoll_otlp_failed_exports_total',
  type: 'counter',
  help: 'OTLP requests that failed, by HTTP status or error code, retries included',
  labels: ['signal', 'code'],
  own: true,
} as const satisfies MetricRow;

export const OTLP_QUEUE_BYTES = {
  name: 'plimsoll_otlp_queue_bytes',
  type: 'gauge',
  help: 'Bytes that wait for an OTLP collector, those under way included',
  labels: ['signal'],
  unit: 'By',
  own: true,
} as const satisfies MetricRow;

export const CRASHES = {
  name: 'plimsoll_crashes_total',
  type: 'counter',
  help: 'Crashes by source; result is written, suppressed (the same again within the interval) or failed',
  labels: ['source', 'result'],
  own: true,
} as const satisfies MetricRow;

export const LOG_LINES_LOST = {
  name: 'plimsoll_log_lines_lost_total',
  type: 'counter',
  help: 'Log lines that could not be written, by sink and cause',
  labels: ['sink', 'reason'],
  own: true,
} as const satisfies MetricRow;

export const TELEMETRY_EVENTS = {
  name: 'telemetry_events_total',
  type: 'counter',
  help: 'Calls of track_event',
  labels: ['event'],
} as const satisfies MetricRow;

export const TELEMETRY_METRIC = {
  name: 'telemetry_metric',
  type: 'gauge',
  help: 'Last value given to track_metric',
  labels: ['name'],
} as const satisfies MetricRow;

export const TELEMETRY_DURATION = {
  name: 'telemetry_operation_duration_seconds',
  type: 'histogram',
  help: 'Durations given to track_timing',
  labels: ['operation'],
  unit: 's',
  // From a query to a long job: an operation may be either.
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
} as const satisfies MetricRow;

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

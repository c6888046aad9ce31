/** The cases by topic, ours first, each beside its peers. The names are the keys in `calls/*.ts`. */
export interface Topic {
  title: string;
  rows: readonly (readonly [group: 'plimsoll' | 'off' | 'peers', name: string])[];
}

const ours = (...names: string[]) => names.map(name => ['plimsoll', name] as const);
const off = (...names: string[]) => names.map(name => ['off', name] as const);
const peers = (...names: string[]) => names.map(name => ['peers', name] as const);

export const TOPICS: readonly Topic[] = [
  {
    title: 'Counter and gauge',
    rows: [
      ...ours('counter_handle', 'counter_1_label', 'counter_3_labels', 'gauge_handle', 'gauge_3_labels'),
      ...peers('prom_counter_child', 'prom_counter_1_label', 'prom_counter_3_labels'),
      ...peers('prom_gauge_3_labels', 'otel_counter_3_labels'),
    ],
  },
  {
    title: 'Histogram',
    rows: [
      ...ours('histogram_handle', 'histogram_1_label', 'histogram_3_labels'),
      ...peers('prom_histogram_child', 'prom_histogram_3_labels', 'otel_histogram_3_labels'),
    ],
  },
  {
    title: 'Span, start to end',
    rows: [
      ...ours('span_created', 'span_6_attributes', 'span_6_attributes_encoded'),
      ...ours('span_6_set_one_by_one_encoded', 'span_active_encoded', 'span_opentelemetry_api'),
      ...peers('otel_span_created', 'otel_span_6_attributes', 'otel_span_6_attributes_encoded'),
      ...peers('otel_span_active_encoded'),
    ],
  },
  {
    title: 'Log line, to a file',
    rows: [
      ...ours('log_2_fields', 'log_6_fields', 'log_20_fields', 'log_nested'),
      ...peers('pino_2_fields', 'pino_6_fields', 'pino_20_fields', 'pino_nested', 'pino_6_fields_sync'),
      ...peers('winston_2_fields', 'winston_6_fields', 'winston_20_fields'),
    ],
  },
  {
    title: 'Redaction and context',
    rows: [...ours('redact_35_keys_hash_6', 'hash', 'context_run', 'context_current'), ...peers('als_run')],
  },
  { title: 'Load under control', rows: ours('shed_decision') },
  {
    title: 'Off',
    rows: [
      ...off('empty_function', 'off_counter', 'off_counter_handle', 'off_gauge', 'off_histogram', 'off_log'),
      ...off(
        'off_span',
        'off_span_started',
        'off_context_run',
        'off_context_current',
        'off_inject',
        'off_job',
        'off_budgets_run',
        'off_shed',
        'off_guard',
        'off_profile',
      ),
      ...off('metrics_off_counter', 'metrics_off_histogram', 'tracing_off_span', 'tracing_off_span_started'),
      ...off('level_off_log', 'facade_off_event', 'facade_idle_event', 'off_emit', 'hooks_off_emit'),
      ...off('budgets_off_run', 'budgets_off_shed', 'budgets_off_guard', 'profiler_off_profile'),
      ...peers('otel_api_off_span', 'otel_api_off_counter', 'pino_level_off'),
    ],
  },
];

/** What `--quick` reads: the targets, and the peer that stands beside each. */
export const QUICK: ReadonlySet<string> = new Set([
  ...['counter_3_labels', 'histogram_3_labels', 'span_6_attributes_encoded', 'log_6_fields'],
  ...['redact_35_keys_hash_6', 'prom_counter_3_labels', 'prom_histogram_3_labels'],
  ...['otel_span_6_attributes_encoded', 'pino_6_fields', 'empty_function', 'otel_api_off_span'],
  ...['off_counter', 'off_histogram', 'off_log', 'off_span', 'off_span_started', 'off_context_run'],
  ...[
    'metrics_off_counter',
    'tracing_off_span',
    'tracing_off_span_started',
    'level_off_log',
    'facade_off_event',
    'facade_idle_event',
  ],
  ...[
    'off_budgets_run',
    'off_shed',
    'off_guard',
    'off_profile',
    'off_emit',
    'hooks_off_emit',
    'shed_decision',
  ],
  ...['budgets_off_run', 'budgets_off_shed', 'budgets_off_guard', 'profiler_off_profile'],
]);

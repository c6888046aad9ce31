import type { MetricRow } from './metrics.ts';

/** The names that prom-client's default metrics have, since that is what dashboards for Node ask for. */
export const PROCESS_METRICS = {
  cpuUser: counter('process_cpu_user_seconds_total', 'User CPU time of the process', 's'),
  cpuSystem: counter('process_cpu_system_seconds_total', 'System CPU time of the process', 's'),
  cpu: counter('process_cpu_seconds_total', 'User and system CPU time of the process', 's'),
  startTime: gauge(
    'process_start_time_seconds',
    'Start of the process, in seconds since the Unix epoch',
    's',
  ),
  resident: gauge('process_resident_memory_bytes', 'Resident memory', 'By'),
} as const;

/** Read from /proc, so only there where the system has it. */
export const LINUX_METRICS = {
  virtual: gauge('process_virtual_memory_bytes', 'Virtual memory', 'By'),
  heap: gauge('process_heap_bytes', 'Data segment of the process', 'By'),
  openFds: gauge('process_open_fds', 'Open file descriptors, counted every ten seconds'),
  maxFds: gauge('process_max_fds', 'Open file descriptors that the process may have'),
} as const;

export const LOOP_METRICS = {
  lag: gauge('nodejs_eventloop_lag_seconds', 'How late the newest tick of a one-second timer was', 's'),
  min: lag('min', 'Least'),
  max: lag('max', 'Greatest'),
  mean: lag('mean', 'Mean'),
  stddev: lag('stddev', 'Standard deviation of the'),
  p50: lag('p50', 'Median'),
  p90: lag('p90', '90th percentile of the'),
  p99: lag('p99', '99th percentile of the'),
  utilization: gauge(
    'nodejs_eventloop_utilization',
    'Share of the last 10 to 20 seconds that the event loop was busy',
  ),
} as const;

export const ACTIVE_METRICS = {
  handles: gauge('nodejs_active_handles', 'Open libuv handles by type', undefined, ['type']),
  handlesTotal: gauge('nodejs_active_handles_total', 'Open libuv handles'),
  requests: gauge('nodejs_active_requests', 'Running libuv requests by type', undefined, ['type']),
  requestsTotal: gauge('nodejs_active_requests_total', 'Running libuv requests'),
  resources: gauge(
    'nodejs_active_resources',
    'Resources that keep the event loop alive, by type',
    undefined,
    ['type'],
  ),
  resourcesTotal: gauge('nodejs_active_resources_total', 'Resources that keep the event loop alive'),
} as const;

export const HEAP_METRICS = {
  total: gauge('nodejs_heap_size_total_bytes', 'Heap that V8 took from the system', 'By'),
  used: gauge('nodejs_heap_size_used_bytes', 'Heap in use', 'By'),
  external: gauge('nodejs_external_memory_bytes', 'Memory outside of the heap that objects hold', 'By'),
  spaceTotal: gauge('nodejs_heap_space_size_total_bytes', 'Size of a heap space', 'By', ['space']),
  spaceUsed: gauge('nodejs_heap_space_size_used_bytes', 'Used part of a heap space', 'By', ['space']),
  spaceAvailable: gauge('nodejs_heap_space_size_available_bytes', 'Free part of a heap space', 'By', [
    'space',
  ]),
} as const;

export const GC_DURATION = {
  name: 'nodejs_gc_duration_seconds',
  type: 'histogram',
  help: 'Time of a garbage collection: major, minor, incremental or weakcb',
  labels: ['kind'],
  unit: 's',
  buckets: [0.001, 0.01, 0.1, 1, 2, 5],
  own: true,
} as const satisfies MetricRow;

export const VERSION_INFO = gauge('nodejs_version_info', 'Version of Node.js; always 1', undefined, [
  'version',
  'major',
  'minor',
  'patch',
]);

function lag(suffix: string, what: string) {
  return gauge(
    `nodejs_eventloop_lag_${suffix}_seconds`,
    `${what} event loop delay of the last one to two minutes`,
    's',
  );
}

function counter(name: string, help: string, unit: string) {
  return { name, type: 'counter', help, labels: [], unit, own: true } as const satisfies MetricRow;
}

function gauge<const L extends readonly string[] = []>(
  name: string,
  help: string,
  unit?: string,
  labels?: L,
) {
  const row = {
    name,
    type: 'gauge',
    help,
    labels: labels ?? ([] as const as unknown as L),
    own: true,
  } as const;
  return unit === undefined ? row : { ...row, unit };
}

export const ADMIN_TOKEN = 'bench-admin-token';

/**
 * 'All signals on', as the targets define it: a line to a file, a span at ratio 1 over OTLP/HTTP, counter and
 * histogram with exemplar, ids, context, redaction. Info lines are never sampled away here.
 */
export function allOn(sink: string, logFolder: string) {
  return {
    service: 'bench',
    env: 'production',
    log: { stdout: false, dir: logFolder, samplingRateInfo: 1 },
    trace: { enabled: true, ratio: 1 },
    otlp: { endpoint: sink, metricsExporter: 'none', logsExporter: 'none' },
    ops: { adminToken: [ADMIN_TOKEN] },
  } as const;
}

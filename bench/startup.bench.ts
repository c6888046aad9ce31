/** Start-up and memory over an empty process, in paired runs. */
import { rmSync } from 'node:fs';
import { once, SERVER_CORE, scratch, script } from './lib/processes.ts';
import { startSink } from './lib/sink.ts';
import { interval, median, spread } from './lib/stats.ts';

export interface StartupRow {
  subject: string;
  /** More than the empty process of the same pair, ms. */
  ms: number;
  spread: [number, number];
  interval: [number, number];
  /** More resident memory, bytes. */
  rss: number;
  failed?: string;
}

interface Ready {
  ms: number;
  rss: number;
}

export async function startup({
  quick,
  say,
}: {
  quick: boolean;
  say(line: string): void;
}): Promise<StartupRow[]> {
  const subjects = quick
    ? ['on', 'off', 'opentelemetry']
    : ['on', 'off', 'opentelemetry', 'sentry', 'datadog', 'pino_prom'];
  const runs = quick ? 10 : 20;
  const sink = await startSink();
  const folder = scratch();
  const start = (subject: string) =>
    once<Ready>(SERVER_CORE, [script('startup/run.js'), subject, sink.url, folder], {
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      DD_TRACE_AGENT_URL: sink.url,
      DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
    });
  try {
    const rows: StartupRow[] = [];
    for (const subject of subjects) {
      say(`startup: ${subject}`);
      rows.push(await pairs(subject, start, subject === 'opentelemetry' ? runs / 2 : runs));
    }
    return rows;
  } finally {
    sink.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function pairs(
  subject: string,
  start: (subject: string) => Promise<Ready>,
  runs: number,
): Promise<StartupRow> {
  const times: number[] = [];
  const memory: number[] = [];
  try {
    // The first pair fills the file cache.
    for (let run = 0; run <= runs; run++) {
      const order = run % 2 === 0 ? ['empty', subject] : [subject, 'empty'];
      const ready: Record<string, Ready> = {};
      for (const name of order) ready[name] = await start(name);
      if (run === 0) continue;
      const [own, empty] = [ready[subject] as Ready, ready['empty'] as Ready];
      times.push(own.ms - empty.ms);
      memory.push(own.rss - empty.rss);
    }
  } catch (error) {
    const none: [number, number] = [Number.NaN, Number.NaN];
    return { subject, ms: Number.NaN, spread: none, interval: none, rss: Number.NaN, failed: String(error) };
  }
  return {
    subject,
    ms: median(times),
    spread: spread(times),
    interval: interval(times),
    rss: median(memory),
  };
}

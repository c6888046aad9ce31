/** Makes spans as fast as they leave: `node spans.ts LIBRARY SINK SECONDS`. Ends with what was exported. */
import { createRequire } from 'node:module';
import { setImmediate as turn } from 'node:timers/promises';
import { attributes6 } from '../calls/inputs.ts';
import type { Exported } from '../export.bench.ts';

const [, , library = '', sink = '', seconds = '2'] = process.argv;
const require = createRequire(import.meta.url);
const BURST = 500;

interface Lane {
  exported: number;
  dropped: number;
  queueBytes: number;
}

const subjects: Record<string, () => Promise<Exported>> = {
  async plimsoll() {
    const { init } = await import('../../packages/kit/dist/index.js');
    const otlp = { endpoint: sink, metricsExporter: 'none', logsExporter: 'none' };
    const options = {
      service: 'bench',
      env: 'production',
      log: { stdout: false },
      trace: { enabled: true },
      otlp,
    };
    const obs = await init(options as object);
    const lane = () => obs.read<{ signals: { traces: Lane } }>('otlp')?.signals.traces as Lane;
    const make = (i: number): void => obs.trace.start('work', { attributes: attributes6(i) }).end();
    // Half of the queue: a producer that never waits would measure how spans are dropped.
    const room = (): boolean => lane().queueBytes < 8 * 2 ** 20;
    const flush = () => obs.read<{ flush(): Promise<boolean> }>('otlp')?.flush();
    const made = await produce(make, room, async () => void (await flush()));
    const { exported, dropped } = lane();
    return { ...made, spans: exported, dropped };
  },
  async opentelemetry() {
    const { BasicTracerProvider, BatchSpanProcessor } = require('@opentelemetry/sdk-trace-node');
    const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-proto');
    const exporter = new OTLPTraceExporter({ url: `${sink}/v1/traces`, concurrencyLimit: 100 });
    const limits = { maxQueueSize: 100_000, maxExportBatchSize: 2048, scheduledDelayMillis: 100 };
    const processor = new BatchSpanProcessor(exporter, limits);
    const tracer = new BasicTracerProvider({ spanProcessors: [processor] }).getTracer('bench');
    let since = 0;
    const make = (i: number): void => {
      since += 1;
      tracer.startSpan('work', { attributes: attributes6(i) }).end();
    };
    const flush = async (): Promise<void> => {
      since = 0;
      await processor.forceFlush();
    };
    const made = await produce(make, () => since < 16_384, flush);
    return { ...made, dropped: 0 };
  },
};

async function produce(make: (i: number) => void, room: () => boolean, flush: () => Promise<void>) {
  const began = performance.now();
  const cpu = process.cpuUsage();
  let spans = 0;
  while (performance.now() - began < Number(seconds) * 1000) {
    if (room()) for (let i = 0; i < BURST; i++) make(spans++);
    else await flush();
    await turn();
  }
  await flush();
  const { user, system } = process.cpuUsage(cpu);
  return { spans, seconds: (performance.now() - began) / 1000, cpu: user + system };
}

process.send?.(await (subjects[library] as () => Promise<Exported>)());
process.on('disconnect', () => process.exit(0));

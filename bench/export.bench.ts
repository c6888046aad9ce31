/** Spans a second to a sink, and what requests feel while the sink is slow or gone. */
import { rmSync } from 'node:fs';
import type { Mode } from './lib/collector.ts';
import { Loader } from './lib/load.ts';
import { once, SERVER_CORE, scratch, script } from './lib/processes.ts';
import { BenchServer } from './lib/servers.ts';
import { type Sink, startSink } from './lib/sink.ts';
import { median, spread } from './lib/stats.ts';

export interface Exported {
  spans: number;
  seconds: number;
  /** Processor time, µs. */
  cpu: number;
  dropped: number;
}
export interface ThroughputRow {
  library: string;
  spansPerSecond: number;
  spread: [number, number];
  /** Processor time a span, µs, made and sent. */
  cpu: number;
  dropped: number;
}
export interface FaultRow {
  /** What the sink does. */
  mode: Mode;
  /** Processor time a request, µs, against the sink that works. */
  cpu: number;
  /** At a fixed rate of requests, ms. */
  p50: number;
  p99: number;
  /** Memory at the end, MB. */
  rssMb: number;
  errors: number;
}
export interface ExportResult {
  throughput: ThroughputRow[];
  faults: FaultRow[];
}

export async function exporting(options: { quick: boolean; say(line: string): void }): Promise<ExportResult> {
  const sink = await startSink();
  try {
    return { throughput: await throughput(sink, options), faults: await faults(sink, options) };
  } finally {
    sink.close();
  }
}

interface Options {
  quick: boolean;
  say(line: string): void;
}

async function throughput(sink: Sink, { quick, say }: Options): Promise<ThroughputRow[]> {
  say('export: spans a second');
  const libraries = ['plimsoll', 'opentelemetry'];
  const found = new Map<string, Exported[]>(libraries.map(library => [library, []]));
  for (let round = 0; round < (quick ? 2 : 6); round++) {
    for (const library of round % 2 === 0 ? libraries : [...libraries].reverse()) {
      const args = [script('export/spans.ts'), library, sink.url, quick ? '1.5' : '4'];
      found.get(library)?.push(await once<Exported>(SERVER_CORE, args));
    }
  }
  return libraries.map(library => {
    const all = found.get(library) as Exported[];
    const rates = all.map(({ spans, seconds }) => spans / seconds);
    return {
      ...{ library, spansPerSecond: median(rates), spread: spread(rates) },
      cpu: median(all.map(({ cpu, spans }) => cpu / spans)),
      dropped: all.reduce((sum, { dropped }) => sum + dropped, 0),
    };
  });
}

const MODES: readonly Mode[] = ['ok', 'slow', 'refuse', 'reset', 'nonsense', 'gone', 'ok'];

/** One service through every fault and back, under load all the while. */
async function faults(sink: Sink, { quick, say }: Options): Promise<FaultRow[]> {
  const folder = scratch();
  const loader = await Loader.start();
  const seconds = quick ? 1 : 6;
  const rows: FaultRow[] = [];
  const work = { framework: 'fastify', variant: 'on', work: 'plain', folder } as const;
  const server = await BenchServer.start({ ...work, sink: sink.url });
  try {
    const { url } = server;
    await loader.run({ kind: 'closed', url, seconds: 3 });
    for (const mode of quick ? (['ok', 'slow'] as const) : MODES) {
      say(`export: the sink is ${mode}`);
      await sink.mode(mode);
      const before = await server.read();
      const full = await loader.run({ kind: 'closed', url, seconds });
      const after = await server.read();
      const open = await loader.run({ kind: 'open', url, rate: 4000, seconds });
      const { rss } = await server.read();
      rows.push({
        ...{ mode, cpu: (after.cpu - before.cpu) / full.requests, p50: open.p50, p99: open.p99 },
        ...{ rssMb: rss / 2 ** 20, errors: full.errors + open.errors },
      });
    }
  } finally {
    await sink.mode('ok');
    await server.stop();
    loader.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return rows;
}

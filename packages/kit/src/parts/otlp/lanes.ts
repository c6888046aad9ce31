import type { Kit, Teardown } from '../../kernel/part.ts';
import { type Encoders, encodersOf, jsonEncoders } from './encode.ts';
import { Exporter } from './exporter.ts';
import type { OtlpSignal } from './gate.ts';
import { type GrpcSpeaker, link, loadGrpc } from './link.ts';
import { MetricExporter } from './metric-exporter.ts';
import { lateResource } from './resource.ts';
import type { SignalStats } from './stats.ts';

export interface OtlpTuning {
  /** The first pause before another attempt, the longest one, and the time one request may take in all. */
  readonly firstRetryMs: number;
  readonly maxRetryMs: number;
  readonly retryForMs: number;
}

/** One signal on its way out. */
export interface Lane {
  readonly signal: OtlpSignal;
  /** Host and path, for gRPC host and port; never a login or a query. */
  readonly endpoint: string;
  readonly stats: SignalStats;
  readonly queueBytes: number;
  /** True when an end of the process now would lose something. */
  pending(): boolean;
  /** Sends what was recorded so far, without further retries; true when all of it was taken in time. */
  flush(deadlineMs: number): Promise<boolean>;
  /** As `flush`, and drops what is left at the deadline. */
  drain(deadlineMs: number): Promise<void>;
  /** Stops listening, drains, and lets go of the connection. */
  end(deadlineMs: number): Promise<void>;
}

/** What all lanes of a kit share. */
export interface LaneSource {
  readonly kit: Kit;
  readonly tuning: OtlpTuning;
  readonly encoders: Readonly<Record<'protobuf' | 'json', Encoders>>;
  /** Loaded when a signal goes over gRPC. */
  readonly grpc: GrpcSpeaker | undefined;
}

export async function laneSource(kit: Kit, tuning: OtlpTuning): Promise<LaneSource> {
  const protobuf = encodersOf(lateResource(kit));
  const encoders = { protobuf, json: jsonEncoders(protobuf) };
  return { kit, tuning, encoders, grpc: await loadGrpc(kit.config) };
}

export function openLane(source: LaneSource, signal: OtlpSignal): Lane {
  return signal === 'metrics' ? metricsLane(source) : bytesLane(source, signal);
}

function bytesLane(source: LaneSource, signal: 'traces' | 'logs'): Lane {
  const { kit } = source;
  const { config } = kit;
  const { endpoint, stats, transport, encoders } = link(source, signal);
  const exporter = new Exporter({
    transport,
    stats,
    encode: encoders[signal],
    maxQueueBytes: config.get('otlp.maxQueueBytes'),
    maxBatchBytes: config.get('otlp.maxBatchBytes'),
    delayMs: config.get('otlp.scheduleDelayMs'),
  });
  const listen = (): Teardown =>
    kit.onBytes(signal === 'traces' ? 'span' : 'log', (bytes, count) => exporter.add(bytes, count));
  let stop = listen();
  // The kit holds records back for up to 200 ms; a sink that leaves gets them first.
  const collect = (): void => {
    void stop();
    stop = listen();
  };
  return {
    signal,
    endpoint,
    stats,
    get queueBytes() {
      return exporter.bytes;
    },
    pending() {
      collect();
      return exporter.bytes > 0;
    },
    flush(deadlineMs) {
      collect();
      return exporter.flush(deadlineMs);
    },
    drain: deadlineMs => exporter.drain(deadlineMs),
    async end(deadlineMs) {
      await stop();
      await exporter.drain(deadlineMs);
      transport.abort();
    },
  };
}

function metricsLane(source: LaneSource): Lane {
  const { kit } = source;
  const { endpoint, stats, transport, encoders } = link(source, 'metrics');
  const exporter = new MetricExporter({
    transport,
    stats,
    snapshot: () => kit.metrics.snapshot(),
    encode: encoders.metrics,
    now: () => kit.clock.now(),
    intervalMs: kit.config.get('otlp.metricIntervalMs'),
  });
  let last = false;
  return {
    signal: 'metrics',
    endpoint,
    stats,
    // Values stay in the registry until they are read.
    queueBytes: 0,
    pending() {
      // One reading before the end is enough, or the end would never come.
      const first = !last;
      last = true;
      return first;
    },
    flush: deadlineMs => exporter.flush(deadlineMs),
    drain: deadlineMs => exporter.drain(deadlineMs),
    async end(deadlineMs) {
      exporter.stop();
      await exporter.drain(deadlineMs);
      transport.abort();
    },
  };
}

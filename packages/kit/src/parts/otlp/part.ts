import { OTLP_QUEUE_BYTES } from '@plimsoll/wire';
import type { Kit, Part, Teardown } from '../../kernel/part.ts';
import { name, type OtlpSignal, wanted } from './gate.ts';
import { type Lane, laneSource, type OtlpTuning, openLane } from './lanes.ts';
import type { SignalState } from './stats.ts';

export type { OtlpTuning } from './lanes.ts';

/** What `kit.read('otlp')` gives. */
export interface OtlpState {
  readonly signals: Readonly<Partial<Record<OtlpSignal, LaneState>>>;
  /** Sends what was recorded so far, without further retries; true when the collector took all of it. */
  flush(): Promise<boolean>;
}

export interface LaneState extends SignalState {
  /** Host and path, for gRPC host and port. */
  readonly endpoint: string;
  readonly queueBytes: number;
}

const SIGNALS: readonly OtlpSignal[] = ['traces', 'logs', 'metrics'];
/** A collector that comes back is used again within the longest pause, however long it was away. */
const TUNING: OtlpTuning = { firstRetryMs: 1000, maxRetryMs: 5000, retryForMs: 60_000 };
/** A stop takes no longer than this, whatever the collector does. */
const MAX_FLUSH_MS = 5000;

/** Exports traces, logs and metrics over OTLP, by HTTP or gRPC. Nothing it does delays a request. */
export const otlp: Part = createOtlp();

/** The part with other pauses, for those who compose by hand. */
export function createOtlp(tuning: Partial<OtlpTuning> = {}): Part {
  return { name, setup: kit => setup(kit, { ...TUNING, ...tuning }) };
}

async function setup(kit: Kit, tuning: OtlpTuning): Promise<Teardown | undefined> {
  const signals = wanted(kit.config);
  if (!signals) return undefined;
  const source = await laneSource(kit, tuning);
  const lanes = SIGNALS.filter(signal => signals[signal]).map(signal => openLane(source, signal));
  const deadline = Math.min(MAX_FLUSH_MS, kit.config.get('otlp.timeoutMs'));

  kit.metrics.gauge(OTLP_QUEUE_BYTES.name, {
    ...OTLP_QUEUE_BYTES,
    collect: gauge => {
      for (const lane of lanes) gauge.set({ signal: lane.signal }, lane.queueBytes);
    },
  });
  const hide = kit.expose('otlp', () => stateOf(lanes, deadline));
  // A program that simply ends has never called close.
  const onBeforeExit = (): void => {
    for (const lane of lanes) if (lane.pending()) void lane.drain(deadline);
  };
  process.on('beforeExit', onBeforeExit);

  return async () => {
    process.off('beforeExit', onBeforeExit);
    await hide();
    await Promise.all(lanes.map(lane => lane.end(deadline)));
  };
}

function stateOf(lanes: readonly Lane[], deadline: number): OtlpState {
  const signals: Partial<Record<OtlpSignal, LaneState>> = {};
  for (const { signal, endpoint, queueBytes, stats } of lanes) {
    signals[signal] = { endpoint, queueBytes, ...stats.state };
  }
  return {
    signals,
    async flush() {
      const taken = await Promise.all(lanes.map(lane => lane.flush(deadline)));
      return taken.every(Boolean);
    },
  };
}

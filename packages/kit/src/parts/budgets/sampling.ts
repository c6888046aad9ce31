import type { PerfMetrics } from '@plimsoll/wire';
import type { Clock } from '../../base/clock.ts';
import type { Sampler } from './gate.ts';
import type { Machine } from './machine.ts';

export interface SamplingOptions {
  readonly clock: Clock;
  readonly everyMs: number;
  readonly machine: Pick<Machine, 'sample' | 'stop'>;
  readonly onSample: () => void;
  readonly onError: (error: unknown) => void;
}

/** The newest sample, taken in the background: requests only read it. One that fails leaves zeros and `ok: false`. */
export class Sampling {
  readonly #options: SamplingOptions;
  readonly #timer: NodeJS.Timeout;
  #sampler: Sampler;
  #turn = 0;
  #busy = false;
  #failing = false;
  metrics: PerfMetrics;
  /** Monotonic; before the first sample, minus infinity. */
  at = Number.NEGATIVE_INFINITY;

  constructor(options: SamplingOptions) {
    this.#options = options;
    this.#sampler = options.machine.sample;
    this.metrics = whole({}, options.clock.now());
    this.#timer = setInterval(() => {
      // A sampler that is slower than the timer is not started twice.
      if (!this.#busy) void this.take();
    }, options.everyMs).unref();
  }

  use(sampler: Sampler | undefined): Promise<void> {
    this.#sampler = sampler ?? this.#options.machine.sample;
    return this.take();
  }

  async take(): Promise<void> {
    const turn = ++this.#turn;
    const { clock, onSample, onError } = this.#options;
    this.#busy = true;
    let sample: Partial<PerfMetrics> = {};
    try {
      sample = { ok: true, ...(await this.#sampler()) };
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) onError(error);
      this.#failing = true;
    }
    // A later one has been taken meanwhile, perhaps of another sampler.
    if (turn !== this.#turn) return;
    this.#busy = false;
    this.metrics = whole(sample, clock.now());
    this.at = clock.monotonic();
    onSample();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#turn = Number.POSITIVE_INFINITY;
    this.#options.machine.stop();
  }
}

/** Every figure is there, and is a number. */
function whole(sample: Partial<PerfMetrics>, now: number): PerfMetrics {
  const of = (key: keyof PerfMetrics): number => {
    const value = sample[key];
    return typeof value === 'number' && Number.isFinite(value) ? value : 0;
  };
  const gpus = Object.freeze([...(sample.gpus ?? [])]);
  return Object.freeze({
    ...{ ok: sample.ok === true, cpu: of('cpu'), mem: of('mem') },
    ...{ mem_used_mb: of('mem_used_mb'), mem_total_mb: of('mem_total_mb') },
    ...{ gpus, first_gpu: sample.first_gpu ?? gpus[0] ?? null },
    ...{ disk: of('disk'), disk_used_gb: of('disk_used_gb'), disk_total_gb: of('disk_total_gb') },
    ...{ loop_delay_ms: of('loop_delay_ms'), loop_utilization: of('loop_utilization') },
    timestamp: sample.timestamp ?? new Date(now).toISOString().replace('Z', '+00:00'),
  });
}

import { checkMetrics } from '@plimsoll/wire';
import type { Clock } from '../../base/clock.ts';
import { PlimsollError } from '../../base/errors.ts';
import { Heartbeat } from './heartbeat.ts';
import type { Clean } from './outcome.ts';
import { Probe } from './probe.ts';
import type { CheckFn, CheckOptions, CheckResult, Finding, Health } from './types.ts';

/** The slice of the metrics that checks need; siblings don't import each other. */
export interface CheckMetrics {
  gauge(name: string, options: { help: string }): { handle(): { set(value: number): void } };
  summary(
    name: string,
    options: { help: string; unit: string },
  ): { handle(): { observe(value: number): void } };
}

export interface HealthOptions {
  /** Milliseconds between two calls of a check; the options `health.intervalMs` and `health.timeoutMs`. */
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly metrics: CheckMetrics;
  /** A check began to fail, or fails in another way. The text may hold what a driver said: for the log only. */
  readonly onFailure?: (name: string, text: string) => void;
  /** Cleans text values that a check returns beside `ok`. */
  readonly clean?: Clean;
}

type Ready = ReturnType<Health['ready']>;

/** Checks that run in the background; whoever asks reads the last results and causes no work. */
export function createHealth(options: HealthOptions): Health {
  return new BackgroundHealth(options);
}

class BackgroundHealth implements Health {
  draining = false;
  readonly #options: HealthOptions;
  readonly #probes = new Map<string, Probe>();
  readonly #findings = new Map<string, Finding>();
  readonly #heartbeat: Heartbeat;
  #started = false;
  #timer: NodeJS.Timeout | undefined;
  #timerDue = Number.POSITIVE_INFINITY;
  #ready: Ready | undefined;

  constructor(options: HealthOptions) {
    this.#options = options;
    this.#heartbeat = new Heartbeat(options.intervalMs);
  }

  check(name: string, fn: CheckFn, options: CheckOptions = {}): () => void {
    if (this.#probes.has(name)) throw new PlimsollError('PLIMSOLL_DUPLICATE_CHECK', name);
    const probe = this.#probe(name, fn, options);
    this.#probes.set(name, probe);
    this.#ready = undefined;
    if (this.#started) this.#start(probe, false);
    return () => {
      if (this.#probes.get(name) !== probe) return;
      this.#probes.delete(name);
      this.#ready = undefined;
      probe.remove();
    };
  }

  finding(finding: Finding): void {
    this.#findings.set(`${finding.field}\0${finding.code}`, Object.freeze({ ...finding }));
  }

  findings(): readonly Finding[] {
    return [...this.#findings.values()];
  }

  ready(): Ready {
    this.#ready ??= this.#summarise();
    return this.#ready;
  }

  report(): ReturnType<Health['report']> {
    const now = this.#options.clock.monotonic();
    const entries = [...this.#probes].map(([name, { shown, checkedAt }]) => {
      const age_ms = checkedAt === undefined ? null : Math.max(0, Math.round(now - checkedAt));
      return [name, { ...shown, age_ms }] as const;
    });
    const report = Object.fromEntries(entries);
    const beat = this.#started ? this.#heartbeat.read(now) : undefined;
    return beat && !this.#probes.has('event_loop') ? { ...report, event_loop: beat } : report;
  }

  async start(): Promise<void> {
    const first = !this.#started;
    this.#started = true;
    const now = this.#options.clock.monotonic();
    if (first) this.#heartbeat.start(now);
    const round = [...this.#probes.values()].filter(({ shown, running }) => running || isPending(shown));
    await Promise.all(round.map(probe => this.#start(probe, true)));
    if (this.#started) this.#arm(this.#heartbeat.due);
  }

  stop(): void {
    this.#started = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerDue = Number.POSITIVE_INFINITY;
  }

  #probe(name: string, fn: CheckFn, options: CheckOptions): Probe {
    const { metrics, clock, onFailure, clean = own => own } = this.#options;
    const rows = options.metric ? checkMetrics(name) : undefined;
    return new Probe({
      name,
      fn,
      timeoutMs: options.timeoutMs ?? this.#options.timeoutMs,
      intervalMs: options.intervalMs ?? this.#options.intervalMs,
      critical: options.critical ?? true,
      ...(rows && {
        up: metrics.gauge(rows.up.name, { help: rows.up.help }).handle(),
        latency: metrics
          .summary(rows.latency.name, { help: rows.latency.help, unit: rows.latency.unit })
          .handle(),
      }),
      monotonic: () => clock.monotonic(),
      clean,
      onChange: () => {
        this.#ready = undefined;
      },
      onFailure: text => onFailure?.(name, text),
    });
  }

  /** The first call; the next comes at a point of the interval that is this check's own, so that rounds spread out. */
  #start(probe: Probe, holdProcess: boolean): Promise<void> {
    const place = [...this.#probes.values()].indexOf(probe);
    const phase = (1 + place * GOLDEN) % 1;
    probe.due = this.#options.clock.monotonic() + probe.options.intervalMs * (0.5 + phase / 2);
    this.#arm(probe.due);
    return probe.run(holdProcess);
  }

  /** One timer for all checks, set to the next that is due. It never keeps the process alive. */
  #arm(due: number): void {
    if (due >= this.#timerDue) return;
    clearTimeout(this.#timer);
    this.#timerDue = due;
    // Whole: one fraction among Node's timeouts makes every socket's dearer.
    const wait = Math.min(TIMER_MAX_MS, Math.max(1, Math.ceil(due - this.#options.clock.monotonic())));
    this.#timer = setTimeout(() => this.#tick(), wait);
    this.#timer.unref();
  }

  #tick(): void {
    const now = this.#options.clock.monotonic();
    this.#timerDue = Number.POSITIVE_INFINITY;
    this.#heartbeat.beat(now);
    let next = this.#heartbeat.due;
    for (const probe of this.#probes.values()) {
      if (probe.due <= now) {
        if (!probe.running) void probe.run(false);
        probe.due = now + probe.wait();
      }
      next = Math.min(next, probe.due);
    }
    this.#arm(next);
  }

  #summarise(): Ready {
    const critical = [...this.#probes].filter(([, probe]) => probe.options.critical);
    const checks = Object.fromEntries(critical.map(([name, probe]) => [name, probe.shown]));
    return Object.freeze({
      ok: critical.every(([, probe]) => probe.shown.ok),
      checks: Object.freeze(checks),
    });
  }
}

/** A longer timer would fire at once. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** Multiples of it never bunch up on the unit interval. */
const GOLDEN = 0.6180339887498949;

function isPending(result: CheckResult): boolean {
  return !result.ok && result.error === 'pending';
}

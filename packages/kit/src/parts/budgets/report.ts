import { BUDGET_METRICS, type BudgetJob, type Decision, type PerfMetrics } from '@plimsoll/wire';
import type { Kit } from '../../kernel/part.ts';
import { eventBus } from '../../kernel/ports.ts';
import { declare } from '../../signals/metrics/declare.ts';

const EVENT = 'on_perf_budget_state';
/** A line, a record and a hook tell of all that was delayed or shed since the ones before. */
const EVERY_MS = 1000;

const ENDS: ReadonlySet<string> = new Set(['complete', 'canceled', 'error']);

type Of = 'jobs' | 'requests';
interface Unsaid {
  count: number;
  saidAt: number;
  decision: Decision | undefined;
}

/** Says the same decision everywhere: metric at once, line, record and hook at most once a second. */
export class Report {
  readonly #kit: Kit;
  readonly #log: Kit['log'];
  readonly #unsaid: Readonly<Record<Of, Unsaid>> = { jobs: unsaid(), requests: unsaid() };
  readonly #delayed;
  readonly #shed;
  readonly #position;
  readonly #retryAfter;
  readonly #finished;
  readonly #evicted;

  constructor(kit: Kit) {
    this.#kit = kit;
    this.#log = kit.log.named('plimsoll.budgets');
    this.#delayed = declare(kit.metrics, BUDGET_METRICS.delayed);
    this.#shed = declare(kit.metrics, BUDGET_METRICS.shed);
    this.#position = declare(kit.metrics, BUDGET_METRICS.position);
    this.#retryAfter = declare(kit.metrics, BUDGET_METRICS.retryAfter);
    this.#finished = declare(kit.metrics, BUDGET_METRICS.finished);
    this.#evicted = declare(kit.metrics, BUDGET_METRICS.evicted);
  }

  /** A hook of the bus, which redacts it. Call it when what changed is whole: a listener may come back. */
  hook(trigger: string, payload: Readonly<Record<string, unknown>>): void {
    eventBus(this.#kit)?.emit(EVENT, { trigger, payload, timestamp: this.#kit.clock.now() / 1000 });
  }

  delayed(decision: Decision, budget: string): void {
    this.#delayed.inc({ budget });
    this.#note('jobs', decision);
  }

  shed(decision: Decision, budget: string): void {
    this.#shed.inc({ queue_state: decision.queue_state, budget });
    this.#note('requests', decision);
  }

  finished(payload: {
    readonly job: BudgetJob;
    readonly status: string;
    readonly metrics: PerfMetrics;
  }): void {
    // A host may end a job with any word.
    this.#finished.inc({ status: ENDS.has(payload.status) ? payload.status : 'other' });
    this.hook('job.finished', payload);
  }

  evicted(assets: readonly { readonly size_mb: number }[]): void {
    const freed = assets.reduce((sum, { size_mb }) => sum + size_mb, 0);
    this.#evicted.inc(freed);
    this.hook('asset.evicted', { assets, freed_mb: freed });
  }

  /** What was held back because something was said a moment ago. */
  flush(): void {
    for (const kind of ['jobs', 'requests'] as const) if (this.#unsaid[kind].count > 0) this.#say(kind);
  }

  #note(of: Of, decision: Decision): void {
    const unsaid = this.#unsaid[of];
    unsaid.count += 1;
    unsaid.decision = decision;
    this.#say(of);
  }

  #say(of: Of): void {
    const unsaid = this.#unsaid[of];
    const now = this.#kit.clock.monotonic();
    if (now - unsaid.saidAt < EVERY_MS || unsaid.decision === undefined) return;
    const { queue_state, reasons, position, retry_after_ms } = unsaid.decision;
    const { count } = unsaid;
    const said = { queue_state, reasons, position, retry_after_ms, count };
    unsaid.count = 0;
    unsaid.saidAt = now;
    this.#position.set({ of }, position);
    this.#retryAfter.set({ of }, (retry_after_ms ?? 0) / 1000);
    this.#log.warn(said, of === 'jobs' ? 'jobs_delayed' : 'requests_shed');
    this.#kit.emit(
      Object.freeze({
        ...{ kind: 'breach', time: this.#kit.clock.now(), of, queueState: 'delayed', reasons },
        ...{ position, retryAfterMs: retry_after_ms ?? 0, count },
      }),
    );
    // Of a job there is a hook already, with the job.
    if (of === 'requests') this.hook('requests.shed', said);
  }
}

const unsaid = (): Unsaid => ({ count: 0, saidAt: Number.NEGATIVE_INFINITY, decision: undefined });

import type {
  AllLimits,
  BudgetJob,
  BudgetSnapshot,
  JobAnnotation,
  JobDecision,
  JobInput,
  LimitChanges,
  Transition,
} from '@plimsoll/wire';
import type { Kit } from '../../kernel/part.ts';
import { Assets } from './assets.ts';
import type { BudgetAssets, BudgetCalls, RunOptions, Sampler, Verdict } from './gate.ts';
import { guardsOver } from './guards.ts';
import { type Job, Jobs } from './jobs.ts';
import { Limits, ofLoop, seven } from './limits.ts';
import { Machine } from './machine.ts';
import { Report } from './report.ts';
import { Runs } from './runs.ts';
import { Sampling } from './sampling.ts';
import { Shed } from './shed.ts';
import { snapshotOf } from './views.ts';

/** All of the budgets of one kit; every change is whole before a listener hears of it. */
export class Desk implements BudgetCalls {
  readonly #kit: Kit;
  readonly #report: Report;
  readonly limits: Limits;
  readonly jobs: Jobs;
  readonly lazy: Assets;
  readonly shedding: Shed;
  readonly sampling: Sampling;
  readonly guards: BudgetCalls['guards'];
  readonly #runs: Runs;
  readonly #waited: (ms: number) => void;
  #refreshed = Number.NEGATIVE_INFINITY;
  /** Seconds since the Unix epoch; 0 before the first. */
  lastEvaluation = 0;

  constructor(kit: Kit, waited: (ms: number) => void) {
    const { clock } = kit;
    this.#kit = kit;
    this.#waited = waited;
    this.#report = new Report(kit);
    this.limits = new Limits(kit);
    const now = () => ({ limits: this.limits.all, metrics: this.sampling.metrics });
    const onError = (err: unknown): void =>
      kit.log.named('plimsoll.budgets').warn({ err }, 'budget_callback_failed');
    this.jobs = new Jobs({ clock, now });
    this.shedding = new Shed({
      now: () => clock.monotonic(),
      requestId: () => kit.context.current()?.requestId,
      mark: () => {
        const context = kit.context.current();
        if (context !== undefined) context.refused = true;
      },
      tell: (verdict, budget) => this.#report.shed(verdict, budget),
    });
    this.guards = guardsOver(this.shedding, () => clock.monotonic());
    this.lazy = new Assets({
      ...{ clock, onError },
      evicted: assets => this.#report.evicted(assets),
    });
    this.sampling = new Sampling({
      ...{ clock, onError, everyMs: kit.config.get('perf.sampleMs') },
      machine: new Machine({ folder: kit.config.base || '.' }),
      onSample: () => this.#sampled(),
    });
    this.#runs = new Runs({
      ...{ clock, now, jobs: this.jobs, sampled: () => this.sampling.at },
      tell: (what, job, waitedMs) => this.#tell(what, job, waitedMs),
    });
  }

  run<R>(name: string, options: RunOptions, fn: (signal: AbortSignal | undefined) => R): Promise<Awaited<R>> {
    return this.#runs.run(name, options, fn);
  }

  shed(): Verdict | undefined {
    return this.shedding.look();
  }

  register(input: JobInput): JobDecision {
    const job = this.jobs.register(input);
    const decision = this.#decide(job);
    this.#told(job);
    return decision;
  }

  start(jobId: string): BudgetJob | undefined {
    const found = this.jobs.start(jobId);
    if (found === undefined) return undefined;
    const job = this.jobs.view(found.job);
    if (found.started) this.#report.hook('job.started', { job });
    return job;
  }

  finish(
    jobId: string,
    { status = 'complete', reason = null }: { status?: string; reason?: string | null } = {},
  ): BudgetJob | undefined {
    // `run` ends what it started.
    const known = this.jobs.get(jobId);
    if (known === undefined || known.managed) return known && this.jobs.view(known);
    const ended = this.jobs.finish(jobId, status, reason) as Job;
    const job = this.jobs.view(ended);
    this.#runs.pump();
    this.#report.finished({ job, metrics: this.sampling.metrics, status });
    return job;
  }

  refresh(): readonly Transition[] {
    const now = this.#kit.clock.monotonic();
    const { evaluation_interval: interval } = this.limits.all;
    if (now - this.#refreshed < interval * 1000 && this.jobs.lists.delayed.size > 0) return [];
    this.#refreshed = now;
    this.lastEvaluation = this.#kit.clock.now() / 1000;
    this.#trim();
    this.#runs.pump();
    const transitions = this.jobs.refresh().map(job => this.jobs.transition(job));
    if (transitions.length > 0) {
      this.#report.hook('queue.refreshed', { transitions, metrics: this.sampling.metrics });
    }
    return transitions;
  }

  annotate(input: JobInput): JobAnnotation {
    return annotation(this.register(input));
  }

  annotation(jobId: string): JobAnnotation {
    this.refresh();
    const job = this.jobs.get(jobId);
    return job === undefined ? {} : annotation(this.#decide(job));
  }

  async apply(changes: LimitChanges): Promise<AllLimits> {
    return this.#changed(this.limits.apply(changes));
  }

  async reset(): Promise<AllLimits> {
    return this.#changed(this.limits.reset());
  }

  snapshot(): BudgetSnapshot {
    this.#trim();
    return snapshotOf(this);
  }

  readonly assets: BudgetAssets = {
    register: asset => {
      const sized = this.lazy.register(asset);
      this.#report.hook('asset.registered', { asset: { ...sized, metadata: { ...asset.metadata } } });
    },
    touch: id => this.lazy.touch(id) !== undefined,
    evict: targetMb => this.lazy.evict(targetMb),
    onUnload: unload => this.lazy.onUnload(unload),
  };

  sampler(sampler: Sampler | undefined): Promise<void> {
    return this.sampling.use(sampler);
  }

  sample(): Promise<void> {
    return this.sampling.take();
  }

  close(error: Error | undefined): void {
    this.sampling.stop();
    this.#report.flush();
    this.#runs.close(error);
  }

  async #changed(set: Promise<AllLimits>): Promise<AllLimits> {
    // In force at once, whatever the disk says.
    this.#runs.pump();
    const all = await set;
    this.#report.hook('limits.updated', { limits: seven(all), loop_limits: ofLoop(all) });
    return all;
  }

  #sampled(): void {
    this.shedding.sampled(this.sampling.metrics, this.limits.all);
    this.#report.flush();
    this.#runs.pump();
  }

  #trim(): void {
    const { metrics, at } = this.sampling;
    this.lazy.trim({ metrics, at, limits: this.limits.all });
  }

  #decide(job: Job): JobDecision {
    const checks = job.over.map(({ reason: _reason, ...check }) => check);
    return {
      ...this.jobs.decision(job),
      ...{ reason: job.reason, checks: job.status === 'delayed' ? checks : [] },
      metrics: this.sampling.metrics,
      ...{ limits: seven(this.limits.all), loop_limits: ofLoop(this.limits.all) },
    };
  }

  #told(job: Job): void {
    const decision = this.#decide(job);
    const { queue_state, reason, reasons, position, retry_after_ms, metrics } = decision;
    if (queue_state === 'delayed') this.#report.delayed(decision, job.over[0]?.budget ?? 'order');
    const told = { queue_state, reason, reasons, position, retry_after_ms, metrics };
    this.#report.hook('job.registered', { job: this.jobs.view(job), ...told });
  }

  #tell(what: 'registered' | 'started' | 'finished', job: Job, waitedMs: number): void {
    const { metrics } = this.sampling;
    if (what === 'registered') this.#told(job);
    else if (what === 'finished') {
      this.#report.finished({ job: this.jobs.view(job), metrics, status: job.status });
    } else {
      this.#waited(waitedMs);
      this.#report.hook('job.started', { job: this.jobs.view(job) });
    }
  }
}

function annotation(decision: JobDecision): JobAnnotation {
  const { loop_limits: _loop, checks: _checks, ...budget } = decision;
  const { queue_state: status } = decision;
  return { ...((status === 'queued' || status === 'delayed') && { status }), budget };
}

import type { Requirements } from '@plimsoll/wire';
import type { Clock } from '../../base/clock.ts';
import { PlimsollError } from '../../base/errors.ts';
import { evaluate, type Over, requirementsOf, type Situation } from './evaluate.ts';
import { FairQueue } from './fair-queue.ts';
import type { RunOptions } from './gate.ts';
import type { Job, Jobs } from './jobs.ts';

export interface RunsOptions {
  readonly clock: Clock;
  readonly jobs: Jobs;
  readonly now: () => Pick<Situation, 'limits' | 'metrics'>;
  /** Monotonic time of the newest sample: what started later is in no sample yet. */
  readonly sampled: () => number;
  readonly tell: (what: 'registered' | 'started' | 'finished', job: Job, waitedMs: number) => void;
}

interface Waiting {
  readonly job: Job;
  readonly key: string;
  readonly priority: number;
  readonly since: number;
  /** Null once it may start. */
  readonly settle: (error: Error | null) => void;
  gone: boolean;
}

const QUEUED_BEHIND = 'waits for its turn';

/** Starts jobs when the budgets allow it: never one more than may run, in the order of the queue, none forgotten. */
export class Runs {
  readonly #options: RunsOptions;
  readonly #queue = new FairQueue<Waiting>();
  #waiting = 0;
  #count = 0;
  #open = true;
  /** Jobs that run and that no sample shows yet. */
  readonly #young = new Set<Job>();

  constructor(options: RunsOptions) {
    this.#options = options;
  }

  async run<R>(
    name: string,
    options: RunOptions,
    fn: (signal: AbortSignal | undefined) => R,
  ): Promise<Awaited<R>> {
    const { jobs, tell } = this.#options;
    const requirements = requirementsOf(options.perf);
    if (options.signal?.aborted) throw canceled(options.signal);
    this.#mustFit(requirements);
    if (options.wait === false) this.#mustStart(requirements);
    this.#count += 1;
    const job = jobs.add(`run-${this.#count}`, name, requirements);
    await this.#admitted(job, options);
    try {
      const result = await fn(options.signal);
      this.#finish(job, 'complete');
      return result;
    } catch (error) {
      this.#finish(job, options.signal?.aborted ? 'canceled' : 'error');
      throw error;
    } finally {
      tell('finished', job, 0);
      this.pump();
    }
  }

  /** Starts what may start now. */
  pump(): void {
    for (let next = this.#queue.peek(); next !== undefined; next = this.#queue.peek()) {
      const over = this.#open ? this.#over(next.job.requirements) : [];
      if (over.length > 0) {
        next.job.over = over;
        next.job.reason = over[0]?.reason ?? null;
        return;
      }
      this.#queue.shift();
      next.settle(null);
    }
  }

  /** What waits runs, as if there were no budgets; or is refused, where the process ends. */
  close(error: Error | undefined): void {
    this.#open = false;
    if (error === undefined) this.pump();
    else this.#refuseAll(error);
  }

  #refuseAll(error: Error): void {
    for (let next = this.#queue.peek(); next !== undefined; next = this.#queue.peek()) {
      this.#queue.shift();
      next.settle(error);
    }
  }

  #admitted(job: Job, options: RunOptions): Promise<void> | undefined {
    const { jobs, clock, tell } = this.#options;
    const over = this.#waiting > 0 ? [] : this.#over(job.requirements);
    const starts = this.#waiting === 0 && over.length === 0;
    // It stands in a list before anybody is told: a listener may ask.
    jobs.move(job, starts ? 'running' : 'delayed', over);
    if (!starts) job.reason ??= QUEUED_BEHIND;
    tell('registered', job, 0);
    if (starts) return void this.#started(job, 0);
    const { key = '', priority = 0, signal, deadline } = options;
    this.#waiting += 1;
    return new Promise<void>((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        this.#waiting -= 1;
      };
      const waiting: Waiting = {
        ...{ job, key, priority, since: clock.monotonic(), gone: false },
        settle: error => {
          if (waiting.gone) return;
          waiting.gone = true;
          stop();
          if (error !== null) return reject(this.#refused(job, error));
          jobs.move(job, 'running');
          this.#started(job, clock.monotonic() - waiting.since);
          resolve();
        },
      };
      const abort = (): void => waiting.settle(canceled(signal as AbortSignal));
      const late = (): void => waiting.settle(new PlimsollError('PLIMSOLL_BUDGET_DEADLINE', job.type));
      const ms = deadline instanceof Date ? deadline.getTime() - clock.now() : deadline;
      const timer = ms === undefined ? undefined : setTimeout(late, Math.max(0, Math.ceil(ms)));
      signal?.addEventListener('abort', abort, { once: true });
      this.#queue.push(waiting);
    });
  }

  #started(job: Job, waitedMs: number): void {
    this.#young.add(job);
    this.#options.tell('started', job, waitedMs);
  }

  #finish(job: Job, status: string): void {
    this.#young.delete(job);
    this.#options.jobs.finish(job.id, status, null);
  }

  /** The head of the queue may be free to go now, and who was refused was in its way. */
  #refused(job: Job, error: Error): Error {
    const status = (error as { code?: string }).code === 'PLIMSOLL_BUDGET_CANCELED' ? 'canceled' : 'error';
    this.#options.jobs.finish(job.id, status, error.message);
    this.#options.tell('finished', job, 0);
    queueMicrotask(() => this.pump());
    return error;
  }

  /** What asks for more than a whole budget would stand at the head of the queue for ever. */
  #mustFit({ cpu_percent, ram_mb, vram_mb }: Requirements): void {
    const { max_cpu_percent, max_mem_mb, max_vram_mb } = this.#options.now().limits;
    const fits = (wanted: number, limit: number): boolean => limit === 0 || wanted <= limit;
    if (fits(cpu_percent, max_cpu_percent) && fits(ram_mb, max_mem_mb) && fits(vram_mb, max_vram_mb)) return;
    throw new PlimsollError('PLIMSOLL_BUDGET_OVER', 'it asks for more than a whole budget');
  }

  #mustStart(requirements: Requirements): void {
    const over = this.#waiting > 0 ? [] : this.#over(requirements);
    if (this.#waiting === 0 && over.length === 0) return;
    const position = this.#waiting + 1;
    const reasons = over.length > 0 ? over.map(one => one.reason) : [QUEUED_BEHIND];
    const decision = {
      ...{ queue_state: 'delayed', reasons, position },
      retry_after_ms: this.#options.jobs.retryMs({ over }, position),
    };
    throw Object.assign(new PlimsollError('PLIMSOLL_BUDGET_OVER', reasons[0]), decision);
  }

  #over(requirements: Requirements): readonly Over[] {
    const { jobs, now } = this.#options;
    const { running, queued } = jobs.lists;
    const ahead = running.size + queued.size;
    return evaluate(requirements, { ...now(), ahead, taken: jobs.taken(), reserved: this.#reserved() });
  }

  #reserved(): Requirements {
    const sum = { cpu_percent: 0, ram_mb: 0, vram_mb: 0 };
    const sampled = this.#options.sampled();
    for (const job of this.#young) {
      if (job.since < sampled) {
        this.#young.delete(job);
        continue;
      }
      sum.cpu_percent += job.requirements.cpu_percent;
      sum.ram_mb += job.requirements.ram_mb;
      sum.vram_mb += job.requirements.vram_mb;
    }
    return sum;
  }
}

function canceled(signal: AbortSignal): PlimsollError {
  return new PlimsollError('PLIMSOLL_BUDGET_CANCELED', undefined, { cause: signal.reason });
}

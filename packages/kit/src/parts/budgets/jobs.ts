import type { BudgetJob, Decision, JobInput, Requirements, Transition } from '@plimsoll/wire';
import type { Clock } from '../../base/clock.ts';
import { PlimsollError } from '../../base/errors.ts';
import { evaluate, type Over, requirementsOf, type Situation } from './evaluate.ts';

export type QueueState = 'queued' | 'delayed' | 'running';

export interface Job {
  readonly id: string;
  type: string;
  status: string;
  reason: string | null;
  over: readonly Over[];
  readonly submittedAt: number;
  lastTransition: number;
  /** Monotonic, of the last transition. */
  since: number;
  requirements: Requirements;
  /** Started and ended by `run`, which keeps its own order. */
  readonly managed: boolean;
}

export interface JobsOptions {
  readonly clock: Clock;
  /** What is the same for every job that is looked at now. */
  readonly now: () => Pick<Situation, 'limits' | 'metrics'>;
}

/** Ended jobs that can still be asked for. */
const KEPT = 256;
/** Jobs that wait or run, at most: each is some hundred bytes that only a finish gives back. */
const AT_MOST = 50_000;
/** A queued job that nobody started for so long holds no place any more; whoever registered it may be gone. */
const RESERVED_MS = 60_000;
const MAX_RETRY_MS = 60_000;

/** Who waits, in which order, and who runs. Nothing is told to others from here: a listener may come back. */
export class Jobs {
  readonly #options: JobsOptions;
  readonly #jobs = new Map<string, Job>();
  readonly lists: Readonly<Record<QueueState, Set<string>>> = {
    ...{ queued: new Set(), delayed: new Set(), running: new Set() },
  };
  #ended: string[] = [];
  /** Milliseconds that a job runs, of late. */
  #duration = 0;
  seen = 0;

  constructor(options: JobsOptions) {
    this.#options = options;
  }

  get(id: string): Job | undefined {
    return this.#jobs.get(id);
  }

  get size(): number {
    const { queued, delayed, running } = this.lists;
    return queued.size + delayed.size + running.size;
  }

  /** A job of whoever asks: it is evaluated before it stands in a list, so that it does not count itself. */
  register({ job_id: id, job_type: type, payload }: JobInput): Job {
    const known = this.#jobs.get(id);
    const waits = known !== undefined && this.#listOf(known) !== undefined;
    const perf = payload?.perf;
    const requirements = perf === undefined && waits ? known.requirements : requirementsOf(perf);
    const job = waits ? known : this.#add(id, { type: type ?? 'generic', requirements, managed: false });
    if (type !== undefined) job.type = type;
    job.requirements = requirements;
    if (job.status !== 'running' && !job.managed) this.#evaluate(job);
    return job;
  }

  /** A job of `run`: it waits where `run` says, and shows as delayed until it starts. */
  add(id: string, type: string, requirements: Requirements): Job {
    return this.#add(id, { type, requirements, managed: true });
  }

  move(job: Job, to: QueueState, over: readonly Over[] = []): void {
    this.#listOf(job)?.delete(job.id);
    this.lists[to].add(job.id);
    this.#transit(job, to, over[0]?.reason ?? null);
    job.over = over;
  }

  /** A delayed job may be started too: caps are soft for those who start for themselves. */
  start(id: string): { job: Job; started: boolean } | undefined {
    const job = this.#jobs.get(id);
    if (job === undefined) return undefined;
    const started = !job.managed && (job.status === 'queued' || job.status === 'delayed');
    if (started) this.move(job, 'running');
    return { job, started };
  }

  finish(id: string, status: string, reason: string | null): Job | undefined {
    const job = this.#jobs.get(id);
    if (job === undefined) return undefined;
    const list = this.#listOf(job);
    if (list === this.lists.running) this.#learn(this.#options.clock.monotonic() - job.since);
    if (list?.delete(id)) this.#keep(id);
    job.over = [];
    this.#transit(job, status, reason);
    return job;
  }

  /** Looks at every delayed job that is not managed, in order. */
  refresh(): readonly Job[] {
    const jobs: Job[] = [];
    for (const id of [...this.lists.delayed]) {
      const job = this.#jobs.get(id) as Job;
      if (!job.managed) this.#evaluate(job);
      jobs.push(job);
    }
    return jobs;
  }

  /** Places that are taken: jobs that run, and jobs that were just told that they may. */
  taken(except?: Job): number {
    const since = this.#options.clock.monotonic() - RESERVED_MS;
    let taken = this.lists.running.size;
    for (const id of this.lists.queued) {
      if (id !== except?.id && (this.#jobs.get(id) as Job).since > since) taken += 1;
    }
    return taken;
  }

  view({ id, type, status, reason, submittedAt, lastTransition, requirements }: Job): BudgetJob {
    const times = { submitted_at: submittedAt, last_transition: lastTransition };
    return Object.freeze({ id, type, status, reason, ...times, requirements });
  }

  views(): readonly BudgetJob[] {
    return [...this.#jobs.values()].map(job => this.view(job));
  }

  decision(job: Job): Decision {
    const position = this.#position(job);
    return {
      queue_state: job.status,
      reasons:
        job.status === 'delayed' && job.over.length > 0 ? job.over.map(one => one.reason) : some(job.reason),
      position,
      retry_after_ms: job.status === 'delayed' ? this.retryMs(job, position) : null,
    };
  }

  transition(job: Job): Transition {
    return { job: this.view(job), ...this.decision(job), reason: job.reason };
  }

  retryMs({ over }: Pick<Job, 'over'>, position: number): number {
    const { evaluation_interval: interval, max_running_jobs: cap } = this.#options.now().limits;
    const first = over[0]?.budget;
    const turns = first === 'jobs' || first === 'queue' ? position / Math.max(1, cap) : 0;
    return Math.ceil(Math.min(MAX_RETRY_MS, Math.max(interval * 1000, turns * this.#duration)));
  }

  #add(id: string, more: Pick<Job, 'type' | 'requirements' | 'managed'>): Job {
    if (this.size >= AT_MOST) throw new PlimsollError('PLIMSOLL_BUDGET_FULL');
    const now = this.#options.clock.now() / 1000;
    const since = this.#options.clock.monotonic();
    const job: Job = {
      ...{ id, ...more, status: 'registered', reason: null, over: [] },
      ...{ submittedAt: now, lastTransition: now, since },
    };
    this.#jobs.delete(id);
    this.#jobs.set(id, job);
    this.seen += 1;
    return job;
  }

  #evaluate(job: Job): void {
    const ahead = this.#ahead(job);
    const over = evaluate(job.requirements, { ...this.#options.now(), ahead, taken: this.taken(job) });
    const state = over.length > 0 ? 'delayed' : 'queued';
    // A job that stays where it is keeps its place.
    if (job.status === state) {
      job.over = over;
      job.reason = over[0]?.reason ?? null;
    } else this.move(job, state, over);
  }

  /** A new job stands behind all others; a delayed one must not count itself and those behind it, or never leave. */
  #ahead(job: Job): number {
    const { queued, delayed, running } = this.lists;
    if (job.status === 'queued') return running.size + indexOf(queued, job.id);
    const before = running.size + queued.size;
    return before + (job.status === 'delayed' ? indexOf(delayed, job.id) : delayed.size);
  }

  #position(job: Job): number {
    const { queued, delayed } = this.lists;
    if (job.status === 'queued') return indexOf(queued, job.id) + 1;
    return job.status === 'delayed' ? queued.size + indexOf(delayed, job.id) + 1 : 0;
  }

  #listOf({ id, status }: Job): Set<string> | undefined {
    const list = Object.hasOwn(this.lists, status) ? this.lists[status as QueueState] : undefined;
    return list?.has(id) ? list : undefined;
  }

  #transit(job: Job, status: string, reason: string | null): void {
    job.status = status;
    job.reason = reason;
    job.lastTransition = this.#options.clock.now() / 1000;
    job.since = this.#options.clock.monotonic();
  }

  #keep(id: string): void {
    this.#ended.push(id);
    if (this.#ended.length < KEPT * 2) return;
    for (const old of this.#ended.slice(0, KEPT)) {
      const job = this.#jobs.get(old);
      if (job !== undefined && this.#listOf(job) === undefined) this.#jobs.delete(old);
    }
    this.#ended = this.#ended.slice(KEPT);
  }

  #learn(ms: number): void {
    this.#duration = this.#duration === 0 ? ms : this.#duration + (ms - this.#duration) / 8;
  }
}

function indexOf(list: ReadonlySet<string>, id: string): number {
  let at = 0;
  for (const one of list) {
    if (one === id) return at;
    at += 1;
  }
  return at;
}

const some = (reason: string | null): readonly string[] => (reason === null ? [] : [reason]);

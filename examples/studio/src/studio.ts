import type { Obs } from 'plimsoll';
import type { Advisory } from './export/advisory.ts';
import type { Policy } from './export/policy.ts';
import type { Settings } from './settings.ts';

/** Who is told what happens in a scene, in an export: the hook bus. */
export interface Events {
  emit(event: string, data: Readonly<Record<string, unknown>>): unknown;
}

/** Who decides whether a job may be queued now: the budgets. Absent, jobs are not annotated. */
export interface JobBudget {
  /** Undefined while budgets are off. */
  register(job: JobTicket): Promise<JobDecision | undefined>;
  /** The decisions that have changed since, by job id. */
  refresh(): Promise<ReadonlyMap<string, JobDecision>>;
}

export interface JobTicket {
  readonly id: string;
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface JobDecision {
  readonly status: 'queued' | 'delayed' | 'running';
  /** The answer of the budgets, as clients read it. */
  readonly budget: Readonly<Record<string, unknown>>;
}

/** What every route of studio is handed. */
export interface Studio {
  readonly obs: Obs;
  readonly settings: Settings;
  readonly events: Events;
  readonly policy: Policy;
  readonly advisory: Advisory;
  readonly budget: JobBudget | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

import type { Obs } from 'plimsoll';
import type { Advisory } from './export/advisory.ts';
import type { Policy } from './export/policy.ts';
import type { Settings } from './settings.ts';

/** Who decides whether a job may be queued now: the budgets. */
export interface JobBudget {
  /** Takes the job, and gives what is added to its answer: `status` and `budget`, or nothing while budgets are off. */
  annotate(job: JobTicket): object;
  /** The same for a job that was taken, as things are now. */
  annotation(jobId: string): object;
}

export interface JobTicket {
  readonly job_id: string;
  readonly job_type: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** What every route of studio is handed. */
export interface Studio {
  readonly obs: Obs;
  readonly settings: Settings;
  readonly policy: Policy;
  readonly advisory: Advisory;
  readonly budget: JobBudget;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

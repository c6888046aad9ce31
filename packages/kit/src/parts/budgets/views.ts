import type { Privacy } from '@plimsoll/privacy';
import type { BudgetJob, BudgetSnapshot } from '@plimsoll/wire';
import type { Desk } from './desk.ts';
import { ofLoop, seven } from './limits.ts';

export function snapshotOf({ limits, jobs, lazy, shedding, sampling }: Desk): BudgetSnapshot {
  const { queued, delayed, running } = jobs.lists;
  const doors = shedding.doors();
  const { queue_state, reasons, position, retry_after_ms } = shedding.last;
  return {
    ...{ limits: seven(limits.all), loop_limits: ofLoop(limits.all), metrics: sampling.metrics },
    jobs: jobs.views(),
    ...{ queued_ids: [...queued], delayed_ids: [...delayed], running_ids: [...running] },
    assets: lazy.views(),
    shed: {
      in_flight: doors.reduce((sum, { limiter }) => sum + limiter.inFlight, 0),
      limit:
        doors.length === 0 ? null : doors.reduce((sum, { limiter }) => sum + Math.floor(limiter.limit), 0),
      total: shedding.total,
      ...{ queue_state, reasons, position, retry_after_ms },
    },
  };
}

export function healthOf({ limits, jobs, lazy, sampling, lastEvaluation }: Desk) {
  const { queued, delayed, running } = jobs.lists;
  const queue = { queued: queued.size, delayed: delayed.size, running: running.size };
  return {
    ...{ limits: seven(limits.all), loop_limits: ofLoop(limits.all) },
    ...{ queue: { ...queue, seen_jobs: jobs.seen }, assets: lazy.counts },
    ...{ last_evaluation: lastEvaluation, metrics: sampling.metrics },
  };
}

export type Shown = ReturnType<typeof shownBy>;

/**
 * Jobs and assets as answers show them. Ids come back as they were given, since who asks names the job by them; what
 * else a caller said of it is under the policy.
 */
export function shownBy(privacy: Privacy) {
  const job = ({ type, status, reason, ...rest }: BudgetJob): BudgetJob => ({
    ...rest,
    type: privacy.text(type),
    status: privacy.text(status),
    reason: reason === null ? null : privacy.text(reason),
  });
  const all = (snapshot: BudgetSnapshot): BudgetSnapshot => ({
    ...snapshot,
    jobs: snapshot.jobs.map(job),
    assets: snapshot.assets.map(asset => ({
      ...asset,
      metadata: privacy.redact(asset.metadata, 'echo') as Record<string, unknown>,
    })),
  });
  return { job, all };
}

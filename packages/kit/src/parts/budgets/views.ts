import type { BudgetSnapshot } from '@plimsoll/wire';
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

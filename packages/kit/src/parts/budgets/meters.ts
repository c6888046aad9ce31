import { BUDGET_METRICS as M } from '@plimsoll/wire';
import type { Kit, Teardown } from '../../kernel/part.ts';
import { declare } from '../../signals/metrics/declare.ts';
import type { Desk } from './desk.ts';

const STATES = ['queued', 'delayed', 'running'] as const;

/** Brings the gauges up to date when somebody reads them. */
export function meter({ metrics }: Kit, desk: Desk): Teardown {
  const jobs = declare(metrics, M.jobs);
  const inFlight = declare(metrics, M.inFlight);
  const concurrency = declare(metrics, M.concurrency);
  const usage = declare(metrics, M.usage);
  const limit = declare(metrics, M.limit);
  const assets = declare(metrics, M.assets);
  return metrics.onCollect(() => {
    for (const state of STATES) jobs.set({ queue_state: state }, desk.jobs.lists[state].size);
    const doors = desk.shedding.doors();
    inFlight.set(doors.reduce((sum, { limiter }) => sum + limiter.inFlight, 0));
    concurrency.set(doors.reduce((sum, { limiter }) => sum + Math.floor(limiter.limit), 0));
    const { registered, loaded } = desk.lazy.counts;
    assets.set({ state: 'registered' }, registered);
    assets.set({ state: 'loaded' }, loaded);
    const { cpu, mem_used_mb, first_gpu, loop_delay_ms, loop_utilization } = desk.sampling.metrics;
    const all = desk.limits.all;
    const rows = [
      ['cpu', cpu, all.max_cpu_percent],
      ['ram', mem_used_mb, all.max_mem_mb],
      ['vram', first_gpu?.mem_used ?? 0, all.max_vram_mb],
      ['jobs', desk.jobs.lists.running.size, all.max_running_jobs],
      ['queue', desk.jobs.size, all.max_queue_depth],
      ['loop_delay', loop_delay_ms, all.max_loop_delay_ms],
      ['loop_utilization', loop_utilization, all.max_loop_utilization],
    ] as const;
    for (const [budget, used, most] of rows) {
      usage.set({ budget }, used);
      limit.set({ budget }, most);
    }
  });
}

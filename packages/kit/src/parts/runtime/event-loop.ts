import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { LOOP_METRICS } from '@plimsoll/wire';
import { declare } from '../../signals/metrics/declare.ts';
import type { Metrics } from '../../signals/metrics/types.ts';
import type { Source } from './part.ts';

type Monitor = ReturnType<typeof monitorEventLoopDelay>;

/** Costs 0.3 ms of CPU a second for each monitor; a finer one costs more and finds no more. */
const RESOLUTION_MS = 20;
/** Each monitor runs for two of these, and the older of the two is shown: reading resets nothing. */
const WINDOW_TICKS = 60;
const UTILIZATION_TICKS = 10;
const TICK_MS = 1000;

export function watchEventLoop(metrics: Metrics): Source {
  const monitors = new Monitors();
  const lag = declare(metrics, LOOP_METRICS.lag);
  let last = performance.now();
  let older = performance.eventLoopUtilization();
  let newer = older;
  let stopped = false;
  const show = showDelay(metrics);
  declare(metrics, LOOP_METRICS.utilization, {
    collect: utilization => {
      if (stopped) return;
      utilization.set(performance.eventLoopUtilization(older).utilization);
      show(monitors.shown);
    },
  });
  return {
    tick: count => {
      const now = performance.now();
      lag.set(Math.max(0, now - last - TICK_MS) / 1000);
      last = now;
      if (count % UTILIZATION_TICKS === 0) {
        older = newer;
        newer = performance.eventLoopUtilization();
      }
      if (count % WINDOW_TICKS === 0) monitors.turn();
    },
    stop: () => {
      stopped = true;
      monitors.stop();
    },
  };
}

class Monitors {
  #shown = start();
  #next = start();

  get shown(): Monitor {
    return this.#shown;
  }

  /** The older one has had its two windows and begins anew; the other is now the older. */
  turn(): void {
    const done = this.#shown;
    done.reset();
    this.#shown = this.#next;
    this.#next = done;
  }

  stop(): void {
    this.#shown.disable();
    this.#next.disable();
  }
}

function start(): Monitor {
  const monitor = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  monitor.enable();
  return monitor;
}

function showDelay(metrics: Metrics): (monitor: Monitor) => void {
  const min = declare(metrics, LOOP_METRICS.min);
  const max = declare(metrics, LOOP_METRICS.max);
  const mean = declare(metrics, LOOP_METRICS.mean);
  const stddev = declare(metrics, LOOP_METRICS.stddev);
  const p50 = declare(metrics, LOOP_METRICS.p50);
  const p90 = declare(metrics, LOOP_METRICS.p90);
  const p99 = declare(metrics, LOOP_METRICS.p99);
  return monitor => {
    if (monitor.count === 0) return;
    min.set(delay(monitor.min));
    max.set(delay(monitor.max));
    mean.set(delay(monitor.mean));
    stddev.set(monitor.stddev / 1e9);
    p50.set(delay(monitor.percentile(50)));
    p90.set(delay(monitor.percentile(90)));
    p99.set(delay(monitor.percentile(99)));
  };
}

/** Nanoseconds between two samples to seconds of delay: the monitor counts its own interval too. */
function delay(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1000);
}

import { HEAP_METRICS } from '@plimsoll/wire';
import { builtin } from '../../base/builtin.ts';
import { declare } from '../../signals/metrics/declare.ts';
import type { Metrics } from '../../signals/metrics/types.ts';
import type { Source } from './part.ts';

export function watchHeap(metrics: Metrics): Source {
  const used = declare(metrics, HEAP_METRICS.used);
  const external = declare(metrics, HEAP_METRICS.external);
  const spaceUsed = declare(metrics, HEAP_METRICS.spaceUsed);
  const spaceAvailable = declare(metrics, HEAP_METRICS.spaceAvailable);
  let stopped = false;
  declare(metrics, HEAP_METRICS.total, {
    collect: total => {
      if (stopped) return;
      const memory = process.memoryUsage();
      total.set(memory.heapTotal);
      used.set(memory.heapUsed);
      external.set(memory.external);
    },
  });
  declare(metrics, HEAP_METRICS.spaceTotal, {
    collect: spaceTotal => {
      if (stopped) return;
      for (const statistics of builtin('node:v8').getHeapSpaceStatistics()) {
        const labels = { space: statistics.space_name.replace(/_space$/, '') };
        spaceTotal.set(labels, statistics.space_size);
        spaceUsed.set(labels, statistics.space_used_size);
        spaceAvailable.set(labels, statistics.space_available_size);
      }
    },
  });
  return {
    stop: () => {
      stopped = true;
    },
  };
}

import { constants, PerformanceObserver } from 'node:perf_hooks';
import { GC_DURATION } from '@plimsoll/wire';
import { declare } from '../../signals/metrics/declare.ts';
import type { Metrics } from '../../signals/metrics/types.ts';
import type { Source } from './part.ts';

export function watchGarbage(metrics: Metrics): Source {
  const duration = declare(metrics, GC_DURATION);
  const minor = duration.handle({ kind: 'minor' });
  const byKind = new Map([
    [constants.NODE_PERFORMANCE_GC_MAJOR, duration.handle({ kind: 'major' })],
    [constants.NODE_PERFORMANCE_GC_INCREMENTAL, duration.handle({ kind: 'incremental' })],
    [constants.NODE_PERFORMANCE_GC_WEAKCB, duration.handle({ kind: 'weakcb' })],
  ]);
  const observer = new PerformanceObserver(list => {
    for (const entry of list.getEntries())
      (byKind.get(kindOf(entry)) ?? minor).observe(entry.duration / 1000);
  });
  observer.observe({ entryTypes: ['gc'] });
  return { stop: () => observer.disconnect() };
}

/** V8 has more than one way to collect the young generation; what is none of the other three is one of them. */
function kindOf(entry: object): number {
  return (entry as GarbageEntry).detail?.kind ?? constants.NODE_PERFORMANCE_GC_MINOR;
}

/** The slice of Node's entry that its types leave out. */
interface GarbageEntry {
  readonly detail?: { readonly kind?: number };
}

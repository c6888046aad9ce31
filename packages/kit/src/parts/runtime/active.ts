import { ACTIVE_METRICS } from '@plimsoll/wire';
import { declare } from '../../signals/metrics/declare.ts';
import type { Gauge, Metrics } from '../../signals/metrics/types.ts';
import type { Source } from './part.ts';

/** Undocumented, and the only way to what these two metrics have always shown; absent in some runtimes. */
interface ProcessInternals {
  _getActiveHandles?(): readonly object[];
  _getActiveRequests?(): readonly object[];
}

export function watchActive(metrics: Metrics): Source {
  const internals = process as ProcessInternals;
  let stopped = false;
  const watch = (kind: 'handles' | 'requests' | 'resources', types: () => readonly string[]): void => {
    const total = declare(metrics, ACTIVE_METRICS[`${kind}Total`]);
    let known = new Set<string>();
    declare(metrics, ACTIVE_METRICS[kind], {
      collect: gauge => {
        if (stopped) return;
        const found = types();
        total.set(found.length);
        known = showTypes(gauge, found, known);
      },
    });
  };
  watch('handles', () => (internals._getActiveHandles?.() ?? []).map(typeName));
  watch('requests', () => (internals._getActiveRequests?.() ?? []).map(typeName));
  watch('resources', () => process.getActiveResourcesInfo());
  return {
    stop: () => {
      stopped = true;
    },
  };
}

/** A type that is gone is forgotten, as dashboards that list types expect. */
function showTypes(gauge: Gauge<'type'>, found: readonly string[], known: ReadonlySet<string>): Set<string> {
  const counts = new Map<string, number>();
  for (const type of found) counts.set(type, (counts.get(type) ?? 0) + 1);
  for (const [type, count] of counts) gauge.set({ type }, count);
  for (const type of known) if (!counts.has(type)) gauge.remove({ type });
  return new Set(counts.keys());
}

function typeName(handle: object): string {
  return handle?.constructor?.name || 'Object';
}

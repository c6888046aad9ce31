import { TELEMETRY_DURATION, TELEMETRY_EVENTS, TELEMETRY_METRIC } from '@plimsoll/wire';
import type { Kit } from '../../kernel/part.ts';
import { declare } from '../../signals/metrics/declare.ts';
import type { Backend } from './backend.ts';

/** Into the kit's metrics. Names become label values, which the registry caps; tags don't, since nobody bounds them. */
export function promBackend({ metrics }: Kit): Backend {
  const events = declare(metrics, TELEMETRY_EVENTS);
  const values = declare(metrics, TELEMETRY_METRIC);
  const seconds = declare(metrics, TELEMETRY_DURATION);
  return {
    name: 'prom',
    event: event => events.inc({ event }),
    metric: (metric, value) => values.set({ name: metric }, value),
    timing: (operation, durationMs) => seconds.observe({ operation }, durationMs / 1000),
  };
}

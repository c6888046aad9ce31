import type { ServiceOverview } from '@plimsoll/wire';
import type { ComponentChildren } from 'preact';
import { bytes, duration, percent, perSecond } from '../../lib/format.ts';
import { serviceIndex } from '../../lib/services.ts';
import { Chart } from '../../parts/chart.tsx';

const CHARTS = [
  { title: 'Request rate', key: 'rate', format: perSecond, atLeast: 1 },
  { title: 'Duration, p95', key: 'p95', format: duration, atLeast: 1 },
  { title: 'Error share', key: 'errors', format: percent, atLeast: 0.05 },
  { title: 'Event-loop delay', key: 'loop', format: duration, atLeast: 5 },
  { title: 'Memory', key: 'memory', format: bytes, atLeast: 1024 * 1024 },
] as const;

export interface ChartsProps {
  readonly times: readonly number[];
  readonly services: readonly ServiceOverview[];
  /** Fills the last cell. */
  readonly children: ComponentChildren;
}

export function Charts({ times, services, children }: ChartsProps) {
  return (
    <section class="charts" aria-label="Charts">
      {CHARTS.map(({ title, key, format, atLeast }) => (
        <Chart
          key={key}
          title={title}
          times={times}
          format={format}
          atLeast={atLeast}
          binary={key === 'memory'}
          sync="overview"
          lines={services.map(one => ({
            label: one.service,
            values: one[key],
            color: serviceIndex(one.service),
          }))}
        />
      ))}
      {children}
    </section>
  );
}

import type { MetricRow } from '@plimsoll/wire';
import type { Counter, Gauge, Histogram, Metrics, Summary } from './types.ts';

type LabelsOf<R extends MetricRow> = R['labels'][number];

/** The instrument that a catalog row describes, with its labels checked by the compiler. */
export type InstrumentOf<R extends MetricRow> = R['type'] extends 'counter'
  ? Counter<LabelsOf<R>>
  : R['type'] extends 'gauge'
    ? Gauge<LabelsOf<R>>
    : R['type'] extends 'histogram'
      ? Histogram<LabelsOf<R>>
      : Summary<LabelsOf<R>>;

export interface DeclareOptions<R extends MetricRow> {
  /** Brings a gauge up to date before each read. */
  readonly collect?: R['type'] extends 'gauge' ? (gauge: Gauge<LabelsOf<R>>) => void : never;
}

/**
 * Makes the metric of a catalog row, or finds it.
 * @throws PLIMSOLL_DUPLICATE_METRIC, PLIMSOLL_BAD_METRIC
 */
export function declare<const R extends MetricRow>(
  metrics: Metrics,
  row: R,
  options?: DeclareOptions<R>,
): InstrumentOf<R> {
  const { name, type, ...rest } = row as MetricRow;
  const make = metrics[type] as (name: string, options: object) => unknown;
  return make.call(metrics, name, { ...rest, ...options }) as InstrumentOf<R>;
}

import type { Attributes, Exemplar, LabelValues, MetricFamily } from '../signals.ts';
import { setOwn } from './own.ts';
import type { DecodedExemplar, DecodedMetric, DecodedNumberPoint } from './types.ts';

const COUNTER = { type: 'sum', temporality: 'cumulative', monotonic: true } as const;

/**
 * A family of ours as OTLP says it: a counter is a cumulative monotonic sum under the same name as in Prometheus.
 * Values go as doubles whatever they are, since the points of one stream keep one type.
 */
export function metricOfFamily(family: MetricFamily, time: number): DecodedMetric {
  const base = { name: family.name, description: family.help, unit: family.unit ?? '' };
  const stamp = (labels: LabelValues) => ({
    attributes: labelAttributes(family.labelNames, labels),
    startTime: family.startTime,
    time,
    flags: 0,
  });
  switch (family.type) {
    case 'counter':
      return { ...base, ...COUNTER, points: numbers(family, stamp) };
    case 'gauge':
      // A gauge's value did not begin to count at any time.
      return {
        ...base,
        type: 'gauge',
        points: numbers(family, labels => ({ ...stamp(labels), startTime: 0 })),
      };
    case 'histogram':
      return {
        ...base,
        type: 'histogram',
        temporality: 'cumulative',
        points: family.points.map(point => ({
          ...stamp(point.labels),
          count: point.count,
          sum: point.sum,
          buckets: point.buckets,
          bounds: family.bounds,
          exemplars: point.exemplars.filter(exemplar => exemplar !== undefined).map(exemplarOf),
        })),
      };
    case 'summary':
      return {
        ...base,
        type: 'summary',
        points: family.points.map(point => ({
          ...stamp(point.labels),
          count: point.count,
          sum: point.sum,
          quantiles: [],
        })),
      };
  }
}

type Stamp = (labels: LabelValues) => Pick<DecodedNumberPoint, 'attributes' | 'startTime' | 'time' | 'flags'>;

function numbers(
  family: Extract<MetricFamily, { type: 'counter' | 'gauge' }>,
  stamp: Stamp,
): readonly DecodedNumberPoint[] {
  return family.points.map(point => ({
    ...stamp(point.labels),
    value: point.value,
    integer: false,
    exemplars: point.exemplar ? [exemplarOf(point.exemplar)] : [],
  }));
}

function exemplarOf(exemplar: Exemplar): DecodedExemplar {
  const { value, time, traceId, spanId } = exemplar;
  return { attributes: {}, time, value, integer: false, traceId, spanId };
}

function labelAttributes(names: readonly string[], values: LabelValues): Attributes {
  const attributes: Record<string, string> = {};
  for (let i = 0; i < names.length; i++) setOwn(attributes, names[i]!, values[i] ?? '');
  return attributes;
}

import { TEMPORALITY } from './encode-metrics.ts';
import { groupsFromJson, groupsToJson } from './json-groups.ts';
import { metricOf } from './json-metrics-read.ts';
import {
  attributesJson,
  countText,
  doubleJson,
  int64Text,
  type Json,
  members,
  nanosText,
  textJson,
  unlessEmpty,
  unlessZero,
} from './json-write.ts';
import type {
  DecodedExemplar,
  DecodedExponentialPoint,
  DecodedHistogramPoint,
  DecodedMetric,
  DecodedMetrics,
  DecodedNumberPoint,
  DecodedSummaryPoint,
  ExponentialBuckets,
} from './types.ts';

const NAMES = { groups: 'resourceMetrics', scopes: 'scopeMetrics', items: 'metrics' };

/** OTLP/JSON of what `decodeMetrics` gives: for JSON.stringify. */
export function metricsToJson(groups: DecodedMetrics): Json {
  return groupsToJson(groups, NAMES, metricJson);
}

/** Reads what JSON.parse gives. Throws `OtlpError` (PLIMSOLL_BAD_OTLP). */
export function metricsFromJson(json: unknown): DecodedMetrics {
  return groupsFromJson(json, NAMES, metricOf);
}

function metricJson(metric: DecodedMetric): Json {
  return members({
    name: metric.name.toWellFormed(),
    description: textJson(metric.description),
    unit: textJson(metric.unit),
    ...dataJson(metric),
  });
}

function dataJson(metric: DecodedMetric): { readonly [name: string]: Json } {
  switch (metric.type) {
    case 'gauge':
      return { gauge: { dataPoints: metric.points.map(numberJson) } };
    case 'sum':
      return {
        sum: {
          dataPoints: metric.points.map(numberJson),
          aggregationTemporality: TEMPORALITY[metric.temporality],
          isMonotonic: metric.monotonic,
        },
      };
    case 'histogram': {
      const aggregationTemporality = TEMPORALITY[metric.temporality];
      return { histogram: { dataPoints: metric.points.map(histogramJson), aggregationTemporality } };
    }
    case 'exponential': {
      const aggregationTemporality = TEMPORALITY[metric.temporality];
      return {
        exponentialHistogram: { dataPoints: metric.points.map(exponentialJson), aggregationTemporality },
      };
    }
    case 'summary':
      return { summary: { dataPoints: metric.points.map(summaryJson) } };
    case 'empty':
      return {};
  }
}

function numberJson(point: DecodedNumberPoint): Json {
  return members({ ...stampJson(point), ...valueJson(point), exemplars: exemplarsJson(point.exemplars) });
}

function histogramJson(point: DecodedHistogramPoint): Json {
  return members({
    ...stampJson(point),
    ...distributionJson(point),
    bucketCounts: unlessEmpty(point.buckets.map(countText)),
    explicitBounds: unlessEmpty(point.bounds.map(doubleJson)),
  });
}

function exponentialJson(point: DecodedExponentialPoint): Json {
  return members({
    ...stampJson(point),
    ...distributionJson(point),
    scale: point.scale,
    zeroCount: countText(point.zeroCount),
    zeroThreshold: doubleJson(point.zeroThreshold),
    positive: point.positive && bucketsJson(point.positive),
    negative: point.negative && bucketsJson(point.negative),
  });
}

function summaryJson(point: DecodedSummaryPoint): Json {
  return members({
    ...stampJson(point),
    count: countText(point.count),
    sum: doubleJson(point.sum),
    quantileValues: unlessEmpty(
      point.quantiles.map(({ quantile, value }) => ({
        quantile: doubleJson(quantile),
        value: doubleJson(value),
      })),
    ),
  });
}

function bucketsJson(buckets: ExponentialBuckets): Json {
  return { offset: buckets.offset, bucketCounts: buckets.counts.map(countText) };
}

function stampJson(point: Pick<DecodedNumberPoint, 'attributes' | 'startTime' | 'time' | 'flags'>) {
  return {
    attributes: attributesJson(point.attributes),
    startTimeUnixNano: point.startTime > 0 ? nanosText(point.startTime) : undefined,
    timeUnixNano: nanosText(point.time),
    flags: unlessZero(point.flags),
  };
}

function distributionJson(point: DecodedHistogramPoint | DecodedExponentialPoint) {
  return {
    count: countText(point.count),
    sum: point.sum === undefined ? undefined : doubleJson(point.sum),
    min: point.min === undefined ? undefined : doubleJson(point.min),
    max: point.max === undefined ? undefined : doubleJson(point.max),
    exemplars: exemplarsJson(point.exemplars),
  };
}

function valueJson(of: { readonly value: number | bigint; readonly integer: boolean }) {
  return of.integer ? { asInt: int64Text(of.value) } : { asDouble: doubleJson(Number(of.value)) };
}

function exemplarsJson(exemplars: readonly DecodedExemplar[]): readonly Json[] | undefined {
  return unlessEmpty(
    exemplars.map(exemplar =>
      members({
        filteredAttributes: attributesJson(exemplar.attributes),
        timeUnixNano: nanosText(exemplar.time),
        ...valueJson(exemplar),
        spanId: textJson(exemplar.spanId),
        traceId: textJson(exemplar.traceId),
      }),
    ),
  );
}

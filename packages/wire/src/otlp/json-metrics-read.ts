import { type Draft, temporalityOf } from './draft.ts';
import {
  attributesOf,
  boolOf,
  countOf,
  doubleOf,
  idOf,
  int32Of,
  int64Of,
  itemsOf,
  type JsonObject,
  listOf,
  nanosOf,
  objectOf,
  textOf,
} from './json-read.ts';
import type {
  DecodedExemplar,
  DecodedExponentialPoint,
  DecodedHistogramPoint,
  DecodedMetric,
  DecodedNumberPoint,
  DecodedSummaryPoint,
  ExponentialBuckets,
} from './types.ts';

export function metricOf(json: JsonObject): DecodedMetric {
  const base = {
    name: textOf(json, 'name'),
    description: textOf(json, 'description'),
    unit: textOf(json, 'unit'),
  };
  const data = (name: string) => (json[name] == null ? undefined : objectOf(json[name], name));
  const temporality = (of: JsonObject) => temporalityOf(int32Of(of, 'aggregationTemporality'));
  const gauge = data('gauge');
  if (gauge) return { ...base, type: 'gauge', points: listOf(gauge, 'dataPoints', numberOf) };
  const sum = data('sum');
  if (sum) {
    const monotonic = boolOf(sum['isMonotonic'], 'isMonotonic');
    const points = listOf(sum, 'dataPoints', numberOf);
    return { ...base, type: 'sum', temporality: temporality(sum), monotonic, points };
  }
  const histogram = data('histogram');
  if (histogram) {
    const points = listOf(histogram, 'dataPoints', histogramOf);
    return { ...base, type: 'histogram', temporality: temporality(histogram), points };
  }
  const exponential = data('exponentialHistogram');
  if (exponential) {
    const points = listOf(exponential, 'dataPoints', exponentialOf);
    return { ...base, type: 'exponential', temporality: temporality(exponential), points };
  }
  const summary = data('summary');
  if (summary) return { ...base, type: 'summary', points: listOf(summary, 'dataPoints', summaryOf) };
  return { ...base, type: 'empty' };
}

function stampOf(json: JsonObject) {
  return {
    attributes: attributesOf(json, 'attributes'),
    startTime: nanosOf(json, 'startTimeUnixNano'),
    time: nanosOf(json, 'timeUnixNano'),
    flags: int32Of(json, 'flags'),
  };
}

function numericOf(json: JsonObject): { value: number | bigint; integer: boolean } {
  if (json['asInt'] != null) return { value: int64Of(json['asInt'], 'asInt'), integer: true };
  return { value: doubleOf(json['asDouble'], 'asDouble'), integer: false };
}

function numberOf(json: JsonObject): DecodedNumberPoint {
  return { ...stampOf(json), ...numericOf(json), exemplars: listOf(json, 'exemplars', exemplarOf) };
}

function histogramOf(json: JsonObject): DecodedHistogramPoint {
  return {
    ...stampOf(json),
    ...distributionOf(json),
    buckets: itemsOf(json, 'bucketCounts').map(count => countOf(count, 'bucketCounts')),
    bounds: itemsOf(json, 'explicitBounds').map(bound => doubleOf(bound, 'explicitBounds')),
  };
}

function exponentialOf(json: JsonObject): DecodedExponentialPoint {
  const point: Draft<DecodedExponentialPoint> = {
    ...stampOf(json),
    ...distributionOf(json),
    scale: int32Of(json, 'scale'),
    zeroCount: countOf(json['zeroCount'], 'zeroCount'),
    zeroThreshold: doubleOf(json['zeroThreshold'], 'zeroThreshold'),
  };
  if (json['positive'] != null) point.positive = bucketsOf(objectOf(json['positive'], 'positive'));
  if (json['negative'] != null) point.negative = bucketsOf(objectOf(json['negative'], 'negative'));
  return point;
}

function summaryOf(json: JsonObject): DecodedSummaryPoint {
  return {
    ...stampOf(json),
    count: countOf(json['count'], 'count'),
    sum: doubleOf(json['sum'], 'sum'),
    quantiles: listOf(json, 'quantileValues', pair => ({
      quantile: doubleOf(pair['quantile'], 'quantile'),
      value: doubleOf(pair['value'], 'value'),
    })),
  };
}

function bucketsOf(json: JsonObject): ExponentialBuckets {
  return {
    offset: int32Of(json, 'offset'),
    counts: itemsOf(json, 'bucketCounts').map(count => countOf(count, 'bucketCounts')),
  };
}

function distributionOf(json: JsonObject) {
  const distribution: Draft<Pick<DecodedHistogramPoint, 'count' | 'sum' | 'min' | 'max' | 'exemplars'>> = {
    count: countOf(json['count'], 'count'),
    exemplars: listOf(json, 'exemplars', exemplarOf),
  };
  for (const name of ['sum', 'min', 'max'] as const) {
    if (json[name] != null) distribution[name] = doubleOf(json[name], name);
  }
  return distribution;
}

function exemplarOf(json: JsonObject): DecodedExemplar {
  const exemplar: Draft<DecodedExemplar> = {
    attributes: attributesOf(json, 'filteredAttributes'),
    time: nanosOf(json, 'timeUnixNano'),
    ...numericOf(json),
  };
  const traceId = idOf(json, 'traceId');
  if (traceId !== '') exemplar.traceId = traceId;
  const spanId = idOf(json, 'spanId');
  if (spanId !== '') exemplar.spanId = spanId;
  return exemplar;
}

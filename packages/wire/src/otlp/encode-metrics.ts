import { ENTRY } from './encode.ts';
import type {
  DecodedExemplar,
  DecodedExponentialPoint,
  DecodedHistogramPoint,
  DecodedMetric,
  DecodedNumberPoint,
  DecodedSummaryPoint,
  ExponentialBuckets,
  Temporality,
} from './types.ts';
import { encodeAttributes } from './value.ts';
import type { ByteWriter } from './writer.ts';

export const TEMPORALITY: Readonly<Record<Temporality, number>> = { unspecified: 0, delta: 1, cumulative: 2 };

/** One framed entry of ScopeMetrics (tag, length, Metric). */
export function encodeMetric(w: ByteWriter, metric: DecodedMetric): void {
  const start = w.beginMessage(ENTRY, 2);
  if (metric.name !== '') text(w, 1, metric.name);
  if (metric.description !== '') text(w, 2, metric.description);
  if (metric.unit !== '') text(w, 3, metric.unit);
  encodeData(w, metric);
  w.endMessage(start, 2);
}

function encodeData(w: ByteWriter, metric: DecodedMetric): void {
  switch (metric.type) {
    case 'gauge': {
      const start = w.beginMessage(5, 2);
      for (const point of metric.points) numberPoint(w, point);
      w.endMessage(start, 2);
      return;
    }
    case 'sum': {
      const start = w.beginMessage(7, 2);
      for (const point of metric.points) numberPoint(w, point);
      whole(w, 2, TEMPORALITY[metric.temporality]);
      whole(w, 3, metric.monotonic ? 1 : 0);
      w.endMessage(start, 2);
      return;
    }
    case 'histogram': {
      const start = w.beginMessage(9, 2);
      for (const point of metric.points) histogramPoint(w, point);
      whole(w, 2, TEMPORALITY[metric.temporality]);
      w.endMessage(start, 2);
      return;
    }
    case 'exponential': {
      const start = w.beginMessage(10, 2);
      for (const point of metric.points) exponentialPoint(w, point);
      whole(w, 2, TEMPORALITY[metric.temporality]);
      w.endMessage(start, 2);
      return;
    }
    case 'summary': {
      const start = w.beginMessage(11, 2);
      for (const point of metric.points) summaryPoint(w, point);
      w.endMessage(start, 2);
    }
  }
}

function numberPoint(w: ByteWriter, point: DecodedNumberPoint): void {
  const start = w.beginMessage(1);
  times(w, point);
  if (point.integer) fixedInt(w, 6, point.value);
  else double(w, 4, Number(point.value));
  for (const exemplar of point.exemplars) encodeExemplar(w, 5, exemplar);
  encodeAttributes(w, 7, point.attributes);
  whole(w, 8, point.flags);
  w.endMessage(start);
}

function histogramPoint(w: ByteWriter, point: DecodedHistogramPoint): void {
  const start = w.beginMessage(1, 2);
  times(w, point);
  fixedInt(w, 4, point.count);
  if (point.sum !== undefined) double(w, 5, point.sum);
  if (point.buckets.length > 0) {
    const packed = w.beginMessage(6);
    for (const count of point.buckets) w.fixedInt64(count);
    w.endMessage(packed);
  }
  if (point.bounds.length > 0) {
    const packed = w.beginMessage(7);
    for (const bound of point.bounds) w.double(bound);
    w.endMessage(packed);
  }
  for (const exemplar of point.exemplars) encodeExemplar(w, 8, exemplar);
  encodeAttributes(w, 9, point.attributes);
  whole(w, 10, point.flags);
  if (point.min !== undefined) double(w, 11, point.min);
  if (point.max !== undefined) double(w, 12, point.max);
  w.endMessage(start, 2);
}

function exponentialPoint(w: ByteWriter, point: DecodedExponentialPoint): void {
  const start = w.beginMessage(1, 2);
  encodeAttributes(w, 1, point.attributes);
  times(w, point);
  fixedInt(w, 4, point.count);
  if (point.sum !== undefined) double(w, 5, point.sum);
  whole(w, 6, zigzag(point.scale));
  fixedInt(w, 7, point.zeroCount);
  if (point.positive) exponentialBuckets(w, 8, point.positive);
  if (point.negative) exponentialBuckets(w, 9, point.negative);
  whole(w, 10, point.flags);
  for (const exemplar of point.exemplars) encodeExemplar(w, 11, exemplar);
  if (point.min !== undefined) double(w, 12, point.min);
  if (point.max !== undefined) double(w, 13, point.max);
  double(w, 14, point.zeroThreshold);
  w.endMessage(start, 2);
}

function exponentialBuckets(w: ByteWriter, field: number, buckets: ExponentialBuckets): void {
  const start = w.beginMessage(field);
  whole(w, 1, zigzag(buckets.offset));
  if (buckets.counts.length > 0) {
    const packed = w.beginMessage(2);
    for (const count of buckets.counts) w.varint(count);
    w.endMessage(packed);
  }
  w.endMessage(start);
}

function summaryPoint(w: ByteWriter, point: DecodedSummaryPoint): void {
  const start = w.beginMessage(1);
  times(w, point);
  fixedInt(w, 4, point.count);
  double(w, 5, point.sum);
  for (const { quantile, value } of point.quantiles) {
    const inner = w.beginMessage(6);
    double(w, 1, quantile);
    double(w, 2, value);
    w.endMessage(inner);
  }
  encodeAttributes(w, 7, point.attributes);
  whole(w, 8, point.flags);
  w.endMessage(start);
}

function encodeExemplar(w: ByteWriter, field: number, exemplar: DecodedExemplar): void {
  const start = w.beginMessage(field);
  w.tag(2, 1);
  w.nanos(exemplar.time);
  if (exemplar.integer) fixedInt(w, 6, exemplar.value);
  else double(w, 3, Number(exemplar.value));
  if (exemplar.spanId) {
    w.tag(4, 2);
    w.hex(exemplar.spanId);
  }
  if (exemplar.traceId) {
    w.tag(5, 2);
    w.hex(exemplar.traceId);
  }
  encodeAttributes(w, 7, exemplar.attributes);
  w.endMessage(start);
}

/** The start and the time of a point: fields 2 and 3 of every kind. */
function times(w: ByteWriter, point: { readonly startTime: number; readonly time: number }): void {
  if (point.startTime > 0) {
    w.tag(2, 1);
    w.nanos(point.startTime);
  }
  w.tag(3, 1);
  w.nanos(point.time);
}

function text(w: ByteWriter, field: number, value: string): void {
  w.tag(field, 2);
  w.utf8(value);
}

function whole(w: ByteWriter, field: number, value: number): void {
  if (value === 0) return;
  w.tag(field, 0);
  w.varint(value);
}

function double(w: ByteWriter, field: number, value: number): void {
  w.tag(field, 1);
  w.double(value);
}

function fixedInt(w: ByteWriter, field: number, value: number | bigint): void {
  w.tag(field, 1);
  w.fixedInt64(value);
}

function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}

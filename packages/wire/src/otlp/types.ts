import type { Attributes, AttributeValue, LogRecord, Resource, SpanRecord } from '../signals.ts';

/**
 * Lists and maps inside one another, in what we write and in what we read. A level costs a protobuf reader up to
 * three messages, and the strictest readers stop at 100, so 24 levels pass everywhere. Deeper values are written
 * as null, and refused when read.
 */
export const MAX_VALUE_DEPTH = 24;

/** The instrumentation scope: the library that recorded what is grouped under it. */
export interface Scope {
  readonly name: string;
  readonly version: string;
  readonly attributes: Attributes;
}

export interface ScopeGroup<T> {
  readonly scope: Scope;
  readonly schemaUrl?: string;
  readonly items: readonly T[];
}

/** What one process sent: everything an export request says, in its order. */
export interface ResourceGroup<T> {
  readonly resource: Resource;
  readonly schemaUrl?: string;
  readonly scopes: readonly ScopeGroup<T>[];
}

export type DecodedTraces = readonly ResourceGroup<SpanRecord>[];
export type DecodedLogs = readonly ResourceGroup<DecodedLog>[];
export type DecodedMetrics = readonly ResourceGroup<DecodedMetric>[];

/** A log record of any sender. `level` is the range of `severityNumber`, and `info` where that is not set. */
export interface DecodedLog extends Omit<LogRecord, 'body'> {
  readonly body: AttributeValue;
  readonly observedTime: number;
  /** 0 (not set) to 24. */
  readonly severityNumber: number;
  readonly severityText: string;
}

export type Temporality = 'unspecified' | 'delta' | 'cumulative';

export interface DecodedExemplar {
  readonly attributes: Attributes;
  readonly time: number;
  /** `bigint` only for an integer that a double can't hold. */
  readonly value: number | bigint;
  /** True where the sender said int64, false for a double. */
  readonly integer: boolean;
  readonly traceId?: string;
  readonly spanId?: string;
}

interface PointBase {
  readonly attributes: Attributes;
  /** 0 where the sender gave none. */
  readonly startTime: number;
  readonly time: number;
  /** Bit 0: no value was recorded (a staleness mark). */
  readonly flags: number;
}

export interface DecodedNumberPoint extends PointBase {
  readonly value: number | bigint;
  readonly integer: boolean;
  readonly exemplars: readonly DecodedExemplar[];
}

interface DistributionPoint extends PointBase {
  readonly count: number;
  readonly sum?: number;
  readonly min?: number;
  readonly max?: number;
  readonly exemplars: readonly DecodedExemplar[];
}

export interface DecodedHistogramPoint extends DistributionPoint {
  /** Per bucket, not cumulative; one longer than `bounds`, or both empty. */
  readonly buckets: readonly number[];
  readonly bounds: readonly number[];
}

export interface ExponentialBuckets {
  readonly offset: number;
  readonly counts: readonly number[];
}

export interface DecodedExponentialPoint extends DistributionPoint {
  /** A bucket's upper bound is the lower one times 2 ** (2 ** -scale). */
  readonly scale: number;
  readonly zeroCount: number;
  readonly zeroThreshold: number;
  readonly positive?: ExponentialBuckets;
  readonly negative?: ExponentialBuckets;
}

export interface DecodedSummaryPoint extends PointBase {
  readonly count: number;
  readonly sum: number;
  readonly quantiles: readonly { readonly quantile: number; readonly value: number }[];
}

/** A metric of any sender: what `MetricFamily` holds, and also deltas, sums that fall, int64s and exponential buckets. */
export type DecodedMetric = {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
} & (
  | { readonly type: 'gauge'; readonly points: readonly DecodedNumberPoint[] }
  | {
      readonly type: 'sum';
      readonly temporality: Temporality;
      readonly monotonic: boolean;
      readonly points: readonly DecodedNumberPoint[];
    }
  | {
      readonly type: 'histogram';
      readonly temporality: Temporality;
      readonly points: readonly DecodedHistogramPoint[];
    }
  | {
      readonly type: 'exponential';
      readonly temporality: Temporality;
      readonly points: readonly DecodedExponentialPoint[];
    }
  | { readonly type: 'summary'; readonly points: readonly DecodedSummaryPoint[] }
  /** A name without data, or of a kind that this version does not know. */
  | { readonly type: 'empty' }
);

/** What a receiver refused; `undefined` in its place means that everything was taken. */
export interface PartialSuccess {
  readonly rejected: number;
  readonly message: string;
}

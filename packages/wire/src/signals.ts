/**
 * What happened, as frozen records. A record crosses a process only in one of these shapes.
 * Times are milliseconds since the Unix epoch as a double, whose step today is a quarter of a microsecond.
 */

/** A value of an attribute or a log field, as OpenTelemetry's `AnyValue` knows them. `bigint` is an int64. */
export type AttributeValue =
  | string
  | number
  | boolean
  | bigint
  | null
  | Uint8Array
  | readonly AttributeValue[]
  | { readonly [key: string]: AttributeValue };

export type Attributes = Readonly<Record<string, AttributeValue>>;

/** Names are the field's; the number is OpenTelemetry's SeverityNumber. */
export const SEVERITY = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 } as const;
export type Level = keyof typeof SEVERITY;

export interface LogRecord {
  readonly kind: 'log';
  readonly time: number;
  readonly level: Level;
  readonly body: string;
  readonly logger: string;
  readonly attributes: Attributes;
  /** 32 lower-case hex digits, with `spanId` (16) and `flags`, when the line was written inside a span. */
  readonly traceId?: string;
  readonly spanId?: string;
  readonly flags?: number;
  readonly eventName?: string;
}

/** OpenTelemetry's SpanKind numbers. */
export const SPAN_KIND = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;
export type SpanKind = keyof typeof SPAN_KIND;

/** OpenTelemetry's StatusCode numbers. */
export const STATUS = { unset: 0, ok: 1, error: 2 } as const;

export interface SpanEvent {
  readonly name: string;
  readonly time: number;
  readonly attributes: Attributes;
}

export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState?: string;
  readonly flags?: number;
  readonly attributes: Attributes;
}

export interface SpanRecord {
  readonly kind: 'span';
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  /** True when the parent is in another process. */
  readonly parentRemote?: boolean;
  readonly traceState?: string;
  /** W3C trace flags: bit 0 sampled, bit 1 random. */
  readonly flags: number;
  readonly name: string;
  readonly spanKind: SpanKind;
  readonly startTime: number;
  readonly endTime: number;
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
  readonly links: readonly SpanLink[];
  readonly status: { readonly code: 0 | 1 | 2; readonly message?: string };
  readonly droppedAttributes?: number;
  readonly droppedEvents?: number;
  readonly droppedLinks?: number;
}

/** A crash dump that was written. Texts are redacted. */
export interface CrashRecord {
  readonly kind: 'crash';
  readonly time: number;
  readonly eventId: string;
  readonly excType: string;
  readonly message: string;
  /** 16 lower-case hex digits, equal for equal crashes. */
  readonly fingerprint: string;
  readonly source: CrashSource;
  /** Absolute. */
  readonly path: string;
  readonly requestId?: string;
  readonly traceId?: string;
  readonly spanId?: string;
}

/** How a crash came to light; `ended` is a process that died without a word, found by the next. */
export const CRASH_SOURCES = [
  'uncaughtException',
  'unhandledRejection',
  'worker',
  'request',
  'capture',
  'ended',
] as const;
export type CrashSource = (typeof CRASH_SOURCES)[number];

/** One dump, as a listing shows it. Texts are redacted. */
export interface CrashSummary {
  /** The file's name without `.json`. */
  readonly id: string;
  readonly event_id: string;
  /** UTC, ISO 8601, microseconds. */
  readonly timestamp: string;
  readonly exc_type: string;
  readonly message: string;
  /** Of the type and the top frames: 16 lower-case hex digits, equal for equal crashes. */
  readonly fingerprint: string;
  readonly source: CrashSource;
  /** Of the file: absolute. */
  readonly path: string;
  readonly request_id?: string;
  readonly trace_id?: string;
  readonly route?: string;
  /** Failures like this one since the dump before it, which were only counted. */
  readonly suppressed?: number;
  /** Made on purpose, by a check: nobody's crash. */
  readonly synthetic?: boolean;
}

/** A hook of the catalogue, redacted. */
export interface HookRecord {
  readonly kind: 'hook';
  readonly time: number;
  readonly id: string;
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Work that had to wait or was turned away, since the last record: at most one a second for each kind of work. */
export interface BreachRecord {
  readonly kind: 'breach';
  readonly time: number;
  readonly of: 'jobs' | 'requests';
  readonly queueState: 'delayed';
  /** Such as `cpu 85.0%/70.0%`; the first is what decided. */
  readonly reasons: readonly string[];
  /** Place of the newest. */
  readonly position: number;
  readonly retryAfterMs: number;
  /** How many, this one included. */
  readonly count: number;
}

export type Signal = LogRecord | SpanRecord | CrashRecord | HookRecord | BreachRecord;
export type SignalKind = Signal['kind'];

/** Who speaks: `service.name` and its company, the same for every signal of a process. */
export interface Resource {
  readonly attributes: Attributes;
}

/** A label set in the order of the metric's label names. */
export type LabelValues = readonly string[];

export interface Exemplar {
  readonly value: number;
  readonly time: number;
  readonly traceId: string;
  readonly spanId: string;
}

export interface NumberPoint {
  readonly labels: LabelValues;
  readonly value: number;
  readonly exemplar?: Exemplar;
}

export interface HistogramPoint {
  readonly labels: LabelValues;
  /** Per bucket, not cumulative; one longer than `bounds`, the last is +Inf. */
  readonly buckets: readonly number[];
  readonly sum: number;
  readonly count: number;
  readonly exemplars: readonly (Exemplar | undefined)[];
}

export interface SummaryPoint {
  readonly labels: LabelValues;
  readonly sum: number;
  readonly count: number;
}

interface FamilyBase {
  /** As Prometheus shows it, namespace included, counters with `_total`. */
  readonly name: string;
  readonly help: string;
  /** UCUM, such as `s`, `By`, `1`; absent where there is none. */
  readonly unit?: string;
  readonly labelNames: readonly string[];
  /** When the values began to count, for cumulative points. */
  readonly startTime: number;
}

export type MetricFamily =
  | (FamilyBase & { readonly type: 'counter' | 'gauge'; readonly points: readonly NumberPoint[] })
  | (FamilyBase & {
      readonly type: 'histogram';
      readonly bounds: readonly number[];
      readonly points: readonly HistogramPoint[];
    })
  | (FamilyBase & { readonly type: 'summary'; readonly points: readonly SummaryPoint[] });

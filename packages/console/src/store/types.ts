import type {
  Attributes,
  DecodedLogs,
  DecodedMetrics,
  DecodedTraces,
  SpanEvent,
  SpanLink,
} from '@plimsoll/wire';

/** Times are epoch milliseconds with fractions, ends exclusive. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Opaque; hand it back for what follows, absent at the end. */
  readonly next?: string;
}

export interface PageQuery extends Partial<TimeRange> {
  /** 1 to 1,000, default 100. */
  readonly limit?: number;
  readonly cursor?: string;
}

export interface SpanRow {
  readonly service: string;
  readonly scope: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly start: number;
  readonly durationMs: number;
  readonly status: 0 | 1 | 2;
  readonly statusMessage?: string;
  readonly traceState?: string;
  readonly flags: number;
  readonly attributes: Attributes;
  readonly resource: Attributes;
  readonly events: readonly SpanEvent[];
  readonly links: readonly SpanLink[];
}

/** A trace as a list shows it: its root, or its earliest span. */
export interface TraceSummary {
  readonly traceId: string;
  readonly service: string;
  readonly services: readonly string[];
  readonly name: string;
  readonly route?: string;
  readonly httpStatus?: number;
  readonly start: number;
  readonly durationMs: number;
  readonly spans: number;
  readonly errors: number;
}

export interface TraceQuery extends PageQuery {
  readonly service?: string;
  readonly name?: string;
  readonly route?: string;
  readonly status?: 'ok' | 'error';
  readonly minMs?: number;
  readonly maxMs?: number;
  readonly attribute?: { readonly key: string; readonly value: string };
  readonly order?: 'newest' | 'slowest';
}

export interface LogRow {
  /** Rises with arrival; a live tail resumes from it. */
  readonly seq: number;
  readonly service: string;
  readonly logger: string;
  readonly time: number;
  readonly severity: number;
  readonly level: string;
  readonly body: string;
  readonly traceId?: string;
  readonly spanId?: string;
  readonly requestId?: string;
  readonly correlationId?: string;
  readonly attributes: Attributes;
  readonly resource: Attributes;
}

export interface LogQuery extends PageQuery {
  readonly service?: string;
  readonly minSeverity?: number;
  /** Words that the body or an attribute's value holds. */
  readonly text?: string;
  readonly logger?: string;
  readonly traceId?: string;
  readonly requestId?: string;
  readonly correlationId?: string;
  readonly attributes?: readonly { readonly key: string; readonly value: string }[];
  readonly order?: 'newest' | 'oldest';
}

export interface MetricInfo {
  readonly name: string;
  readonly type: 'gauge' | 'sum' | 'histogram' | 'exponential' | 'summary';
  readonly unit: string;
  readonly help: string;
  readonly monotonic: boolean;
  readonly labels: readonly string[];
  readonly services: readonly string[];
}

export interface MetricQuery extends TimeRange {
  readonly name: string;
  readonly service?: string;
  /** Labels to keep; the others are summed over. */
  readonly by?: readonly string[];
  readonly filter?: Readonly<Record<string, string>>;
  /** Milliseconds of a step; the answer has at most 1,000 steps. */
  readonly step: number;
}

export interface MetricSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** One per step: a gauge's last value, a sum's rate per second; null where nothing came. */
  readonly values: readonly (number | null)[];
  /** For histograms: counts per step and bucket, beside `bounds`. */
  readonly buckets?: readonly (readonly number[] | null)[];
  readonly exemplars: readonly { readonly time: number; readonly value: number; readonly traceId: string }[];
}

export interface MetricAnswer {
  readonly info: MetricInfo;
  readonly times: readonly number[];
  readonly bounds?: readonly number[];
  readonly series: readonly MetricSeries[];
}

/** Answered by spans of kind server and consumer, so by what is sampled. */
export interface RequestQuery extends TimeRange {
  readonly service?: string;
  /** Default `service`; a span without a route counts under its name. */
  readonly by?: 'service' | 'route';
  /** Milliseconds; without it there is one row for the whole range. At most 1,000 steps. */
  readonly step?: number;
}

/** One step of one service, or of one of its routes; a step without requests has no row. */
export interface RequestRow {
  readonly service: string;
  readonly route?: string;
  /** Start of the step: `from` plus a multiple of `step`. */
  readonly time: number;
  readonly count: number;
  readonly errors: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p95: number;
}

export interface ServiceRow {
  readonly service: string;
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly resource: Attributes;
}

export interface StoreStats {
  readonly bytes: number;
  readonly segments: number;
  readonly spans: number;
  readonly logs: number;
  readonly points: number;
  readonly oldest: number | null;
}

/**
 * Keeps what the receiver took. `write*` resolves when the rows would survive a `kill -9`; only then is an
 * export acknowledged. Rows are redacted before they come here. One contract suite runs on every implementation.
 */
export interface Store {
  writeTraces(traces: DecodedTraces): Promise<number>;
  writeLogs(logs: DecodedLogs): Promise<number>;
  writeMetrics(metrics: DecodedMetrics): Promise<number>;
  traces(query: TraceQuery): Promise<Page<TraceSummary>>;
  /** All spans of one trace in order of start, at most 10,000; empty where unknown. */
  trace(traceId: string): Promise<readonly SpanRow[]>;
  logs(query: LogQuery): Promise<Page<LogRow>>;
  metricNames(range: TimeRange): Promise<readonly MetricInfo[]>;
  metric(query: MetricQuery): Promise<MetricAnswer | undefined>;
  /** In order of time, then service and route; at most 1,000 steps of 200 routes. */
  requests(query: RequestQuery): Promise<readonly RequestRow[]>;
  services(): Promise<readonly ServiceRow[]>;
  stats(): Promise<StoreStats>;
  /** Drops segments beyond the byte quota and the age limit; space returns to the disk. */
  prune(): Promise<void>;
  /** Rows as they come in, after they are stored; a slow listener is its own problem. */
  onRows(
    listener: (
      rows: { kind: 'log'; rows: readonly LogRow[] } | { kind: 'span'; rows: readonly SpanRow[] },
    ) => void,
  ): () => void;
  close(): Promise<void>;
}

import type {
  Attributes,
  DecodedLogs,
  DecodedMetric,
  DecodedMetrics,
  DecodedTraces,
  LogRow,
  MetricAnswer,
  MetricInfo,
  Page,
  RequestRow,
  ServiceRow,
  SpanRow,
  StoreStats,
  TimeRange,
  TraceSummary,
} from '@plimsoll/wire';
import type { SpanBatch } from './span-batch.ts';

export type {
  LogRow,
  MetricAnswer,
  MetricInfo,
  MetricSeries,
  Page,
  RequestRow,
  ServiceRow,
  SpanRow,
  StoreStats,
  TimeRange,
  TraceSummary,
} from '@plimsoll/wire';

export interface PageQuery extends Partial<TimeRange> {
  /** 1 to 1,000, default 100. */
  readonly limit?: number;
  readonly cursor?: string;
  /**
   * After so many milliseconds a search in order of time gives what it has found, and says how far it came; unset, it
   * goes to the end.
   */
  readonly budgetMs?: number;
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

export interface MetricQuery extends TimeRange {
  readonly name: string;
  readonly service?: string;
  /** Labels to keep; the others are summed over. */
  readonly by?: readonly string[];
  readonly filter?: Readonly<Record<string, string>>;
  /** Milliseconds of a step; the answer has at most 1,000 steps. */
  readonly step: number;
}

/** Answered by spans of kind server and consumer, so by what is sampled. */
export interface RequestQuery extends TimeRange {
  readonly service?: string;
  /** Default `service`; a span without a route counts under its name. */
  readonly by?: 'service' | 'route';
  /** Milliseconds; without it there is one row for the whole range. At most 1,000 steps. */
  readonly step?: number;
}

/** Points of one metric as they came, in order of time. */
export interface PointQuery extends PageQuery {
  readonly name: string;
  readonly service?: string;
}

/** One point with all that its sender said of it: a metric whose `points` hold just this one. */
export interface PointRow {
  readonly service: string;
  readonly scope: string;
  readonly resource: Attributes;
  readonly metric: DecodedMetric;
}

/** A store that also gives points back one by one, for exports and to prove that none is lost. */
export interface PointStore extends Store {
  points(query: PointQuery): Promise<Page<PointRow>>;
}

export type RowListener = (
  rows: { kind: 'log'; rows: readonly LogRow[] } | { kind: 'span'; rows: readonly SpanRow[] },
) => void;

/**
 * Keeps what the receiver took. `write*` resolves when the rows would survive a `kill -9`; only then is an
 * export acknowledged. They give the number of rows taken: a span or record whose ids are none is left out, and a
 * store that can't write rejects with `PLIMSOLL_STORE_WRITE`. Rows are redacted before they come here. One contract suite runs on every implementation.
 */
export interface Store {
  writeTraces(traces: DecodedTraces | SpanBatch): Promise<number>;
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
  /**
   * Rows as they come in, after they are stored; a slow listener is its own problem. Rows of a kind are made only
   * while somebody wants them: both, unless told.
   */
  onRows(listener: RowListener, kind?: 'log' | 'span'): () => void;
  close(): Promise<void>;
}

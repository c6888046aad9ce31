import type { Attributes, AttributeValue, SpanEvent, SpanLink } from './signals.ts';

/**
 * What the console answers, for its page and for the CLI. In JSON a 64-bit integer that a double can't hold is its
 * digits as text, NaN and the infinities are `"NaN"`, `"Infinity"` and `"-Infinity"`, and bytes are base64.
 */

/** Times are epoch milliseconds with fractions, ends exclusive. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Opaque; hand it back for what follows, absent at the end. */
  readonly next?: string;
  /**
   * Epoch milliseconds up to where a long search has come, where it stopped for time before the page was full: `next`
   * goes on from there.
   */
  readonly searchedTo?: number;
}

export interface SpanRow {
  readonly service: string;
  readonly scope: string;
  readonly scopeVersion?: string;
  readonly scopeAttributes?: Attributes;
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
  readonly parentRemote?: boolean;
  readonly droppedAttributes?: number;
  readonly droppedEvents?: number;
  readonly droppedLinks?: number;
}

/** A trace as a list shows it: its root, or its earliest span. */
export interface TraceSummary {
  readonly traceId: string;
  readonly service: string;
  readonly services: readonly string[];
  readonly name: string;
  /** Of the root, else of the first span that has one: a client's span has none. */
  readonly route?: string;
  readonly httpStatus?: number;
  readonly start: number;
  readonly durationMs: number;
  readonly spans: number;
  readonly errors: number;
}

export interface LogRow {
  /** Rises with arrival; a live tail resumes from it. */
  readonly seq: number;
  readonly service: string;
  readonly logger: string;
  readonly time: number;
  readonly severity: number;
  readonly level: string;
  readonly severityText?: string;
  /** A body that is no text stands here as JSON, and as itself in `bodyValue`. */
  readonly body: string;
  readonly bodyValue?: AttributeValue;
  readonly observedTime?: number;
  readonly eventName?: string;
  readonly flags?: number;
  readonly scope?: string;
  readonly traceId?: string;
  readonly spanId?: string;
  readonly requestId?: string;
  readonly correlationId?: string;
  readonly attributes: Attributes;
  readonly resource: Attributes;
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

/** How a service is, by its own `/health`. `unknown` where the console has no address of it. */
export type HealthStatus = 'ok' | 'degraded' | 'unreachable' | 'unknown';

export interface HealthCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly latencyMs?: number;
  /** Since the check ran, as the service said when it was asked; null before the first. */
  readonly ageMs?: number | null;
  readonly error?: string;
}

export interface ServiceHealth {
  readonly status: HealthStatus;
  /** When it was asked last. */
  readonly time?: number;
  readonly checks: readonly HealthCheck[];
  /** Oldest first, at most 120. */
  readonly history: readonly { readonly time: number; readonly status: HealthStatus }[];
}

/** Parallel to the overview's `times`; null where nothing came. */
export type Series = readonly (number | null)[];

export interface ServiceOverview {
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly health: ServiceHealth;
  /** Requests from metrics are all, from spans those that were sampled. */
  readonly source: 'metrics' | 'spans' | 'none';
  /** Requests a second. */
  readonly rate: Series;
  /** Milliseconds. */
  readonly p95: Series;
  /** 0 to 1. */
  readonly errors: Series;
  /** Milliseconds. */
  readonly loop: Series;
  /** Bytes. */
  readonly memory: Series;
}

export interface Overview {
  readonly times: readonly number[];
  readonly step: number;
  readonly services: readonly ServiceOverview[];
}

/** A stretch of time that the end of a trace waited for. */
export interface CriticalStretch {
  readonly spanId: string;
  readonly from: number;
  readonly to: number;
}

export interface TraceAnswer {
  readonly traceId: string;
  readonly spans: readonly SpanRow[];
  readonly logs: readonly LogRow[];
  /** In order of time, without overlap. */
  readonly critical: readonly CriticalStretch[];
}

export interface ServiceAnswer extends ServiceRow {
  readonly ops: ServiceOps;
}

export interface ServiceOps {
  /** Whether the console has an address of the service's ops API. */
  readonly reachable: boolean;
  /** Whether it has a token for it. */
  readonly token: boolean;
  /** The paths that the ops API lists; absent while they are not known, as without a token. */
  readonly paths?: readonly string[];
}

/** One route that a service's ops API lists. */
export interface OpsRoute {
  readonly method: string;
  /** With `:name` for a segment. */
  readonly path: string;
  readonly access?: string;
  readonly summary?: string;
}

/** What the console knows of one service's ops API. */
export interface OpsAnswer extends ServiceOps {
  readonly routes?: readonly OpsRoute[];
}

/** What an app that a console was started with says of itself. */
export interface OpsAnnouncement {
  readonly service: string;
  /** Of its ops API, over loopback; with its admin token. */
  readonly url: string;
  readonly token?: string;
}

/** What the live tail sends, as JSON texts. `skipped` counts the rows left out since the message before. */
export type LiveMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'logs'; readonly rows: readonly LogRow[]; readonly skipped: number };

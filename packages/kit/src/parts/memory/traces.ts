import { type Attributes, type SpanRecord, STATUS } from '@plimsoll/wire';

/** One span of a trace. Times are milliseconds. */
export interface RecentSpan {
  readonly span_id: string;
  readonly parent_span_id: string | undefined;
  readonly name: string;
  readonly kind: string;
  /** After the start of the trace. */
  readonly offset_ms: number;
  readonly duration_ms: number;
  readonly status: 'unset' | 'ok' | 'error';
  readonly attributes: Attributes;
  readonly events: readonly {
    readonly name: string;
    readonly offset_ms: number;
    readonly attributes: Attributes;
  }[];
}

/** One trace as far as this process took part in it. */
export interface RecentTrace {
  readonly trace_id: string;
  /** The name of the span that began here; of the first span, while that one has not ended. */
  readonly name: string;
  readonly route: string | undefined;
  /** The answer's status for a request, else the span's. */
  readonly status: number | string;
  /** ISO, UTC. */
  readonly start: string;
  readonly duration_ms: number;
  /** In order of start. */
  readonly spans: readonly RecentSpan[];
  /** Spans that were not kept. */
  readonly dropped_spans: number;
}

const MAX_TRACES = 50;
const MAX_SPANS = 100;
/** Local roots beyond that: a caller may send every request under one trace id. */
const MAX_ROOTS = 100;
/** Characters of names and attributes, roughly; each span also counts for its object. */
const MAX_SIZE = 2 * 1024 * 1024;
const SPAN_SIZE = 400;

interface Entry {
  readonly spans: SpanRecord[];
  size: number;
  dropped: number;
}

/** The last traces, by number and by size; the one that was quiet the longest goes first. */
export class TraceRing {
  /** In order of the last span. */
  readonly #traces = new Map<string, Entry>();
  #size = 0;

  add(span: SpanRecord): void {
    const entry = this.#traces.get(span.traceId) ?? { spans: [], size: 0, dropped: 0 };
    this.#traces.delete(span.traceId);
    this.#traces.set(span.traceId, entry);
    // The root ends last and says most, so it is kept whatever came before.
    if (entry.spans.length >= MAX_SPANS + (isLocalRoot(span) ? MAX_ROOTS : 0)) {
      entry.dropped++;
      return;
    }
    const size = sizeOf(span);
    entry.spans.push(span);
    entry.size += size;
    this.#size += size;
    while (this.#traces.size > MAX_TRACES || (this.#size > MAX_SIZE && this.#traces.size > 1))
      this.#dropOldest();
  }

  /** Newest first. */
  read(): RecentTrace[] {
    return [...this.#traces].reverse().map(([id, entry]) => traceOf(id, entry));
  }

  #dropOldest(): void {
    const [id, entry] = this.#traces.entries().next().value!;
    this.#traces.delete(id);
    this.#size -= entry.size;
  }
}

function isLocalRoot(span: SpanRecord): boolean {
  return !span.parentSpanId || span.parentRemote === true;
}

function sizeOf(span: SpanRecord): number {
  let size = SPAN_SIZE + span.name.length;
  const count = (attributes: Attributes): void => {
    for (const key in attributes) {
      const value = attributes[key];
      size += key.length + (typeof value === 'string' ? value.length : 16);
    }
  };
  count(span.attributes);
  for (const event of span.events) count(event.attributes);
  return size;
}

function traceOf(id: string, { spans, dropped }: Entry): RecentTrace {
  const sorted = spans.toSorted((a, b) => a.startTime - b.startTime);
  const root = sorted.find(isLocalRoot) ?? sorted[0]!;
  const start = sorted[0]!.startTime;
  const end = Math.max(...sorted.map(span => span.endTime));
  const status = root.attributes['http.response.status_code'] ?? root.attributes['http.status_code'];
  const route = root.attributes['http.route'];
  return {
    trace_id: id,
    name: root.name,
    route: typeof route === 'string' ? route : undefined,
    status: typeof status === 'number' ? status : statusName(root),
    start: new Date(start).toISOString(),
    duration_ms: round(end - start),
    spans: sorted.map(span => spanOf(span, start)),
    dropped_spans: dropped,
  };
}

function spanOf(span: SpanRecord, start: number): RecentSpan {
  return {
    span_id: span.spanId,
    parent_span_id: span.parentSpanId,
    name: span.name,
    kind: span.spanKind,
    offset_ms: round(span.startTime - start),
    duration_ms: round(span.endTime - span.startTime),
    status: statusName(span),
    attributes: plain(span.attributes) as Attributes,
    events: span.events.map(event => ({
      name: event.name,
      offset_ms: round(event.time - start),
      attributes: plain(event.attributes) as Attributes,
    })),
  };
}

function statusName(span: SpanRecord): 'unset' | 'ok' | 'error' {
  const { code } = span.status;
  return code === STATUS.error ? 'error' : code === STATUS.ok ? 'ok' : 'unset';
}

/** What JSON can hold: an int64 becomes text, bytes become their number. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return `[${value.length} bytes]`;
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

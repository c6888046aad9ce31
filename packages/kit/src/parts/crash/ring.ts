import { decodeTraces, type SpanRecord, STATUS, tracesRequest } from '@plimsoll/wire';

const MAX_LINES = 100;
/** Characters of all lines; a line beyond it is not kept. */
const MAX_CHARS = 128 * 1024;
/** Bytes of each half: while one fills, the other still has what came before. */
const HALF = 96 * 1024;
const MAX_SPANS = 50;

/** A span in a dump. */
export interface DumpSpan {
  readonly trace_id: string;
  readonly span_id: string;
  readonly parent_span_id?: string;
  readonly name: string;
  readonly kind: string;
  readonly start: string;
  readonly duration_ms: number;
  readonly status: 'unset' | 'ok' | 'error';
  readonly attributes: unknown;
  readonly events: unknown;
}

/** The last lines and spans, as they were rendered and encoded for other sinks; parsed only for a dump. */
export class CrashRing {
  readonly #lines: string[] = [];
  #chars = 0;
  #halves: [Half, Half] = [new Half(), new Half()];

  line(line: string): void {
    if (line.length > MAX_CHARS) return;
    this.#lines.push(line);
    this.#chars += line.length;
    while (this.#lines.length > MAX_LINES || this.#chars > MAX_CHARS) {
      this.#chars -= (this.#lines.shift() as string).length;
    }
  }

  spans(bytes: Uint8Array): void {
    if (!this.#halves[1].take(bytes)) {
      const [oldest, newest] = this.#halves;
      oldest.clear();
      this.#halves = [newest, oldest];
      oldest.take(bytes);
    }
  }

  /** Oldest first. */
  readLines(): readonly unknown[] {
    return this.#lines.map(parse);
  }

  /** Oldest first, in the order in which they ended. */
  readSpans(): readonly DumpSpan[] {
    try {
      const spans = this.#halves.map(half => half.bytes());
      const request = tracesRequest({ resource: { attributes: {} }, scopeName: '', scopeVersion: '', spans });
      const all = decodeTraces(request).flatMap(({ scopes }) => scopes.flatMap(({ items }) => items));
      return all.slice(-MAX_SPANS).map(spanOf);
    } catch {
      return [];
    }
  }
}

/** Encoded spans one behind the other, in memory that is taken once. */
class Half {
  readonly #room = new Uint8Array(HALF);
  #length = 0;

  /** False where there is no room; what is larger than all of it is not kept. */
  take(bytes: Uint8Array): boolean {
    if (bytes.length > HALF) return true;
    if (this.#length + bytes.length > HALF) return false;
    this.#room.set(bytes, this.#length);
    this.#length += bytes.length;
    return true;
  }

  clear(): void {
    this.#length = 0;
  }

  bytes(): Uint8Array {
    return this.#room.subarray(0, this.#length);
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return { msg: line };
  }
}

function spanOf(span: SpanRecord): DumpSpan {
  const { code } = span.status;
  return {
    ...{ trace_id: span.traceId, span_id: span.spanId, name: span.name, kind: span.spanKind },
    ...(span.parentSpanId !== undefined && { parent_span_id: span.parentSpanId }),
    start: new Date(span.startTime).toISOString(),
    duration_ms: Math.round((span.endTime - span.startTime) * 1000) / 1000,
    status: code === STATUS.error ? 'error' : code === STATUS.ok ? 'ok' : 'unset',
    attributes: plain(span.attributes),
    events: span.events.map(event => ({ name: event.name, attributes: plain(event.attributes) })),
  };
}

/** What JSON can hold: an int64 becomes text, bytes become their number. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return `[${value.length} bytes]`;
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

import type { Attributes, DecodedTraces, Resource, Scope, SpanKind, SpanRecord } from '@plimsoll/wire';
import { SPAN_KIND } from '@plimsoll/wire';
import { type SpanExtra, spanExtra } from './duckdb/extra.ts';
import { hexOf, idOf, spanKey, traceKey } from './duckdb/ids.ts';
import { attributesFromJson, attributesToJson, fromJson, toJson } from './duckdb/json.ts';

/** Which rows of the columns came under one scope of one resource. */
export interface RowGroup {
  readonly resource: Resource;
  readonly schemaUrl?: string;
  readonly scopes: readonly RowScope[];
}

export interface RowScope {
  readonly scope: Scope;
  readonly schemaUrl?: string;
  readonly from: number;
  readonly to: number;
}

const START = 512;
const KINDS = Object.keys(SPAN_KIND) as readonly SpanKind[];

/**
 * Spans as columns, on their way from an export's bytes into a table without an object each: half the cost of a span
 * is objects. Ids are numbers, texts are clean, attributes and what few spans have are JSON texts as they are stored.
 */
export class SpanBatch {
  groups: readonly RowGroup[] = [];
  /** Rows in the columns. */
  count = 0;
  /** Spans that were left out, since their ids are none. */
  refused = 0;
  readonly name: string[] = [];
  readonly route: string[] = [];
  readonly attributes: string[] = [];
  readonly extra: string[] = [];
  readonly traceHi = new Ids();
  readonly traceLo = new Ids();
  readonly span = new Ids();
  readonly parent = new Ids();
  start = new Float64Array(START);
  ms = new Float64Array(START);
  http = new Uint16Array(START);
  kind = new Uint8Array(START);
  status = new Uint8Array(START);
  flags = new Uint8Array(START);

  /** The number of a new row; each of its columns is to be set. */
  row(): number {
    if (this.count === this.kind.length) this.#grow();
    return this.count++;
  }

  #grow(): void {
    const size = this.count * 4;
    for (const ids of [this.traceHi, this.traceLo, this.span, this.parent]) ids.grow(size);
    this.start = wider(this.start, new Float64Array(size));
    this.ms = wider(this.ms, new Float64Array(size));
    this.http = wider(this.http, new Uint16Array(size));
    this.kind = wider(this.kind, new Uint8Array(size));
    this.status = wider(this.status, new Uint8Array(size));
    this.flags = wider(this.flags, new Uint8Array(size));
  }
}

/** Where the low half of 64 bits stands depends on the machine. */
const LOW = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 0 : 1;

/** Numbers of 64 bits that are set as two halves: a bigint for each would be an object. */
class Ids {
  numbers = new BigUint64Array(START);
  #words = new Uint32Array(this.numbers.buffer);

  /** From eight big-endian bytes. */
  setBytes(row: number, bytes: Uint8Array, at: number): void {
    const words = this.#words;
    words[row * 2 + 1 - LOW] =
      (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
    words[row * 2 + LOW] =
      (bytes[at + 4]! << 24) | (bytes[at + 5]! << 16) | (bytes[at + 6]! << 8) | bytes[at + 7]!;
  }

  clear(row: number): void {
    this.#words[row * 2] = 0;
    this.#words[row * 2 + 1] = 0;
  }

  isZero(row: number): boolean {
    return (this.#words[row * 2]! | this.#words[row * 2 + 1]!) === 0;
  }

  grow(size: number): void {
    this.numbers = wider(this.numbers, new BigUint64Array(size));
    this.#words = new Uint32Array(this.numbers.buffer);
  }
}

function wider<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** One span's row, or -1 where its ids are none. */
export function addSpan(batch: SpanBatch, span: SpanRecord): number {
  const trace = traceKey(span.traceId);
  const id = spanKey(span.spanId);
  if (trace === undefined || id === undefined) {
    batch.refused += 1;
    return -1;
  }
  const { attributes } = span;
  const row = batch.row();
  batch.traceHi.numbers[row] = trace.hi;
  batch.traceLo.numbers[row] = trace.lo;
  batch.span.numbers[row] = id;
  batch.parent.numbers[row] = span.parentSpanId === undefined ? 0n : (idOf(span.parentSpanId) ?? 0n);
  batch.name[row] = span.name;
  batch.kind[row] = SPAN_KIND[span.spanKind];
  batch.start[row] = span.startTime;
  batch.ms[row] = span.endTime - span.startTime;
  batch.status[row] = span.status.code;
  batch.flags[row] = span.flags;
  const route = attributes['http.route'];
  batch.route[row] = typeof route === 'string' ? route : '';
  batch.http[row] = httpStatusOf(attributes);
  batch.attributes[row] = attributesToJson(attributes);
  const extra = spanExtra(span);
  batch.extra[row] = extra === undefined ? '' : toJson(extra as unknown as Attributes);
  return row;
}

function httpStatusOf(attributes: Attributes): number {
  const value = attributes['http.response.status_code'] ?? attributes['http.status_code'];
  return typeof value === 'number' && value >= 100 && value <= 999 ? Math.trunc(value) : 0;
}

/** The decoded form as columns. */
export function toBatch(groups: DecodedTraces): SpanBatch {
  const batch = new SpanBatch();
  batch.groups = groups.map(({ resource, schemaUrl, scopes }) => ({
    resource,
    ...(schemaUrl !== undefined && { schemaUrl }),
    scopes: scopes.map(({ scope, schemaUrl: url, items }) => {
      const from = batch.count;
      for (const item of items) addSpan(batch, item);
      return { scope, ...(url !== undefined && { schemaUrl: url }), from, to: batch.count };
    }),
  }));
  return batch;
}

/** The span of a row, for those who look at one. */
export function spanAt(batch: SpanBatch, row: number): SpanRecord {
  const extra = (batch.extra[row] === '' ? {} : fromJson(batch.extra[row]!)) as SpanExtra;
  const parent = batch.parent.numbers[row]!;
  const [attributes, events, links] = extra.dropped ?? [0, 0, 0];
  return {
    kind: 'span',
    traceId: hexOf(batch.traceHi.numbers[row]!) + hexOf(batch.traceLo.numbers[row]!),
    spanId: hexOf(batch.span.numbers[row]!),
    ...(parent !== 0n && { parentSpanId: hexOf(parent) }),
    ...(extra.remote !== undefined && { parentRemote: extra.remote }),
    ...(extra.state !== undefined && { traceState: extra.state }),
    flags: batch.flags[row]!,
    name: batch.name[row]!,
    spanKind: KINDS[batch.kind[row]! - 1] ?? 'internal',
    startTime: batch.start[row]!,
    endTime: batch.start[row]! + batch.ms[row]!,
    attributes: attributesFromJson(batch.attributes[row]!),
    events: extra.events ?? [],
    links: extra.links ?? [],
    status: {
      code: batch.status[row] as 0 | 1 | 2,
      ...(extra.message !== undefined && { message: extra.message }),
    },
    ...(attributes > 0 && { droppedAttributes: attributes }),
    ...(events > 0 && { droppedEvents: events }),
    ...(links > 0 && { droppedLinks: links }),
  };
}

/** The columns as they would have been decoded, for a store that keeps objects. */
export function toTraces(batch: SpanBatch): DecodedTraces {
  return batch.groups.map(({ resource, schemaUrl, scopes }) => ({
    resource,
    ...(schemaUrl !== undefined && { schemaUrl }),
    scopes: scopes.map(({ scope, schemaUrl: url, from, to }) => ({
      scope,
      ...(url !== undefined && { schemaUrl: url }),
      items: Array.from({ length: to - from }, (_, i) => spanAt(batch, from + i)),
    })),
  }));
}

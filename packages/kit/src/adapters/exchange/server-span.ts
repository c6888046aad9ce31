import { ByteWriter, renderAttributes, SPAN_ATTRIBUTES } from '@plimsoll/wire';
import type { Exchange } from '../exchange.ts';

/** Bytes of ids, times and flags; the parent adds 10. */
const FIXED = 18 + 10 + 9 + 9 + 6;
const FLAGS_KNOWN = 0x100;
const FLAGS_REMOTE = 0x200;
/** The attribute `user.id` up to its value, which is a hash of 32 digits. */
const USER = renderAttributes({ 'user.id': '0'.repeat(32) }, SPAN_ATTRIBUTES).slice(0, -33);
const USER_SIZE = USER.length + 33;

/** A request's span but for ids, times and flags. */
export interface SpanTemplate {
  /** Framed and whole, for the root of a trace without a user; what varies is 0. */
  readonly whole: Uint8Array;
  /** Name, kind, attributes and status. */
  readonly tail: Uint8Array;
}

export interface ServerSpanTimes {
  readonly startTime: number;
  readonly endTime: number;
}

/** `tail` is fields 5 (name), 6 (kind server), 9 (attributes) and 15 (status) of an OTLP span. */
export function renderSpan(tail: Uint8Array): SpanTemplate {
  const w = new ByteWriter(256);
  const none = { traceId: '0'.repeat(32), spanId: '0'.repeat(16), flags: 0 };
  writeEach(w, none, { startTime: 0, endTime: 0, tail, user: undefined });
  return { whole: w.take(), tail };
}

/**
 * A request's span as OTLP, framed as an entry of ScopeSpans: what varies is written, the rest was rendered
 * when the route was first seen. Equal to `encodeSpan` of the same record, which a test proves.
 */
export function writeServerSpan(
  w: ByteWriter,
  exchange: Exchange,
  span: ServerSpanTimes & { readonly template: SpanTemplate; readonly user: string | undefined },
): void {
  const { template, startTime, endTime, user } = span;
  const { ids } = exchange.owner.kit.core.trace;
  if (exchange.remoteParent !== undefined || exchange.traceState !== undefined || user !== undefined) {
    writeEach(w, exchange, { startTime, endTime, tail: template.tail, user });
    return;
  }
  const { whole, tail } = template;
  w.append(whole);
  const end = w.length;
  // What varies lies in a row before the tail, each behind its tag and, for an id, its length.
  w.length = end - tail.length - FIXED + 2;
  const trace = ids.find(exchange.traceAt);
  if (trace < 0) w.digits(exchange.traceId);
  else w.id(ids.view, trace, 16);
  w.length += 2;
  const own = ids.find(exchange.spanAt);
  if (own < 0) w.digits(exchange.spanId);
  else w.id(ids.view, own, 8);
  w.length += 1;
  w.nanos(startTime);
  w.length += 1;
  w.nanos(endTime);
  w.length += 2;
  w.fixed32(exchange.flags | FLAGS_KNOWN);
  w.length = end;
}

type Ids = Pick<Exchange, 'traceId' | 'spanId' | 'flags'> &
  Partial<Pick<Exchange, 'remoteParent' | 'traceState'>>;

function writeEach(
  w: ByteWriter,
  ids: Ids,
  span: ServerSpanTimes & { readonly tail: Uint8Array; readonly user: string | undefined },
): void {
  const parent = ids.remoteParent;
  const state = ids.traceState;
  // tracestate is ASCII by its grammar, and at most 512 characters.
  const stateSize = state === undefined ? 0 : 1 + (state.length < 128 ? 1 : 2) + state.length;
  const userSize = span.user === undefined ? 0 : USER_SIZE;
  const size = FIXED + (parent === undefined ? 0 : 10) + stateSize + userSize + span.tail.length;
  w.ensure(size + 4);
  w.byte(0x12);
  w.varint(size);
  w.byte(0x0a);
  w.hex(ids.traceId);
  w.byte(0x12);
  w.hex(ids.spanId);
  if (state !== undefined) {
    w.byte(0x1a);
    w.utf8(state);
  }
  if (parent !== undefined) {
    w.byte(0x22);
    w.hex(parent);
  }
  w.byte(0x39);
  w.nanos(span.startTime);
  w.byte(0x41);
  w.nanos(span.endTime);
  w.byte(0x85);
  w.byte(0x01);
  w.fixed32(ids.flags | FLAGS_KNOWN | (parent === undefined ? 0 : FLAGS_REMOTE));
  w.append(span.tail);
  if (span.user !== undefined) {
    w.append(USER);
    w.utf8(span.user);
  }
}

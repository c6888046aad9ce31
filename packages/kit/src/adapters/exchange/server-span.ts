import { type ByteWriter, renderAttributes, SPAN_ATTRIBUTES } from '@plimsoll/wire';
import type { Exchange } from '../exchange.ts';

/** Bytes of ids, times and flags; the parent adds 10. */
const FIXED = 18 + 10 + 9 + 9 + 6;
const FLAGS_KNOWN = 0x100;
const FLAGS_REMOTE = 0x200;
/** The attribute `user.id` up to its value, which is a hash of 32 digits. */
const USER = renderAttributes({ 'user.id': '0'.repeat(32) }, SPAN_ATTRIBUTES).slice(0, -33);
const USER_SIZE = USER.length + 33;

/**
 * A request's span as OTLP, framed as an entry of ScopeSpans: what varies is written, the rest was rendered
 * when the route was first seen. Equal to `encodeSpan` of the same record, which a test proves.
 */
export function writeServerSpan(
  w: ByteWriter,
  exchange: Exchange,
  span: { startTime: number; endTime: number; tail: Uint8Array; user?: string | undefined },
): void {
  const parent = exchange.remoteParent;
  const state = exchange.traceState;
  // tracestate is ASCII by its grammar, and at most 512 characters.
  const stateSize = state === undefined ? 0 : 1 + (state.length < 128 ? 1 : 2) + state.length;
  const userSize = span.user === undefined ? 0 : USER_SIZE;
  const size = FIXED + (parent === undefined ? 0 : 10) + stateSize + userSize + span.tail.length;
  w.ensure(size + 4);
  w.byte(0x12);
  w.varint(size);
  w.byte(0x0a);
  w.hex(exchange.traceId);
  w.byte(0x12);
  w.hex(exchange.spanId);
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
  w.fixed32(exchange.flags | FLAGS_KNOWN | (parent === undefined ? 0 : FLAGS_REMOTE));
  w.append(span.tail);
  if (span.user !== undefined) {
    w.append(USER);
    w.utf8(span.user);
  }
}

import type { SpanEvent, SpanLink, SpanRecord } from '../signals.ts';
import { type MutableAttributes, readAttribute, readValue } from './decode-value.ts';
import { type Draft, finishLog, setSpanFlags, spanKindOf, statusCodeOf } from './draft.ts';
import { decodeGroups } from './groups.ts';
import { fields, Reader } from './reader.ts';
import type { DecodedLog, DecodedLogs, DecodedTraces } from './types.ts';

const SPAN = fields(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
const EVENT = fields(1, 2, 3, 4);
const LINK = fields(1, 2, 3, 4, 5, 6);
const STATUS = fields(2, 3);
const LOG = fields(1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12);

const NO_STATUS: SpanRecord['status'] = Object.freeze({ code: 0 });

/** Reads an ExportTraceServiceRequest. Throws `OtlpError` (PLIMSOLL_BAD_OTLP) and nothing else. */
export function decodeTraces(bytes: Uint8Array): DecodedTraces {
  return decodeGroups(bytes, readSpan);
}

/** Reads an ExportLogsServiceRequest. Throws `OtlpError` (PLIMSOLL_BAD_OTLP) and nothing else. */
export function decodeLogs(bytes: Uint8Array): DecodedLogs {
  return decodeGroups(bytes, readLog);
}

/** Reads one Span message. Throws `OtlpError`. */
export function decodeSpan(bytes: Uint8Array): SpanRecord {
  return readSpanFields(new Reader(bytes));
}

function readSpan(r: Reader): SpanRecord {
  const outer = r.open();
  const span = readSpanFields(r);
  r.close(outer);
  return span;
}

function readSpanFields(r: Reader): SpanRecord {
  const attributes: MutableAttributes = {};
  const events: SpanEvent[] = [];
  const links: SpanLink[] = [];
  const span: Draft<SpanRecord> = {
    kind: 'span',
    traceId: '',
    spanId: '',
    flags: 0,
    name: '',
    spanKind: 'internal',
    startTime: 0,
    endTime: 0,
    attributes,
    events,
    links,
    status: NO_STATUS,
  };
  while (r.more()) {
    const tag = r.varint();
    if (tag === 0x4a) readAttribute(r, attributes);
    else if (tag === 0x5a) events.push(readEvent(r));
    else if (tag === 0x6a) links.push(readLink(r));
    else readSpanField(r, tag, span);
  }
  return span;
}

function readSpanField(r: Reader, tag: number, span: Draft<SpanRecord>): void {
  switch (tag) {
    case 0x0a:
      span.traceId = r.hex();
      return;
    case 0x12:
      span.spanId = r.hex();
      return;
    case 0x1a:
      span.traceState = r.utf8() || undefined;
      return;
    case 0x22:
      span.parentSpanId = r.hex() || undefined;
      return;
    case 0x2a:
      span.name = r.utf8();
      return;
    case 0x30:
      span.spanKind = spanKindOf(r.uint32());
      return;
    case 0x39:
      span.startTime = r.nanos();
      return;
    case 0x41:
      span.endTime = r.nanos();
      return;
    case 0x7a:
      span.status = readStatus(r);
      return;
    case 0x85:
      setSpanFlags(span, r.fixed32());
      return;
    case 0x50:
      span.droppedAttributes = r.uint32();
      return;
    case 0x60:
      span.droppedEvents = r.uint32();
      return;
    case 0x70:
      span.droppedLinks = r.uint32();
      return;
    default:
      r.skip(tag, SPAN);
  }
}

function readEvent(r: Reader): SpanEvent {
  const outer = r.open();
  const attributes: MutableAttributes = {};
  const event: Draft<SpanEvent> = { name: '', time: 0, attributes };
  while (r.more()) {
    const tag = r.varint();
    if (tag === 0x09) event.time = r.nanos();
    else if (tag === 0x12) event.name = r.utf8();
    else if (tag === 0x1a) readAttribute(r, attributes);
    else if (tag === 0x20) r.uint32();
    else r.skip(tag, EVENT);
  }
  r.close(outer);
  return event;
}

function readLink(r: Reader): SpanLink {
  const outer = r.open();
  const attributes: MutableAttributes = {};
  const link: Draft<SpanLink> = { traceId: '', spanId: '', attributes };
  while (r.more()) {
    const tag = r.varint();
    if (tag === 0x0a) link.traceId = r.hex();
    else if (tag === 0x12) link.spanId = r.hex();
    else if (tag === 0x1a) link.traceState = r.utf8() || undefined;
    else if (tag === 0x22) readAttribute(r, attributes);
    else if (tag === 0x28) r.uint32();
    else if (tag === 0x35) link.flags = r.fixed32();
    else r.skip(tag, LINK);
  }
  r.close(outer);
  return link;
}

function readStatus(r: Reader): SpanRecord['status'] {
  const outer = r.open();
  const status: Draft<SpanRecord['status']> = { code: 0 };
  while (r.more()) {
    const tag = r.varint();
    if (tag === 0x12) status.message = r.utf8() || undefined;
    else if (tag === 0x18) status.code = statusCodeOf(r.uint32());
    else r.skip(tag, STATUS);
  }
  r.close(outer);
  return status;
}

function readLog(r: Reader): DecodedLog {
  const outer = r.open();
  const attributes: MutableAttributes = {};
  const log: Draft<DecodedLog> = {
    kind: 'log',
    time: 0,
    level: 'info',
    body: null,
    logger: '',
    attributes,
    observedTime: 0,
    severityNumber: 0,
    severityText: '',
  };
  while (r.more()) {
    const tag = r.varint();
    if (tag === 0x32) readAttribute(r, attributes);
    else readLogField(r, tag, log);
  }
  r.close(outer);
  return finishLog(log, attributes);
}

function readLogField(r: Reader, tag: number, log: Draft<DecodedLog>): void {
  switch (tag) {
    case 0x09:
      log.time = r.nanos();
      return;
    case 0x10:
      log.severityNumber = r.uint32();
      return;
    case 0x1a:
      log.severityText = r.utf8();
      return;
    case 0x2a:
      log.body = readValue(r);
      return;
    case 0x38:
      r.uint32();
      return;
    case 0x45:
      log.flags = r.fixed32() & 0xff;
      return;
    case 0x4a:
      log.traceId = r.hex() || undefined;
      return;
    case 0x52:
      log.spanId = r.hex() || undefined;
      return;
    case 0x59:
      log.observedTime = r.nanos();
      return;
    case 0x62:
      log.eventName = r.utf8() || undefined;
      return;
    default:
      r.skip(tag, LOG);
  }
}

import type { LogRecord, SpanEvent, SpanLink, SpanRecord } from '../signals.ts';
import { SEVERITY, SPAN_KIND } from '../signals.ts';
import type { DecodedLog } from './types.ts';
import { encodeAttribute, encodeAttributes, encodeValue } from './value.ts';
import type { ByteWriter } from './writer.ts';

/** Bits of a span's flags beside W3C's eight: we know where the parent is, and it is in another process. */
export const PARENT_KNOWN = 0x100;
export const PARENT_REMOTE = 0x200;
/** OTLP has no field for a logger; a record's own scope would end the concatenation of entries. */
export const LOGGER_KEY = 'logger.name';

/** Field number of an entry in ScopeSpans, ScopeLogs and ScopeMetrics. */
export const ENTRY = 2;
/** Field number of the attributes in a Span, for `renderAttributes`. */
export const SPAN_ATTRIBUTES = 9;
/** Field number of the attributes in a LogRecord, for `renderAttributes`. */
export const LOG_ATTRIBUTES = 6;

/** Where a span's ids lie as bytes, for a sender that made them of bytes; -1 where they do not. */
export interface RawIds {
  readonly bytes: DataView;
  trace: number;
  span: number;
}

/** One framed entry of ScopeSpans (tag, length, Span), so that entries concatenate to an export. */
export function encodeSpan(w: ByteWriter, span: SpanRecord, raw?: RawIds): void {
  const start = w.beginMessage(ENTRY, 2);
  w.byte(0x0a);
  if (raw === undefined || raw.trace < 0) w.hex(span.traceId);
  else {
    w.byte(16);
    w.id(raw.bytes, raw.trace, 16);
  }
  w.byte(0x12);
  if (raw === undefined || raw.span < 0) w.hex(span.spanId);
  else {
    w.byte(8);
    w.id(raw.bytes, raw.span, 8);
  }
  if (span.traceState) text(w, 0x1a, span.traceState);
  if (span.parentSpanId) {
    w.byte(0x22);
    w.hex(span.parentSpanId);
  }
  if (span.name !== '') text(w, 0x2a, span.name);
  w.byte(0x30);
  w.byte(SPAN_KIND[span.spanKind]);
  w.byte(0x39);
  w.nanos(span.startTime);
  w.byte(0x41);
  w.nanos(span.endTime);
  encodeAttributes(w, SPAN_ATTRIBUTES, span.attributes);
  if (span.droppedAttributes) number(w, 0x50, span.droppedAttributes);
  for (let i = 0; i < span.events.length; i++) encodeEvent(w, span.events[i]!);
  if (span.droppedEvents) number(w, 0x60, span.droppedEvents);
  for (let i = 0; i < span.links.length; i++) encodeLink(w, span.links[i]!);
  if (span.droppedLinks) number(w, 0x70, span.droppedLinks);
  if (span.status.code !== 0 || span.status.message) encodeStatus(w, span.status);
  const flags = spanFlags(span);
  if (flags !== 0) {
    w.byte(0x85);
    w.byte(0x01);
    w.fixed32(flags);
  }
  w.endMessage(start, 2);
}

/** One framed entry of ScopeLogs (tag, length, LogRecord). The logger becomes the attribute `logger.name`. */
export function encodeLog(w: ByteWriter, log: LogRecord | DecodedLog): void {
  const start = w.beginMessage(ENTRY, 2);
  w.byte(0x09);
  w.nanos(log.time);
  const decoded = 'severityNumber' in log;
  const severity = decoded ? log.severityNumber : SEVERITY[log.level];
  const severityText = decoded ? log.severityText : log.level;
  if (severity !== 0) number(w, 0x10, severity);
  if (severityText !== '') text(w, 0x1a, severityText);
  encodeValue(w, 5, log.body);
  if (log.logger === '') encodeAttributes(w, LOG_ATTRIBUTES, log.attributes);
  else encodeLogger(w, log);
  if (log.flags) flagField(w, 8, log.flags);
  if (log.traceId) {
    w.byte(0x4a);
    w.hex(log.traceId);
  }
  if (log.spanId) {
    w.byte(0x52);
    w.hex(log.spanId);
  }
  w.byte(0x59);
  w.nanos(decoded ? log.observedTime : log.time);
  if (log.eventName) text(w, 0x62, log.eventName);
  w.endMessage(start, 2);
}

/** Keys are unique in OTLP, so the logger replaces an attribute of the same key. */
function encodeLogger(w: ByteWriter, log: LogRecord | DecodedLog): void {
  encodeAttribute(w, LOG_ATTRIBUTES, LOGGER_KEY, log.logger);
  if (!Object.hasOwn(log.attributes, LOGGER_KEY)) {
    encodeAttributes(w, LOG_ATTRIBUTES, log.attributes);
    return;
  }
  const { [LOGGER_KEY]: _replaced, ...rest } = log.attributes;
  encodeAttributes(w, LOG_ATTRIBUTES, rest);
}

/** A Span.Event in field 11 of a Span. */
export function encodeEvent(w: ByteWriter, event: SpanEvent): void {
  const start = w.beginMessage(11);
  w.byte(0x09);
  w.nanos(event.time);
  if (event.name !== '') text(w, 0x12, event.name);
  encodeAttributes(w, 3, event.attributes);
  w.endMessage(start);
}

/** A Span.Link in field 13 of a Span. */
export function encodeLink(w: ByteWriter, link: SpanLink): void {
  const start = w.beginMessage(13);
  w.byte(0x0a);
  w.hex(link.traceId);
  w.byte(0x12);
  w.hex(link.spanId);
  if (link.traceState) text(w, 0x1a, link.traceState);
  encodeAttributes(w, 4, link.attributes);
  if (link.flags) flagField(w, 6, link.flags);
  w.endMessage(start);
}

/** The Status in field 15 of a Span. */
export function encodeStatus(w: ByteWriter, status: SpanRecord['status']): void {
  const start = w.beginMessage(15);
  if (status.message) text(w, 0x12, status.message);
  if (status.code !== 0) number(w, 0x18, status.code);
  w.endMessage(start);
}

/** The number that goes into a span's field 16: W3C's flags and what is known of the parent. */
export function spanFlags(span: { readonly flags: number; readonly parentRemote?: boolean }): number {
  const known =
    span.parentRemote === undefined ? 0 : span.parentRemote ? PARENT_KNOWN | PARENT_REMOTE : PARENT_KNOWN;
  return (span.flags & 0xff) | known;
}

function flagField(w: ByteWriter, field: number, flags: number): void {
  w.tag(field, 5);
  w.fixed32(flags);
}

function text(w: ByteWriter, tag: number, value: string): void {
  w.byte(tag);
  w.utf8(value);
}

function number(w: ByteWriter, tag: number, value: number): void {
  w.byte(tag);
  w.varint(value);
}

import type { SpanEvent, SpanLink, SpanRecord } from '../signals.ts';
import { SPAN_KIND } from '../signals.ts';
import { type Draft, finishLog, setSpanFlags, spanKindOf, statusCodeOf } from './draft.ts';
import { LOGGER_KEY, spanFlags } from './encode.ts';
import { groupsFromJson, groupsToJson } from './json-groups.ts';
import {
  anyValueOf,
  attributesOf,
  idOf,
  int32Of,
  type JsonObject,
  listOf,
  nanosOf,
  objectOf,
  textOf,
} from './json-read.ts';
import {
  attributesJson,
  type Json,
  members,
  nanosText,
  textJson,
  unlessEmpty,
  unlessZero,
  valueJson,
} from './json-write.ts';
import type { DecodedLog, DecodedLogs, DecodedTraces } from './types.ts';

/** OTLP/JSON of what `decodeTraces` gives: for JSON.stringify. */
export function tracesToJson(groups: DecodedTraces): Json {
  return groupsToJson(groups, { groups: 'resourceSpans', scopes: 'scopeSpans', items: 'spans' }, spanJson);
}

/** Reads what JSON.parse gives. Throws `OtlpError` (PLIMSOLL_BAD_OTLP). */
export function tracesFromJson(json: unknown): DecodedTraces {
  return groupsFromJson(json, { groups: 'resourceSpans', scopes: 'scopeSpans', items: 'spans' }, spanOf);
}

export function logsToJson(groups: DecodedLogs): Json {
  return groupsToJson(groups, { groups: 'resourceLogs', scopes: 'scopeLogs', items: 'logRecords' }, logJson);
}

/** Reads what JSON.parse gives. Throws `OtlpError` (PLIMSOLL_BAD_OTLP). */
export function logsFromJson(json: unknown): DecodedLogs {
  return groupsFromJson(json, { groups: 'resourceLogs', scopes: 'scopeLogs', items: 'logRecords' }, logOf);
}

function spanJson(span: SpanRecord): Json {
  const { code, message } = span.status;
  return members({
    traceId: span.traceId,
    spanId: span.spanId,
    traceState: textJson(span.traceState),
    parentSpanId: textJson(span.parentSpanId),
    flags: unlessZero(spanFlags(span)),
    name: span.name.toWellFormed(),
    kind: SPAN_KIND[span.spanKind],
    startTimeUnixNano: nanosText(span.startTime),
    endTimeUnixNano: nanosText(span.endTime),
    attributes: attributesJson(span.attributes),
    droppedAttributesCount: unlessZero(span.droppedAttributes),
    events: unlessEmpty(span.events.map(eventJson)),
    droppedEventsCount: unlessZero(span.droppedEvents),
    links: unlessEmpty(span.links.map(linkJson)),
    droppedLinksCount: unlessZero(span.droppedLinks),
    status:
      code === 0 && !message ? undefined : members({ message: textJson(message), code: unlessZero(code) }),
  });
}

function eventJson(event: SpanEvent): Json {
  return members({
    timeUnixNano: nanosText(event.time),
    name: event.name.toWellFormed(),
    attributes: attributesJson(event.attributes),
  });
}

function linkJson(link: SpanLink): Json {
  return members({
    traceId: link.traceId,
    spanId: link.spanId,
    traceState: textJson(link.traceState),
    attributes: attributesJson(link.attributes),
    flags: unlessZero(link.flags),
  });
}

function logJson(log: DecodedLog): Json {
  const attributes = log.logger === '' ? log.attributes : { ...log.attributes, [LOGGER_KEY]: log.logger };
  return members({
    timeUnixNano: nanosText(log.time),
    observedTimeUnixNano: nanosText(log.observedTime),
    severityNumber: unlessZero(log.severityNumber),
    severityText: textJson(log.severityText),
    body: valueJson(log.body),
    attributes: attributesJson(attributes),
    flags: unlessZero(log.flags),
    traceId: textJson(log.traceId),
    spanId: textJson(log.spanId),
    eventName: textJson(log.eventName),
  });
}

function spanOf(json: JsonObject): SpanRecord {
  const span: Draft<SpanRecord> = {
    kind: 'span',
    traceId: idOf(json, 'traceId'),
    spanId: idOf(json, 'spanId'),
    flags: 0,
    name: textOf(json, 'name'),
    spanKind: spanKindOf(int32Of(json, 'kind')),
    startTime: nanosOf(json, 'startTimeUnixNano'),
    endTime: nanosOf(json, 'endTimeUnixNano'),
    attributes: attributesOf(json, 'attributes'),
    events: listOf(json, 'events', eventOf),
    links: listOf(json, 'links', linkOf),
    status: statusOf(objectOf(json['status'], 'status')),
  };
  setSpanFlags(span, int32Of(json, 'flags'));
  const parent = idOf(json, 'parentSpanId');
  if (parent !== '') span.parentSpanId = parent;
  const state = textOf(json, 'traceState');
  if (state !== '') span.traceState = state;
  const attributes = int32Of(json, 'droppedAttributesCount');
  if (attributes !== 0) span.droppedAttributes = attributes;
  const events = int32Of(json, 'droppedEventsCount');
  if (events !== 0) span.droppedEvents = events;
  const links = int32Of(json, 'droppedLinksCount');
  if (links !== 0) span.droppedLinks = links;
  return span;
}

function statusOf(json: JsonObject): SpanRecord['status'] {
  const code = statusCodeOf(int32Of(json, 'code'));
  const message = textOf(json, 'message');
  return message === '' ? { code } : { code, message };
}

function eventOf(json: JsonObject): SpanEvent {
  const attributes = attributesOf(json, 'attributes');
  return { name: textOf(json, 'name'), time: nanosOf(json, 'timeUnixNano'), attributes };
}

function linkOf(json: JsonObject): SpanLink {
  const link: Draft<SpanLink> = {
    traceId: idOf(json, 'traceId'),
    spanId: idOf(json, 'spanId'),
    attributes: attributesOf(json, 'attributes'),
  };
  const state = textOf(json, 'traceState');
  if (state !== '') link.traceState = state;
  const flags = int32Of(json, 'flags');
  if (flags !== 0) link.flags = flags;
  return link;
}

function logOf(json: JsonObject): DecodedLog {
  const attributes = attributesOf(json, 'attributes');
  const log: Draft<DecodedLog> = {
    kind: 'log',
    time: nanosOf(json, 'timeUnixNano'),
    level: 'info',
    body: anyValueOf(json['body']),
    logger: '',
    attributes,
    observedTime: nanosOf(json, 'observedTimeUnixNano'),
    severityNumber: int32Of(json, 'severityNumber'),
    severityText: textOf(json, 'severityText'),
  };
  const flags = int32Of(json, 'flags') & 0xff;
  if (flags !== 0) log.flags = flags;
  const traceId = idOf(json, 'traceId');
  if (traceId !== '') log.traceId = traceId;
  const spanId = idOf(json, 'spanId');
  if (spanId !== '') log.spanId = spanId;
  const eventName = textOf(json, 'eventName');
  if (eventName !== '') log.eventName = eventName;
  return finishLog(log, attributes);
}

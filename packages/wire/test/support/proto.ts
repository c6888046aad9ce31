import { readFileSync } from 'node:fs';
import type { Attributes, AttributeValue, DecodedLog, SpanRecord } from '@plimsoll/wire';
import protobuf from 'protobufjs';

const root = protobuf.parse(readFileSync(new URL('./otlp.proto', import.meta.url), 'utf8')).root;

/** A message as protobufjs reads it: 64-bit integers as decimal text, bytes as they are, fields only where present. */
// biome-ignore lint/suspicious/noExplicitAny: the shape is what the test is there to find out
export type Foreign = any;

export function readForeign(type: string, bytes: Uint8Array): Foreign {
  const message = root.lookupType(type);
  return message.toObject(message.decode(bytes), { longs: String, bytes: Array, arrays: true, oneofs: true });
}

export function writeForeign(type: string, fields: Foreign): Uint8Array {
  const message = root.lookupType(type);
  return new Uint8Array(message.encode(message.fromObject(fields)).finish());
}

/** A Span of protobufjs in the shape of ours, by a way of its own. */
export function spanOfForeign(span: Foreign): SpanRecord {
  const known = ((span.flags ?? 0) & 0x100) !== 0;
  return present({
    kind: 'span',
    traceId: hex(span.traceId),
    spanId: hex(span.spanId),
    parentSpanId: span.parentSpanId && hex(span.parentSpanId),
    parentRemote: known ? (span.flags & 0x200) !== 0 : undefined,
    traceState: span.traceState,
    flags: (span.flags ?? 0) & 0xff,
    name: span.name ?? '',
    spanKind: ['', 'internal', 'server', 'client', 'producer', 'consumer'][span.kind],
    startTime: millis(span.startTimeUnixNano),
    endTime: millis(span.endTimeUnixNano),
    attributes: attributesOfForeign(span.attributes),
    events: span.events.map((event: Foreign) => ({
      name: event.name ?? '',
      time: millis(event.timeUnixNano),
      attributes: attributesOfForeign(event.attributes),
    })),
    links: span.links.map((link: Foreign) =>
      present({
        traceId: hex(link.traceId),
        spanId: hex(link.spanId),
        traceState: link.traceState,
        flags: link.flags,
        attributes: attributesOfForeign(link.attributes),
      }),
    ),
    status: present({ code: span.status?.code ?? 0, message: span.status?.message }),
    droppedAttributes: span.droppedAttributesCount,
    droppedEvents: span.droppedEventsCount,
    droppedLinks: span.droppedLinksCount,
  });
}

/** A LogRecord of protobufjs in the shape of ours; `logger.name` stays the attribute that it is. */
export function logOfForeign(log: Foreign): Omit<DecodedLog, 'level' | 'logger'> {
  return present({
    kind: 'log',
    time: millis(log.timeUnixNano),
    observedTime: millis(log.observedTimeUnixNano),
    severityNumber: log.severityNumber,
    severityText: log.severityText,
    body: valueOfForeign(log.body),
    attributes: attributesOfForeign(log.attributes),
    traceId: log.traceId && hex(log.traceId),
    spanId: log.spanId && hex(log.spanId),
    flags: log.flags,
    eventName: log.eventName,
  });
}

export function attributesOfForeign(pairs: readonly Foreign[]): Attributes {
  return Object.fromEntries(pairs.map(pair => [pair.key ?? '', valueOfForeign(pair.value)]));
}

function valueOfForeign(value: Foreign): AttributeValue {
  switch (value.value) {
    case 'stringValue':
    case 'boolValue':
    case 'doubleValue':
      return value[value.value];
    case 'intValue':
      return Number.isSafeInteger(Number(value.intValue)) ? Number(value.intValue) : BigInt(value.intValue);
    case 'bytesValue':
      return new Uint8Array(value.bytesValue);
    case 'arrayValue':
      return value.arrayValue.values.map(valueOfForeign);
    case 'kvlistValue':
      return attributesOfForeign(value.kvlistValue.values);
    default:
      return null;
  }
}

function hex(bytes: readonly number[]): string {
  return Buffer.from(bytes).toString('hex');
}

/** Nanoseconds in decimal digits to milliseconds, rounded once. */
function millis(nanos: string): number {
  return Number(`${nanos}e-6`);
}

function present<T>(object: Foreign): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}

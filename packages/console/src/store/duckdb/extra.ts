import type {
  AttributeValue,
  DecodedLog,
  LogRow,
  SpanEvent,
  SpanLink,
  SpanRecord,
  SpanRow,
} from '@plimsoll/wire';
import { SPAN_KIND } from '@plimsoll/wire';
import type { Origin } from './dictionary.ts';

/** What few spans have. */
export interface SpanExtra {
  readonly events?: readonly SpanEvent[];
  readonly links?: readonly SpanLink[];
  readonly message?: string;
  readonly state?: string;
  readonly remote?: boolean;
  readonly dropped?: readonly [attributes: number, events: number, links: number];
}

export interface LogExtra {
  /** A body that is no text. */
  readonly body?: AttributeValue;
  readonly event?: string;
  readonly flags?: number;
}

export function spanExtra(span: SpanRecord): SpanExtra | undefined {
  const { events, links, status, traceState, parentRemote } = span;
  const dropped = span.droppedAttributes || span.droppedEvents || span.droppedLinks;
  if (
    events.length + links.length === 0 &&
    !status.message &&
    traceState === undefined &&
    parentRemote === undefined &&
    !dropped
  )
    return undefined;
  return {
    ...(events.length > 0 && { events }),
    ...(links.length > 0 && { links }),
    ...(status.message && { message: status.message }),
    ...(traceState !== undefined && { state: traceState }),
    ...(parentRemote !== undefined && { remote: parentRemote }),
    ...(dropped && {
      dropped: [span.droppedAttributes ?? 0, span.droppedEvents ?? 0, span.droppedLinks ?? 0] as const,
    }),
  };
}

export function logExtra(log: DecodedLog): LogExtra | undefined {
  const structured = typeof log.body !== 'string' && log.body !== null;
  if (!structured && log.eventName === undefined && log.flags === undefined) return undefined;
  return {
    ...(structured && { body: log.body }),
    ...(log.eventName !== undefined && { event: log.eventName }),
    ...(log.flags !== undefined && { flags: log.flags }),
  };
}

export function spanRow(span: SpanRecord, origin: Origin): SpanRow {
  const { parentSpanId, status, traceState, parentRemote } = span;
  return {
    ...whose(origin),
    ...{ traceId: span.traceId, spanId: span.spanId },
    ...(parentSpanId !== undefined && { parentSpanId }),
    ...{ name: span.name, kind: SPAN_KIND[span.spanKind], start: span.startTime },
    ...{ durationMs: span.endTime - span.startTime, status: status.code, flags: span.flags },
    ...(status.message && { statusMessage: status.message }),
    ...(traceState !== undefined && { traceState }),
    ...(parentRemote !== undefined && { parentRemote }),
    ...{ attributes: span.attributes, resource: origin.resource, events: span.events, links: span.links },
    ...(span.droppedAttributes && { droppedAttributes: span.droppedAttributes }),
    ...(span.droppedEvents && { droppedEvents: span.droppedEvents }),
    ...(span.droppedLinks && { droppedLinks: span.droppedLinks }),
  };
}

/** The texts of a log's body, its level and its ids, as rows and live tails show them. */
export function logRow(
  log: Omit<DecodedLog, 'kind' | 'level' | 'body'> & {
    seq: number;
    body: string;
    bodyValue?: AttributeValue;
  },
  origin: Origin,
): LogRow {
  const { attributes, traceId, spanId, eventName, flags } = log;
  const request = attributes['request_id'];
  const correlation = attributes['correlation_id'];
  return {
    ...{ seq: log.seq, service: origin.service, scope: origin.scope, logger: log.logger, time: log.time },
    ...{ observedTime: log.observedTime, severity: log.severityNumber, level: levelOf(log.severityNumber) },
    ...(log.severityText !== '' && { severityText: log.severityText }),
    body: log.body,
    ...(log.bodyValue !== undefined && { bodyValue: log.bodyValue }),
    ...(traceId !== undefined && { traceId }),
    ...(spanId !== undefined && { spanId }),
    ...(typeof request === 'string' && request !== '' && { requestId: request }),
    ...(typeof correlation === 'string' && correlation !== '' && { correlationId: correlation }),
    ...(eventName !== undefined && { eventName }),
    ...(flags !== undefined && { flags }),
    ...{ attributes, resource: origin.resource },
  };
}

export function whose(
  origin: Origin,
): Pick<SpanRow, 'service' | 'scope' | 'scopeVersion' | 'scopeAttributes'> {
  return {
    ...{ service: origin.service, scope: origin.scope },
    ...(origin.scopeVersion !== '' && { scopeVersion: origin.scopeVersion }),
    ...(Object.keys(origin.scopeAttributes).length > 0 && { scopeAttributes: origin.scopeAttributes }),
  };
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

/** The range that a severity number is in; info where none was set. */
function levelOf(severity: number): string {
  return severity > 0 ? (LEVELS[(severity - 1) >> 2] ?? 'fatal') : 'info';
}

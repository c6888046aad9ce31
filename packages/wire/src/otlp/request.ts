import type { MetricFamily, Resource, SpanRecord } from '../signals.ts';
import { encodeLog, encodeSpan } from './encode.ts';
import { encodeMetric } from './encode-metrics.ts';
import { metricOfFamily } from './family.ts';
import type {
  DecodedLog,
  DecodedLogs,
  DecodedMetric,
  DecodedMetrics,
  DecodedTraces,
  PartialSuccess,
  ResourceGroup,
  Scope,
} from './types.ts';
import { encodeAttributes } from './value.ts';
import { ByteWriter } from './writer.ts';

/** Who sends, the same for every entry of one request. */
export interface Sender {
  readonly resource: Resource;
  readonly scopeName: string;
  readonly scopeVersion: string;
}

/**
 * An ExportTraceServiceRequest of entries from `encodeSpan`; each piece may hold several. Nothing is decoded. With a
 * writer of the caller's, what it gives is that writer's bytes, good until it writes again.
 */
export function tracesRequest(
  request: Sender & { readonly spans: readonly Uint8Array[] },
  into?: ByteWriter,
): Uint8Array<ArrayBuffer> {
  return concatenate(request, request.spans, into);
}

/** An ExportLogsServiceRequest of entries from `encodeLog`; each piece may hold several. */
export function logsRequest(
  request: Sender & { readonly logs: readonly Uint8Array[] },
  into?: ByteWriter,
): Uint8Array<ArrayBuffer> {
  return concatenate(request, request.logs, into);
}

/** An ExportMetricsServiceRequest of a snapshot that was taken at `time`. */
export function metricsRequest(
  request: Sender & { readonly families: readonly MetricFamily[]; readonly time: number },
): Uint8Array<ArrayBuffer> {
  const scope: Scope = { name: request.scopeName, version: request.scopeVersion, attributes: {} };
  const items = request.families.map(family => metricOfFamily(family, request.time));
  return encodeMetrics([{ resource: request.resource, scopes: [{ scope, items }] }]);
}

export function encodeTraces(groups: DecodedTraces): Uint8Array<ArrayBuffer> {
  return encodeGroups<SpanRecord>(groups, encodeSpan);
}

export function encodeLogs(groups: DecodedLogs): Uint8Array<ArrayBuffer> {
  return encodeGroups<DecodedLog>(groups, encodeLog);
}

export function encodeMetrics(groups: DecodedMetrics): Uint8Array<ArrayBuffer> {
  return encodeGroups<DecodedMetric>(groups, encodeMetric);
}

/** A receiver's answer, the same bytes for all three signals; empty when everything was taken. */
export function encodeResponse(partial?: PartialSuccess): Uint8Array<ArrayBuffer> {
  const w = new ByteWriter(64);
  if (partial) {
    const start = w.beginMessage(1);
    w.tag(1, 0);
    w.int64(partial.rejected);
    w.tag(2, 2);
    w.utf8(partial.message);
    w.endMessage(start);
  }
  return w.take();
}

function concatenate(
  sender: Sender,
  pieces: readonly Uint8Array[],
  into: ByteWriter | undefined,
): Uint8Array<ArrayBuffer> {
  let size = 0;
  for (const piece of pieces) size += piece.length;
  const w = into ?? new ByteWriter(size + 1024);
  w.reset();
  w.ensure(size + 1024);
  // What the two lengths will need, so that closing them rarely moves the batch; the head is a few hundred bytes.
  const room = size > 0x1f_c000 ? 4 : size > 0x3f00 ? 3 : 2;
  const group = w.beginMessage(1, room);
  encodeResource(w, sender.resource);
  const scope = w.beginMessage(2, room);
  encodeScope(w, { name: sender.scopeName, version: sender.scopeVersion, attributes: {} });
  for (const piece of pieces) w.append(piece);
  w.endMessage(scope, room);
  w.endMessage(group, room);
  return w.bytes.subarray(0, w.length);
}

function encodeGroups<T>(
  groups: readonly ResourceGroup<T>[],
  encodeEntry: (w: ByteWriter, entry: T) => void,
): Uint8Array<ArrayBuffer> {
  const w = new ByteWriter(4096);
  for (const group of groups) {
    const outer = w.beginMessage(1, 3);
    encodeResource(w, group.resource);
    for (const { scope, schemaUrl, items } of group.scopes) {
      const inner = w.beginMessage(2, 3);
      encodeScope(w, scope);
      for (const item of items) encodeEntry(w, item);
      if (schemaUrl) text(w, 3, schemaUrl);
      w.endMessage(inner, 3);
    }
    if (group.schemaUrl) text(w, 3, group.schemaUrl);
    w.endMessage(outer, 3);
  }
  return w.take();
}

function encodeResource(w: ByteWriter, resource: Resource): void {
  const start = w.beginMessage(1, 2);
  encodeAttributes(w, 1, resource.attributes);
  w.endMessage(start, 2);
}

function encodeScope(w: ByteWriter, scope: Scope): void {
  const start = w.beginMessage(1);
  if (scope.name !== '') text(w, 1, scope.name);
  if (scope.version !== '') text(w, 2, scope.version);
  encodeAttributes(w, 3, scope.attributes);
  w.endMessage(start);
}

function text(w: ByteWriter, field: number, value: string): void {
  w.tag(field, 2);
  w.utf8(value);
}

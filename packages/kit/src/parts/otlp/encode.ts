import {
  ByteWriter,
  decodeLogs,
  decodeMetrics,
  decodeTraces,
  logsRequest,
  logsToJson,
  type MetricFamily,
  metricsRequest,
  metricsToJson,
  type Resource,
  tracesRequest,
  tracesToJson,
} from '@plimsoll/wire';
import { VERSION } from './resource.ts';

/** Requests of one sender, as protobuf or as JSON. What `traces` and `logs` give is good until they are asked again. */
export interface Encoders {
  traces(spans: readonly Uint8Array[]): Uint8Array;
  logs(logs: readonly Uint8Array[]): Uint8Array;
  metrics(families: readonly MetricFamily[], time: number): Uint8Array;
}

/** `resource` is asked for every request: a part of it may be known late. */
export function encodersOf(resource: () => Resource): Encoders {
  const sender = () => ({ resource: resource(), scopeName: 'plimsoll', scopeVersion: VERSION });
  // A lane sends one request at a time: its half megabyte is used for each, and the collector of garbage sees none.
  const traces = new ByteWriter();
  const records = new ByteWriter();
  return {
    traces: spans => tracesRequest({ ...sender(), spans }, traces),
    logs: logs => logsRequest({ ...sender(), logs }, records),
    metrics: (families, time) => metricsRequest({ ...sender(), families, time }),
  };
}

/** JSON is made of the same bytes: for a collector that can't read protobuf, at several times the cost. */
export function jsonEncoders(protobuf: Encoders): Encoders {
  return {
    traces: spans => text(tracesToJson(decodeTraces(protobuf.traces(spans)))),
    logs: logs => text(logsToJson(decodeLogs(protobuf.logs(logs)))),
    metrics: (families, time) => text(metricsToJson(decodeMetrics(protobuf.metrics(families, time)))),
  };
}

function text(json: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(json));
}

export type * from './budgets.ts';
export * from './catalog/budgets.ts';
export * from './catalog/doctor.ts';
export * from './catalog/errors.ts';
// Row by itself: who wants the pattern of a name need not carry the catalogue.
export * from './catalog/hooks/row.ts';
export * from './catalog/hooks.ts';
export * from './catalog/hooks-metrics.ts';
export * from './catalog/methods.ts';
export * from './catalog/metrics.ts';
export * from './catalog/problems.ts';
export * from './catalog/runtime.ts';
export type * from './console.ts';
export { decodeLogs, decodeSpan, decodeTraces } from './otlp/decode.ts';
export { decodeMetrics } from './otlp/decode-metrics.ts';
export {
  ENTRY,
  encodeEvent,
  encodeLink,
  encodeLog,
  encodeSpan,
  encodeStatus,
  LOG_ATTRIBUTES,
  LOGGER_KEY,
  type RawIds,
  SPAN_ATTRIBUTES,
  spanFlags,
} from './otlp/encode.ts';
export { OtlpError } from './otlp/error.ts';
export { metricOfFamily } from './otlp/family.ts';
export { decodeGroups, decodeResponse } from './otlp/groups.ts';
export { logsFromJson, logsToJson, tracesFromJson, tracesToJson } from './otlp/json.ts';
export { responseFromJson, responseToJson } from './otlp/json-groups.ts';
export { metricsFromJson, metricsToJson } from './otlp/json-metrics.ts';
export type { Json } from './otlp/json-write.ts';
export { Reader } from './otlp/reader.ts';
export {
  encodeLogs,
  encodeMetrics,
  encodeResponse,
  encodeTraces,
  logsRequest,
  metricsRequest,
  type Sender,
  tracesRequest,
} from './otlp/request.ts';
export type * from './otlp/types.ts';
export { MAX_VALUE_DEPTH } from './otlp/types.ts';
export { encodeAttribute, encodeAttributes, encodeValue, renderAttributes } from './otlp/value.ts';
export { ByteWriter } from './otlp/writer.ts';
export type * from './profiler.ts';
export * from './signals.ts';

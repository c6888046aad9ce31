import type { GrpcError } from './grpc-peer.ts';
import type { ExportResult } from './transport.ts';

/** gRPC's status codes by number (`google/rpc/code.proto`). */
const NAMES = [
  ...['OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS'],
  ...['PERMISSION_DENIED', 'RESOURCE_EXHAUSTED', 'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE'],
  ...['UNIMPLEMENTED', 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS', 'UNAUTHENTICATED'],
] as const;
/** The OTLP specification's list; `RESOURCE_EXHAUSTED` joins it where the collector says when to come back. */
const RETRYABLE: ReadonlySet<string> = new Set([
  ...['CANCELLED', 'DEADLINE_EXCEEDED', 'ABORTED', 'OUT_OF_RANGE', 'UNAVAILABLE', 'DATA_LOSS'],
]);
const DETAILS = 'grpc-status-details-bin';
const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo';

/** What a call that failed means for the bytes it carried. */
export function resultOf(error: GrpcError): ExportResult {
  const code = NAMES[error.code] ?? 'UNKNOWN';
  const retryAfterMs = retryAfter(error);
  const retryable = RETRYABLE.has(code) || (code === 'RESOURCE_EXHAUSTED' && retryAfterMs !== undefined);
  // A pause of none leaves it to the back-off.
  return { ok: false, code, retryable, ...(retryable && retryAfterMs && { retryAfterMs }) };
}

function retryAfter(error: GrpcError): number | undefined {
  for (const value of error.metadata?.get(DETAILS) ?? []) {
    try {
      if (typeof value !== 'string') return retryDelay(value);
    } catch {
      // Details that are none say nothing.
    }
  }
  return undefined;
}

/** `google.rpc.Status.details` (3) → `Any` (type 1, value 2) → `RetryInfo.retry_delay` (1) → `Duration`; in milliseconds. */
function retryDelay(status: Buffer): number | undefined {
  for (const any of fields(status, 3)) {
    if (fields(any, 1)[0]?.toString() !== RETRY_INFO) continue;
    const info = fields(any, 2)[0];
    const duration = info && fields(info, 1)[0];
    if (duration === undefined) return undefined;
    const ms = varint(duration, 1) * 1000 + varint(duration, 2) / 1e6;
    return Number.isFinite(ms) && ms >= 0 ? Math.ceil(ms) : undefined;
  }
  return undefined;
}

/** The byte fields of a message that have this number. Throws for what is no protobuf. */
function fields(message: Buffer, wanted: number): Buffer[] {
  const found: Buffer[] = [];
  walk(message, (number, value) => {
    if (number === wanted && typeof value !== 'number') found.push(value);
  });
  return found;
}

function varint(message: Buffer, wanted: number): number {
  let found = 0;
  walk(message, (number, value) => {
    if (number === wanted && typeof value === 'number') found = value;
  });
  return found;
}

function walk(message: Buffer, visit: (number: number, value: Buffer | number) => void): void {
  for (let at = 0; at < message.length; ) {
    const [tag, start] = readVarint(message, at);
    const [value, next] = readVarint(message, start);
    const kind = tag & 7;
    at = next;
    if (kind === 0) visit(tag >>> 3, value);
    else if (kind === 2 && next + value <= message.length) {
      visit(tag >>> 3, message.subarray(next, next + value));
      at += value;
    } else throw new RangeError('not a status');
  }
}

/** Ten bytes are a negative number, and here as good as none. */
function readVarint(bytes: Buffer, at: number): [value: number, next: number] {
  let value = 0;
  for (let i = 0; i < 10; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) break;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 128) return [value, at + i + 1];
  }
  throw new RangeError('not a varint');
}

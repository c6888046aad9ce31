/** The codes of `google/rpc/code.proto` that a receiver answers with. */
export const CODE = {
  invalidArgument: 3,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
} as const;

const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo';

/** A `google.rpc.Status` message, with a RetryInfo where the sender should come back after so many seconds. */
export function encodeStatus(code: number, message: string, retrySeconds?: number): Buffer {
  const details = retrySeconds === undefined ? [] : [field(3, retryInfo(retrySeconds))];
  return Buffer.concat([Buffer.from([0x08, code]), field(2, Buffer.from(message)), ...details]);
}

/** `Any { type_url, value: RetryInfo { retry_delay: Duration { seconds } } }` */
function retryInfo(seconds: number): Buffer {
  const duration = Buffer.concat([Buffer.from([0x08]), varint(seconds)]);
  return Buffer.concat([field(1, Buffer.from(RETRY_INFO)), field(2, field(1, duration))]);
}

function field(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}

import type { ErrorCode } from '../catalog/errors.ts';

/**
 * The one error the OTLP readers throw: the message says what was wrong and, for protobuf, at which byte.
 * A receiver answers it with 400; it is never a bug of the reader.
 */
export class OtlpError extends Error {
  readonly code: ErrorCode = 'PLIMSOLL_BAD_OTLP';
  override readonly name = 'OtlpError';
}

import { ERRORS, type ErrorCode } from '@plimsoll/wire';

/** What this library throws. Tell errors apart by `code`, never by `instanceof`: there may be two copies. */
export class PlimsollError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, detail?: string, options?: ErrorOptions) {
    const { text, hint } = ERRORS[code];
    super(`${detail ? `${text}: ${detail}` : text}. ${hint}`, options);
    this.name = 'PlimsollError';
    this.code = code;
    this.hint = hint;
  }
}

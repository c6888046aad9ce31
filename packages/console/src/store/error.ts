import { ERRORS, type ErrorCode } from '@plimsoll/wire';

/** What a store answers when it can't do its work; `code` says which, the message is for people. */
export class StoreError extends Error {
  readonly code: ErrorCode;
  override readonly name = 'StoreError';

  constructor(code: ErrorCode, detail: string, options?: ErrorOptions) {
    super(`${ERRORS[code].text}: ${detail}`, options);
    this.code = code;
  }
}

/** Takes what went wrong without stopping anything: one coded line for a person. */
export type Report = (code: ErrorCode, detail: string) => void;

export const toStandardError: Report = (code, detail) => {
  process.stderr.write(`${code} ${ERRORS[code].text}: ${detail}\n`);
};

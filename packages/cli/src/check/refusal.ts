import type { DoctorCode } from '@plimsoll/wire';

/** A check that can't begin: it was called wrongly, or what it was pointed at is not what it should be. */
export class Refusal extends Error {
  readonly code: DoctorCode;
  readonly subject: string;

  constructor(code: DoctorCode, subject: string, message: string) {
    super(message);
    this.name = 'Refusal';
    this.code = code;
    this.subject = subject;
  }
}

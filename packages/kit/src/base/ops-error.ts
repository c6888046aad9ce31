import { PROBLEMS, type ProblemCode } from '@plimsoll/wire';

/** What was wrong with the input: the field and a code, never the value. */
export type FieldErrors = readonly { readonly field: string; readonly code: string }[];

export interface OpsErrorOptions {
  /** What clients compare, where it is not the catalog's own code: a job's literal. */
  readonly literal?: string;
  readonly hint?: string;
  readonly errors?: FieldErrors;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that is not a success, from the catalog of problems. Nothing of the input is in it. */
export class OpsError extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string;
  readonly errors: FieldErrors | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ProblemCode, options: OpsErrorOptions = {}) {
    super(options.literal ?? code);
    this.name = 'OpsError';
    this.status = PROBLEMS[code].status;
    this.code = options.literal ?? code;
    this.hint = options.hint ?? PROBLEMS[code].hint;
    this.errors = options.errors;
    this.headers = options.headers ?? {};
  }
}

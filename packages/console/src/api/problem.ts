import { CONSOLE_PROBLEMS, type ConsoleProblemCode, ERRORS, type ErrorCode } from '@plimsoll/wire';

/** What the console throws when it can't start. Tell errors apart by `code`. */
export class ConsoleError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, detail?: string) {
    const { text, hint } = ERRORS[code];
    super(`${detail ? `${text}: ${detail}` : text}. ${hint}`);
    this.name = 'ConsoleError';
    this.code = code;
  }
}

export interface RefusalOptions {
  readonly errors?: readonly { readonly field: string; readonly code: string }[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** An expected refusal of the API. Nothing of the input is in it. */
export class Refusal extends Error {
  readonly code: ConsoleProblemCode;
  readonly options: RefusalOptions;

  constructor(code: ConsoleProblemCode, options: RefusalOptions = {}) {
    super(code);
    this.name = 'Refusal';
    this.code = code;
    this.options = options;
  }
}

/** The one place where an error becomes an answer (RFC 9457); a bug's text goes to `onBug` and stays inside. */
export function problemResponse(error: unknown, onBug: (error: unknown) => void): Response {
  const refusal = error instanceof Refusal ? error : undefined;
  if (refusal === undefined) onBug(error);
  const code = refusal?.code ?? 'internal_error';
  const { status, hint } = CONSOLE_PROBLEMS[code];
  const errors = refusal?.options.errors;
  const body = { status, code, detail: code, hint, ...(errors && { errors }) };
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/problem+json', ...refusal?.options.headers },
  });
}

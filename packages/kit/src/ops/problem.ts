import type { Problem } from '@plimsoll/wire/ops';

export interface OpsErrorOptions {
  readonly hint?: string;
  readonly errors?: Problem['errors'];
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that is not a success. `code` is the literal that clients compare; nothing of the input is in it. */
export class OpsError extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string | undefined;
  readonly errors: Problem['errors'] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, { hint, errors, headers = {} }: OpsErrorOptions = {}) {
    super(code);
    this.name = 'OpsError';
    this.status = status;
    this.code = code;
    this.hint = hint;
    this.errors = errors;
    this.headers = headers;
  }
}

/**
 * The one place where an error becomes an answer (RFC 9457). An error that says its `status` (400 to 599) and
 * `code` is expected; any other is a bug, told to `onBug`, and its text stays inside.
 */
export function problemResponse(
  error: unknown,
  requestId: string,
  onBug: (error: unknown) => void,
): Response {
  const expected = isExpected(error);
  if (!expected) onBug(error);
  const { status, code, hint, errors, headers } = expected ? error : INTERNAL;
  const body: Problem = {
    status,
    code,
    detail: code,
    ...(hint !== undefined && { hint }),
    request_id: requestId,
    ...(errors && { errors }),
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: { ...headers, 'content-type': 'application/problem+json' },
  });
}

type Expected = Pick<OpsError, 'status' | 'code'> & Partial<Pick<OpsError, 'hint' | 'errors' | 'headers'>>;

const INTERNAL: Expected = { status: 500, code: 'internal_error' };

/** By shape, not by class: a part's routes may bring a copy of the class of their own. */
function isExpected(error: unknown): error is Expected {
  const { status, code } = (error ?? {}) as { status?: unknown; code?: unknown };
  return (
    Number.isInteger(status) &&
    (status as number) >= 400 &&
    (status as number) < 600 &&
    typeof code === 'string'
  );
}

import { PROBLEMS } from '@plimsoll/wire';
import type { Problem } from '@plimsoll/wire/ops';
import type { OpsError } from '../base/ops-error.ts';

export interface ProblemOptions {
  readonly requestId: string;
  readonly style: 'standard' | 'ok';
  readonly onBug: (error: unknown) => void;
}

/**
 * The one place where an error becomes an answer (RFC 9457). An error that says its `status` (400 to 599) and
 * `code` is expected; any other is a bug, told to `onBug`, and its text stays inside.
 */
export function problemResponse(error: unknown, { requestId, style, onBug }: ProblemOptions): Response {
  const expected = isExpected(error);
  if (!expected) onBug(error);
  const { status, code, hint } = expected ? error : INTERNAL;
  const { errors, headers }: Partial<OpsError> = expected ? own(error) : INTERNAL;
  const body: Problem = {
    ...(style === 'ok' && { ok: false, message: code }),
    status,
    code,
    detail: code,
    ...(hint !== undefined && { hint }),
    request_id: requestId,
    ...(errors && { errors: [...errors] }),
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: { ...headers, 'content-type': 'application/problem+json' },
  });
}

type Expected = Pick<OpsError, 'status' | 'code'> & Partial<OpsError>;

const INTERNAL: Omit<Expected, 'name' | 'message'> = { code: 'internal_error', ...PROBLEMS.internal_error };

/** What a client of HTTP or a database hangs on its errors is not for the answer: headers, and inputs among `errors`. */
function own(error: Expected): Partial<OpsError> {
  return error.name === 'OpsError' ? error : {};
}

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

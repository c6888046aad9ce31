import { STATUS_CODES } from 'node:http';
import type { Context, Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Obs } from 'plimsoll';
import { ZodError, type ZodType } from 'zod';

export interface RefusalOptions {
  /** For programs; default: the status, as in `http_404`. */
  readonly code?: string;
  /** More members of the answer. */
  readonly more?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** An answer that is not a success: the status, and a `message` that clients may compare. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly more: Readonly<Record<string, unknown>>;

  constructor(status: number, message: string, { code, more = {}, cause }: RefusalOptions = {}) {
    super(message, { cause });
    this.name = 'Refusal';
    this.status = status;
    this.code = code ?? `http_${status}`;
    this.more = more;
  }
}

/** The input as the schema sees it; throws what becomes 422. */
export function parse<T>(schema: ZodType<T>, input: unknown): T {
  return schema.parse(input);
}

/** Every failure of studio's own routes is told as the ops API tells its own: problem+json, `ok: false` and `message`. */
export function answerFailures(app: Hono, obs: Obs): void {
  app.onError((error, c) => answer(c, obs, error));
  app.notFound(c => answer(c, obs, new Refusal(404, 'not found')));
}

function answer(c: Context, obs: Obs, error: unknown): Response {
  const { status, code, message, more } = tell(error);
  if (status >= 500) obs.log.error({ err: error, code }, 'route_failed');
  const request_id = obs.context.current()?.requestId ?? '';
  const body = { ok: false, message, status, code, detail: message, request_id, ...more };
  return c.json(body, status as ContentfulStatusCode, { 'content-type': 'application/problem+json' });
}

type Told = Pick<Refusal, 'status' | 'code' | 'message' | 'more'>;

/** Messages of other people's errors may quote the input, so only their status is told. */
function tell(error: unknown): Told {
  if (error instanceof Refusal) return error;
  if (error instanceof ZodError) {
    const errors = error.issues.map(issue => ({ field: issue.path.join('.'), code: issue.code }));
    return { status: 422, code: 'validation_error', message: 'validation_error', more: { errors } };
  }
  const { status = 500 } = error as { status?: number };
  if (status >= 400 && status < 500) {
    const message = STATUS_CODES[status]?.toLowerCase() ?? 'bad request';
    return { status, code: `http_${status}`, message, more: {} };
  }
  return { status: 500, code: 'internal_error', message: 'internal error', more: {} };
}

import { STATUS_CODES } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ZodError, type ZodType } from 'zod';
import { StoreUnavailable } from './store/store.ts';

export interface FieldError {
  readonly field: string;
  /** zod's word for what is wrong, such as `too_big`; never the rejected value. */
  readonly code: string;
}

/** An answer that is not a success: the status, and a `detail` that clients may compare. */
export class Refusal extends Error {
  readonly statusCode: number;
  readonly detail: string;
  /** Seconds until it is worth asking again. */
  readonly retryAfter: number | undefined;

  constructor(statusCode: number, detail: string, options: { retryAfter?: number; cause?: unknown } = {}) {
    super(detail, { cause: options.cause });
    this.name = 'Refusal';
    this.statusCode = statusCode;
    this.detail = detail;
    this.retryAfter = options.retryAfter;
  }
}

/** The input as the schema sees it; throws what becomes 422. */
export function parse<T>(schema: ZodType<T>, input: unknown): T {
  return schema.parse(input);
}

/** Every failure of divan's own routes answers `{detail, request_id}`, and 422 also `errors`. */
export function answerFailures(app: FastifyInstance): void {
  app.setErrorHandler(answer);
  app.setNotFoundHandler((request, reply) => answer(new Refusal(404, 'not found'), request, reply));
}

/** Also for Fastify's `frameworkErrors`: what goes wrong before a route is found. */
export function answer(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, detail, errors } = tell(error);
  if (error instanceof Refusal && error.retryAfter) reply.header('Retry-After', error.retryAfter);
  const body = { detail, ...(errors && { errors }), request_id: request.id };
  return reply.code(status).type('application/json; charset=utf-8').send(body);
}

interface Told {
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
}

/** Messages of other people's errors may quote the input, so only their status is told. */
function tell(error: unknown): Told {
  if (error instanceof Refusal) return { status: error.statusCode, detail: error.detail };
  if (error instanceof ZodError) return { status: 422, detail: 'validation_error', errors: fields(error) };
  if (error instanceof StoreUnavailable) return { status: 503, detail: error.code };
  const { statusCode: status = 500 } = error as { statusCode?: number };
  if (status >= 400 && status < 500)
    return { status, detail: STATUS_CODES[status]?.toLowerCase() ?? 'bad request' };
  return { status: 500, detail: 'internal error' };
}

const fields = (error: ZodError): FieldError[] =>
  error.issues.map(issue => ({ field: issue.path.join('.'), code: issue.code }));

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FetchHandler, FetchOptions } from '../adapters/fetch.ts';
import type { Jobs } from '../kernel/job.ts';
import type { Kit } from '../kernel/part.ts';
import type { Ops } from '../ops/router.ts';
import type { OtelApi } from '../parts/otel-api/gate.ts';
import type { Context } from '../signals/context/context.ts';
import type { Carrier } from '../signals/trace/types.ts';
import type { Members } from './gated.ts';

/** What `init` gives: the kit, and the ways to put it around an app. Always whole; when off, nothing happens. */
export interface Obs extends Kit, Members {
  readonly enabled: boolean;
  /** The ops API, for those who mount it by hand, and the jobs that it can start. */
  readonly ops: Ops;
  /**
   * Wraps work that is no request: counted in `jobs_runs_total{name,result}`, timed, traced as a trace of its own.
   * What it throws is logged and thrown on.
   */
  readonly job: Jobs['job'];
  /** Wraps a node:http listener; a throw or rejection becomes 500 problem+json, and is counted. */
  handler(
    fn: (req: IncomingMessage, res: ServerResponse) => unknown,
  ): (req: IncomingMessage, res: ServerResponse) => unknown;
  /**
   * Wraps a fetch handler, `(Request, …) => Response`, for any runtime; a throw or rejection becomes 500
   * problem+json, and is counted. The request lasts until its body is sent.
   */
  fetch<A extends unknown[]>(
    fn: FetchHandler<A>,
    options?: FetchOptions,
  ): (request: Request, ...rest: A) => Promise<Response>;
  /** Names the current request's route where there is no router: a template such as `/users/:id`, never a path. */
  route(template: string): void;
  /** Observes a Fastify, Express 5 or Hono app (before its routes) or a node:http server. */
  attach(app: object): Promise<void>;
  /** OpenTelemetry's API over this kit, for the instrumentations that are written for it. */
  readonly otel: OtelApi;
  /** Writes the current trace context and baggage into a carrier, such as a queue message's headers. */
  inject(carrier: Carrier): void;
  /** Reads a context from a carrier; run in it with `obs.context.run`, or hand it to a span as `parent`. */
  extract(carrier: Carrier): Context;
}

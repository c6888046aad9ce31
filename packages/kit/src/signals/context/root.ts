import type { Context } from './context.ts';
import type { Baggage } from './w3c.ts';

/**
 * The context of one request or job, and the state of its part of a trace: one object, because it is made for
 * every request. Spans below it point here for the sampling verdict.
 */
export class RootContext<S = unknown> implements Context {
  parent: Context | undefined = undefined;
  requestId: string | undefined = undefined;
  correlationId: string | undefined = undefined;
  traceId = '';
  spanId = '';
  /** Where the pool of ids has the bytes of the two; -1 for one that came from elsewhere. */
  traceAt = -1;
  spanAt = -1;
  flags = 0;
  traceState: string | undefined = undefined;
  baggage: Baggage | undefined = undefined;
  route: string | undefined = undefined;
  userId: string | number | undefined = undefined;
  fields: Record<string, unknown> | undefined = undefined;
  refused = false;

  /** The span id that the caller sent, when the trace began elsewhere. */
  remoteParent: string | undefined = undefined;
  /** True for a context that only carries a caller's ids: the next span begins this process's part. */
  remote = false;
  /** False when no span of this trace is made here. */
  recording = false;
  /** Decided at the start, and what the flag says: spans are exported as they end. */
  sampled = false;
  /** Undefined until the root ended: spans wait in `pending` meanwhile. */
  kept: boolean | undefined = undefined;
  /** A span of this trace ended with an error. */
  failed = false;
  pending: S[] | undefined = undefined;
  /** The root's own span; for a request it is made only when somebody asks for it. */
  span: S | undefined = undefined;

  get root(): this {
    return this;
  }
}

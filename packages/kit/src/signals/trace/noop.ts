import type { Context } from '../context/context.ts';
import type { TraceRoot } from './span.ts';
import type { Span, SpanOptions, Tracer } from './types.ts';

/** Carries ids where nothing is recorded; every call does nothing. */
export class IdleSpan implements Span {
  readonly recording = false;
  readonly traceId: string;
  readonly spanId: string;
  /** Set where the span stands for a trace that is not recorded, so that all below it agree. */
  readonly root: TraceRoot | undefined;
  constructor(traceId: string, spanId: string, root?: TraceRoot) {
    this.traceId = traceId;
    this.spanId = spanId;
    this.root = root;
  }
  setAttribute(): this {
    return this;
  }
  setAttributes(): this {
    return this;
  }
  addEvent(): this {
    return this;
  }
  addLink(): this {
    return this;
  }
  recordException(): this {
    return this;
  }
  setStatus(): this {
    return this;
  }
  updateName(): this {
    return this;
  }
  end(): void {}
}

export const OFF_SPAN: Span = new IdleSpan('0'.repeat(32), '0'.repeat(16));

const NO_CONTEXT: Context = {
  parent: undefined,
  requestId: undefined,
  correlationId: undefined,
  traceId: undefined,
  spanId: undefined,
  flags: 0,
  traceState: undefined,
  baggage: undefined,
  route: undefined,
  userId: undefined,
  fields: undefined,
};

/** The form of a tracer that is off. */
export const noopTracer: Tracer = {
  enabled: false,
  start: () => OFF_SPAN,
  span: <R>(_name: string, fnOrOptions: SpanOptions | ((span: Span) => R), fn?: (span: Span) => R): R =>
    ((fn ?? fnOrOptions) as (span: Span) => R)(OFF_SPAN),
  active: () => undefined,
  with: (_span, fn) => fn(),
  inject: () => {},
  extract: () => ({ ...NO_CONTEXT }),
};

import type { Context } from '../context/context.ts';
import type { Baggage } from '../context/w3c.ts';
import type { TraceRoot } from './span.ts';
import type { Span } from './types.ts';

/** A span that can be active: one that records, or stands for a trace that doesn't. */
export type ScopedSpan = Span & { readonly root: TraceRoot };

/** The context while a span is active: ids from the span, everything else from the request it runs in. */
export class SpanContext implements Context {
  readonly parent: Context;
  readonly span: ScopedSpan;

  constructor(parent: Context, span: ScopedSpan) {
    // Code that starts its own next turn inside of a span would else make a chain without an end.
    this.parent = parent.constructor === SpanContext ? (parent as SpanContext).parent : parent;
    this.span = span;
  }

  get root(): TraceRoot {
    return this.span.root;
  }
  get traceId(): string {
    return this.span.traceId;
  }
  get spanId(): string {
    return this.span.spanId;
  }
  get flags(): number {
    return this.span.root.flags;
  }
  get traceState(): string | undefined {
    return this.span.root.traceState;
  }
  get requestId(): string | undefined {
    return this.parent.requestId;
  }
  get correlationId(): string | undefined {
    return this.parent.correlationId;
  }
  get baggage(): Baggage | undefined {
    return this.parent.baggage;
  }
  get route(): string | undefined {
    return this.parent.route;
  }
  get userId(): string | number | undefined {
    return this.parent.userId;
  }
  set userId(id: string | number | undefined) {
    this.parent.userId = id;
  }
  get fields(): Record<string, unknown> | undefined {
    return this.parent.fields;
  }
  set fields(fields: Record<string, unknown> | undefined) {
    this.parent.fields = fields;
  }
}

/** The local root that a context belongs to; undefined where this process's part of the trace has not begun. */
export function rootOf(context: Context | undefined): TraceRoot | undefined {
  const root = (context as { root?: TraceRoot } | undefined)?.root;
  return root === undefined || root.remote || root.traceId === '' ? undefined : root;
}

/** True for the context of an active span, and not for a request's or job's, which is a root of its own. */
export function isSpanContext(context: Context | undefined): context is SpanContext {
  const { root, span } = (context ?? {}) as { readonly root?: unknown; readonly span?: unknown };
  return span !== undefined && root !== undefined && root !== context;
}

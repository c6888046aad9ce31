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
    this.parent = parent;
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

import type { Attributes, AttributeValue, SpanKind, SpanLink } from '@plimsoll/wire';
import type { Context } from '../context/context.ts';

export interface SpanOptions {
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
  /** Milliseconds since the epoch; default now. */
  readonly startTime?: number;
  /** A new trace, whatever is active. */
  readonly root?: boolean;
  /** Default: the active context. */
  readonly parent?: Context;
  readonly links?: readonly SpanLink[];
}

/** A span in the making. After `end` every call is ignored. Values are redacted when it ends. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  /** False when nothing will be recorded: skip costly attributes then. */
  readonly recording: boolean;
  setAttribute(key: string, value: AttributeValue | undefined): this;
  setAttributes(attributes: Readonly<Record<string, AttributeValue | undefined>>): this;
  addEvent(name: string, attributes?: Attributes, time?: number): this;
  addLink(link: SpanLink): this;
  /** An `exception` event with type, message and stack, redacted, and status error. */
  recordException(error: unknown, time?: number): this;
  setStatus(status: 'ok' | 'error' | 'unset', message?: string): this;
  updateName(name: string): this;
  end(time?: number): void;
}

/** Something that header names and values can be written to or read from. */
export type Carrier = Record<string, string | string[] | undefined>;

export interface Tracer {
  readonly enabled: boolean;
  /** Starts a span that is not made active; end it yourself. */
  start(name: string, options?: SpanOptions): Span;
  /** Runs `fn` with a span active, ends it when `fn` (or its promise) settles, records what it throws. */
  span<R>(name: string, fn: (span: Span) => R): R;
  span<R>(name: string, options: SpanOptions, fn: (span: Span) => R): R;
  /** The active span, or undefined. */
  active(): Span | undefined;
  /** Makes a span active for `fn` without ending it. */
  with<R>(span: Span, fn: () => R): R;
  /** Writes traceparent, tracestate and baggage of the active context. */
  inject(carrier: Carrier): void;
  /** Reads a context from headers; invalid ones give a context without a trace. Pass it as `parent`, or run in it. */
  extract(carrier: Carrier): Context;
}

import type * as api from '@opentelemetry/api';
import type { Attributes, AttributeValue, SpanLink } from '@plimsoll/wire';
import type { ScopedSpan } from '../../signals/trace/scope.ts';
import type { RecordingSpan, TraceRoot } from '../../signals/trace/span.ts';
import type { Span } from '../../signals/trace/types.ts';
import type { Bridge } from './bridge.ts';
import { exceptionOf } from './exception.ts';
import { isTimeInput, toMillis } from './time.ts';

// The enums of the API are values, and this module takes its types alone.
const OK = 1;
const ERROR = 2;

/**
 * A span of ours as OpenTelemetry's API shows it. For a request's span, which is made only when somebody writes to
 * it, `span` is absent at first.
 */
export class ApiSpan implements api.Span {
  readonly bridge: Bridge;
  readonly root: TraceRoot;
  readonly #span: Span | undefined;
  #context: api.SpanContext | undefined;

  constructor(bridge: Bridge, span: Span | undefined, root: TraceRoot) {
    this.bridge = bridge;
    this.#span = span;
    this.root = root;
  }

  /** What can be made active in its own right; undefined for a request's span, which its request makes active. */
  get scoped(): ScopedSpan | undefined {
    return this.#span as ScopedSpan | undefined;
  }

  spanContext(): api.SpanContext {
    if (this.#context === undefined) {
      const { traceId, spanId } = this.#span ?? this.root;
      const { flags, traceState } = this.root;
      this.#context = Object.freeze({
        ...{ traceId, spanId, traceFlags: flags },
        ...(traceState !== undefined && { traceState: this.bridge.api.createTraceState(traceState) }),
      });
    }
    return this.#context;
  }

  /** Undefined is no value; an array or object is copied, since its owner may change it before the span ends. */
  setAttribute(key: string, value: unknown): this {
    this.#own().setAttribute(key, copied(value));
    return this;
  }

  setAttributes(attributes: api.Attributes): this {
    const span = this.#own();
    if (span.recording) for (const key in attributes) span.setAttribute(key, copied(attributes[key]));
    return this;
  }

  addEvent(name: string, attributesOrTime?: api.Attributes | api.TimeInput, time?: api.TimeInput): this {
    const span = this.#own();
    if (!span.recording) return this;
    const timed = isTimeInput(attributesOrTime);
    const attributes = timed ? undefined : (attributesOrTime as Attributes | undefined);
    span.addEvent(String(name), attributes ?? {}, this.#time(timed ? (time ?? attributesOrTime) : time));
    return this;
  }

  addLink(link: api.Link): this {
    const span = this.#own();
    if (span.recording) span.addLink(linkOf(link));
    return this;
  }

  addLinks(links: api.Link[]): this {
    for (const link of links) this.addLink(link);
    return this;
  }

  /** OK is final, UNSET says nothing, and only an error has a message. */
  setStatus(status: api.SpanStatus): this {
    if (status.code === OK) this.#own().setStatus('ok');
    else if (status.code === ERROR) this.#own().setStatus('error', text(status.message));
    return this;
  }

  updateName(name: string): this {
    this.#own().updateName(String(name));
    return this;
  }

  /** A time before the start counts as the start. Ending a request's span does nothing: the request ends it. */
  end(endTime?: api.TimeInput): void {
    this.#span?.end(this.#time(endTime));
  }

  isRecording(): boolean {
    const span = (this.#span ?? this.root.span) as RecordingSpan | undefined;
    if (span === undefined) return this.root.recording && this.root.kept === undefined;
    return span.recording && !span.ended;
  }

  /** An event, or a log record where logs are exported; the status is the caller's to set. */
  recordException(exception: api.Exception, time?: api.TimeInput): void {
    const span = this.#own();
    const attributes = span.recording && exceptionOf(exception, this.bridge.kit.privacy);
    if (attributes) (span as RecordingSpan).addException(attributes, this.#time(time));
  }

  #own(): Span {
    return this.#span ?? (this.bridge.core.activeIn(this.root) as Span);
  }

  #time(time: unknown): number | undefined {
    return toMillis(time, this.bridge.kit.clock);
  }
}

export function linkOf({ context, attributes }: api.Link): SpanLink {
  const traceState = context.traceState?.serialize();
  return {
    ...{ traceId: context.traceId, spanId: context.spanId, flags: context.traceFlags },
    attributes: (attributes ?? {}) as Attributes,
    ...(traceState && { traceState }),
  };
}

function copied(value: unknown): AttributeValue | undefined {
  if (typeof value !== 'object' || value === null) return value as AttributeValue;
  if (Array.isArray(value) || value instanceof Uint8Array) return value.slice() as AttributeValue;
  return { ...value } as AttributeValue;
}

function text(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : String(value);
}

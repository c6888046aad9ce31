import type { Privacy } from '@plimsoll/privacy';
import {
  type Attributes,
  type AttributeValue,
  type SpanEvent,
  type SpanKind,
  type SpanLink,
  type SpanRecord,
  STATUS,
} from '@plimsoll/wire';
import type { RootContext } from '../context/root.ts';
import { exceptionAttributes } from './exception.ts';
import type { Span } from './types.ts';

export const MAX_ATTRIBUTES = 128;
export const MAX_EVENTS = 128;
export const MAX_LINKS = 128;
const TRACE_ID = /^[0-9a-f]{32}$/;
const SPAN_ID = /^[0-9a-f]{16}$/;

const NO_EVENTS: readonly SpanEvent[] = Object.freeze([]);
const NO_LINKS: readonly SpanLink[] = Object.freeze([]);
const NO_ATTRIBUTES: Attributes = Object.freeze({});
const UNSET = Object.freeze({ code: STATUS.unset });
const OK = Object.freeze({ code: STATUS.ok });
const ERROR = Object.freeze({ code: STATUS.error });

export type Status = { readonly code: 0 | 1 | 2; readonly message?: string };
export type TraceRoot = RootContext<RecordingSpan>;

/** What a span needs of its tracer. */
export interface SpanHost {
  readonly privacy: Privacy;
  now(): number;
  finish(span: RecordingSpan): void;
  /** Set while exceptions go out as log records instead of span events. */
  readonly exceptionSink: ((span: RecordingSpan, attributes: Attributes) => void) | undefined;
}

/** A span in the making, in the shape of a `SpanRecord`, so that it is encoded without a copy. */
export class RecordingSpan implements Span {
  readonly kind = 'span';
  readonly recording = true;
  readonly traceId: string;
  readonly spanId: string;
  parentSpanId: string | undefined;
  parentRemote = false;
  traceState: string | undefined;
  flags: number;
  name: string;
  spanKind: SpanKind;
  startTime: number;
  endTime = 0;
  attributes: Record<string, AttributeValue> | Attributes = NO_ATTRIBUTES;
  events: readonly SpanEvent[] = NO_EVENTS;
  links: readonly SpanLink[] = NO_LINKS;
  status: Status = UNSET;
  droppedAttributes = 0;
  droppedEvents = 0;
  droppedLinks = 0;

  readonly root: TraceRoot;
  /** Where the pool of ids has the bytes of `spanId`, or -1. */
  spanAt = -1;
  /** Ended by its owner alone: a request's span lives as long as the request, whoever calls `end`. */
  owned = false;
  readonly #host: SpanHost;
  #count = 0;
  /** What is clean already, once something was set beside it. */
  #clean: Attributes = NO_ATTRIBUTES;
  /** `attributes` holds what others set, as they set it. */
  #dirty = false;
  #ended = false;

  constructor(
    host: SpanHost,
    root: TraceRoot,
    init: { spanId: string; name: string; kind: SpanKind; startTime: number },
  ) {
    this.#host = host;
    this.root = root;
    this.traceId = root.traceId;
    this.traceState = root.traceState;
    this.flags = root.flags;
    this.spanId = init.spanId;
    this.name = init.name;
    this.spanKind = init.kind;
    this.startTime = init.startTime;
  }

  get ended(): boolean {
    return this.#ended;
  }

  setAttribute(key: string, value: AttributeValue | undefined): this {
    if (this.#ended || value === undefined || typeof key !== 'string' || key === '' || key === '__proto__') {
      return this;
    }
    if (!this.#dirty) this.#open();
    const attributes = this.attributes as Record<string, AttributeValue>;
    // Every write counts until the limit: only there is it worth asking which keys are new.
    if (this.#count >= MAX_ATTRIBUTES && !this.#fits(key)) {
      this.droppedAttributes += 1;
      return this;
    }
    this.#count += 1;
    attributes[key] = value;
    return this;
  }

  /** Takes what a span starts with, cleaned into a copy at once; what is set later is cleaned when it ends. */
  adopt(attributes: Attributes): void {
    let size = 0;
    // The loop costs a third of Object.keys.
    for (const _key in attributes) size += 1;
    if (size > MAX_ATTRIBUTES) this.setAttributes(attributes);
    else {
      this.attributes = this.#host.privacy.attributes(attributes, 'spans');
      this.#count = size;
    }
  }

  setAttributes(attributes: Readonly<Record<string, AttributeValue | undefined>>): this {
    for (const key in attributes) this.setAttribute(key, attributes[key]);
    return this;
  }

  addEvent(name: string, attributes: Attributes = NO_ATTRIBUTES, time?: number): this {
    if (this.#ended) return this;
    const clean = this.#host.privacy.attributes(attributes, 'spans');
    return this.#event(this.#host.privacy.text(name), clean, time);
  }

  addLink(link: SpanLink): this {
    if (this.#ended) return this;
    if (this.links.length >= MAX_LINKS || !TRACE_ID.test(link.traceId) || !SPAN_ID.test(link.spanId)) {
      this.droppedLinks += 1;
    } else {
      const attributes = this.#host.privacy.attributes(link.attributes, 'spans');
      this.links = [...this.links, { ...link, attributes }];
    }
    return this;
  }

  recordException(error: unknown, time?: number): this {
    if (this.#ended) return this;
    if (this.status.code === STATUS.unset) this.status = ERROR;
    return this.addException(exceptionAttributes(error, this.#host.privacy), time);
  }

  /** What was thrown, clean already, and nothing said about the status: OpenTelemetry leaves that to the caller. */
  addException(attributes: Attributes, time?: number): this {
    if (this.#ended) return this;
    if (this.#host.exceptionSink) this.#host.exceptionSink(this, attributes);
    else this.#event('exception', attributes, time);
    return this;
  }

  setStatus(status: 'ok' | 'error' | 'unset', message?: string): this {
    if (this.#ended || this.status.code === STATUS.ok) return this;
    if (status === 'ok') this.status = OK;
    else if (status === 'error') {
      this.status = message ? { code: STATUS.error, message: this.#host.privacy.text(message) } : ERROR;
    }
    return this;
  }

  updateName(name: string): this {
    if (!this.#ended) this.name = this.#host.privacy.text(name);
    return this;
  }

  end(time?: number): void {
    if (!this.owned) this.finish(time);
  }

  /** The owner's `end`. */
  finish(time?: number): void {
    if (this.#ended) return;
    this.#ended = true;
    this.endTime = Math.max(this.startTime, time ?? this.#host.now());
    this.#settle();
    this.#host.finish(this);
  }

  /** Ends a request's span; `own` attributes are ours, known clean, and win over what the service set. */
  close(endTime: number, own: Attributes, failed: boolean): void {
    this.#settle();
    this.attributes = { ...this.attributes, ...own };
    this.#dirty = false;
    if (failed && this.status.code === STATUS.unset) this.status = ERROR;
    this.finish(endTime);
  }

  #open(): void {
    this.#clean = this.attributes;
    // Which database it is decides how its statements are read; both stand for themselves.
    const { 'db.system': before, 'db.system.name': system = before } = this.attributes;
    this.attributes = system === undefined ? {} : { 'db.system.name': system };
    this.#dirty = true;
  }

  #fits(key: string): boolean {
    if (Object.hasOwn(this.attributes, key) || Object.hasOwn(this.#clean, key)) return true;
    this.#count = Object.keys({ ...this.#clean, ...this.attributes }).length;
    return this.#count < MAX_ATTRIBUTES;
  }

  #settle(): void {
    if (!this.#dirty) return;
    this.#dirty = false;
    const late = this.#host.privacy.attributes(this.attributes, 'spans');
    this.attributes = this.#clean === NO_ATTRIBUTES ? late : { ...this.#clean, ...late };
  }

  #event(name: string, attributes: Attributes, time = this.#host.now()): this {
    if (this.events.length >= MAX_EVENTS) this.droppedEvents += 1;
    else if (this.events === NO_EVENTS) this.events = [{ name, time, attributes }];
    else (this.events as SpanEvent[]).push({ name, time, attributes });
    return this;
  }
}

/** A frozen copy, for sinks that keep it. */
export function toRecord(span: RecordingSpan): SpanRecord {
  const { kind, traceId, spanId, parentSpanId, parentRemote, traceState, flags, name, spanKind } = span;
  const { startTime, endTime, attributes, events, links, status } = span;
  const { droppedAttributes, droppedEvents, droppedLinks } = span;
  return Object.freeze({
    ...{
      kind,
      traceId,
      spanId,
      parentRemote,
      flags,
      name,
      spanKind,
      startTime,
      endTime,
      attributes,
      events,
      links,
      status,
    },
    ...{ droppedAttributes, droppedEvents, droppedLinks },
    ...(parentSpanId !== undefined && { parentSpanId }),
    ...(traceState !== undefined && { traceState }),
  });
}

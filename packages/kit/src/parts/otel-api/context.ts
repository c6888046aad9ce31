import type * as api from '@opentelemetry/api';
import type { Context } from '../../signals/context/context.ts';
import type { Baggage } from '../../signals/context/w3c.ts';
import { type ScopedSpan, SpanContext } from '../../signals/trace/scope.ts';
import type { TraceRoot } from '../../signals/trace/span.ts';
import type { Bridge } from './bridge.ts';
import type { ApiSpan } from './span.ts';

/** A context of OpenTelemetry's kind over one of ours: the values set on it, and below them what ours says. */
export class OtelContext implements api.Context {
  readonly ours: Context | undefined;
  /** What stands for it while it is active; kept here, since a WeakMap costs a microsecond per context. */
  entered: Context | undefined = undefined;
  readonly #bridge: Bridge;
  readonly #own: ReadonlyMap<symbol, unknown> | undefined;

  constructor(bridge: Bridge, ours: Context | undefined, own?: ReadonlyMap<symbol, unknown>) {
    this.#bridge = bridge;
    this.ours = ours;
    this.#own = own;
  }

  /** True while nothing was set on it: then it means what ours means. */
  get isView(): boolean {
    return this.#own === undefined && this.ours !== undefined;
  }

  sets(key: symbol): boolean {
    return this.#own?.has(key) === true;
  }

  getValue(key: symbol): unknown {
    return this.sets(key) ? this.#own?.get(key) : this.#bridge.valueIn(this.ours, key);
  }

  setValue(key: symbol, value: unknown): api.Context {
    const own = new Map(this.#own).set(key, value);
    return new OtelContext(this.#bridge, this.ours, own);
  }

  /** Kept as a value that is undefined: what is below must not show through. */
  deleteValue(key: symbol): api.Context {
    return this.setValue(key, undefined);
  }
}

/** The context of ours while a span of ours is active through the API. */
export class SpanBridge extends SpanContext {
  readonly api: ApiSpan;
  /** What it stands for; absent until it is asked for, where it is the parent and the span. */
  given: api.Context | undefined;
  #baggage: Baggage | undefined | null = null;

  constructor(parent: Context, of: { scoped: ScopedSpan; span: ApiSpan; given?: api.Context }) {
    super(parent, of.scoped);
    this.api = of.span;
    this.given = of.given;
  }

  override get baggage(): Baggage | undefined {
    if (this.given === undefined) return this.parent.baggage;
    if (this.#baggage === null) this.#baggage = this.api.bridge.baggageSetIn(this.given);
    return this.#baggage;
  }
}

/** The context of ours while values were set through the API, and nothing about the trace. */
export class ValueBridge implements Context {
  readonly parent: Context | undefined;
  readonly given: api.Context;
  readonly #bridge: Bridge;
  #baggage: Baggage | undefined | null = null;
  #userId: string | number | undefined;
  #fields: Record<string, unknown> | undefined;

  constructor(bridge: Bridge, parent: Context | undefined, given: api.Context) {
    this.#bridge = bridge;
    this.parent = parent;
    this.given = given;
  }

  get root(): TraceRoot | undefined {
    return (this.parent as { root?: TraceRoot } | undefined)?.root;
  }
  get traceId(): string | undefined {
    return this.parent?.traceId;
  }
  get spanId(): string | undefined {
    return this.parent?.spanId;
  }
  get flags(): number {
    return this.parent?.flags ?? 0;
  }
  get traceState(): string | undefined {
    return this.parent?.traceState;
  }
  get requestId(): string | undefined {
    return this.parent?.requestId;
  }
  get correlationId(): string | undefined {
    return this.parent?.correlationId;
  }
  get route(): string | undefined {
    return this.parent?.route;
  }
  get baggage(): Baggage | undefined {
    if (this.#baggage === null) this.#baggage = this.#bridge.baggageSetIn(this.given);
    return this.#baggage;
  }
  get userId(): string | number | undefined {
    return this.parent === undefined ? this.#userId : this.parent.userId;
  }
  set userId(id: string | number | undefined) {
    if (this.parent === undefined) this.#userId = id;
    else this.parent.userId = id;
  }
  get fields(): Record<string, unknown> | undefined {
    return this.parent === undefined ? this.#fields : this.parent.fields;
  }
  set fields(fields: Record<string, unknown> | undefined) {
    if (this.parent === undefined) this.#fields = fields;
    else this.parent.fields = fields;
  }
}

/** The same where the span was taken away, or replaced by one that another process or library made. */
export class ForeignContext extends ValueBridge {
  readonly span: api.Span | undefined;
  readonly #remote: api.SpanContext | undefined;

  constructor(
    bridge: Bridge,
    parent: Context | undefined,
    of: { given: api.Context; span: api.Span | undefined; remote: api.SpanContext | undefined },
  ) {
    super(bridge, parent, of.given);
    this.span = of.span;
    this.#remote = of.remote;
  }

  /** Whether the span is in another process; one that was wrapped by hand may be of this one. */
  get isRemote(): boolean {
    return this.#remote?.isRemote === true;
  }
  /** None: the next span begins this process's part of that trace. */
  override get root(): undefined {
    return undefined;
  }
  override get traceId(): string | undefined {
    return this.#remote?.traceId.toLowerCase();
  }
  override get spanId(): string | undefined {
    return this.#remote?.spanId.toLowerCase();
  }
  override get flags(): number {
    return this.#remote?.traceFlags ?? 0;
  }
  override get traceState(): string | undefined {
    return this.#remote?.traceState?.serialize() || undefined;
  }
}

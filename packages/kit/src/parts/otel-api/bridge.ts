import type * as api from '@opentelemetry/api';
import type { KitCore } from '../../kernel/kit.ts';
import type { Context } from '../../signals/context/context.ts';
import type { Baggage } from '../../signals/context/w3c.ts';
import { isSpanContext, rootOf, type ScopedSpan } from '../../signals/trace/scope.ts';
import type { RecordingSpan, TraceRoot } from '../../signals/trace/span.ts';
import type { TraceCore } from '../../signals/trace/tracer.ts';
import { fromOurs, toOurs } from './baggage.ts';
import { ForeignContext, OtelContext, SpanBridge, ValueBridge } from './context.ts';
import { ApiSpan } from './span.ts';

export type Api = typeof api;

/** Set by OpenTelemetry's `suppressTracing`, whose key has this name in every version. */
const SUPPRESS = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/**
 * Between the two kinds of context. Theirs are immutable maps; ours says what request and span code belongs to.
 * A context of theirs that is made active becomes one of ours that remembers it, so that log lines and spans of
 * both kinds agree, and values that others set come back.
 */
export class Bridge {
  readonly api: Api;
  readonly kit: KitCore;
  readonly core: TraceCore;
  /** Under which the API keeps the span and the baggage; asked of it, since the names are its own affair. */
  readonly spanKey: symbol;
  readonly baggageKey: symbol;
  readonly #views = new WeakMap<Context, OtelContext>();
  readonly #entered = new WeakMap<api.Context, Context>();
  readonly #spans = new WeakMap<object, ApiSpan>();
  readonly #baggage = new WeakMap<Baggage, api.Baggage>();

  constructor(otel: Api, kit: KitCore) {
    this.api = otel;
    this.kit = kit;
    this.core = kit.core.trace;
    this.spanKey = keyUsedBy(otel.trace.getSpan);
    this.baggageKey = keyUsedBy(otel.propagation.getBaggage);
  }

  /** What is active now, as OpenTelemetry sees it. */
  active(): api.Context {
    return this.view(this.kit.context.current());
  }

  view(context: Context | undefined): api.Context {
    if (context === undefined) return this.api.ROOT_CONTEXT;
    if (context instanceof SpanBridge) {
      context.given ??= this.#standFor(context.parent, context);
      return context.given;
    }
    if (context instanceof ValueBridge) return context.given;
    let view = this.#views.get(context);
    if (view === undefined) {
      view = new OtelContext(this, context);
      this.#views.set(context, view);
    }
    return view;
  }

  /** The context of ours in which a span is active. No context refers to the one before it, so that none piles up. */
  activate(span: ApiSpan, scoped: ScopedSpan, current: Context | undefined): Context {
    if (!(current instanceof SpanBridge)) return new SpanBridge(current ?? span.root, { scoped, span });
    const active = new SpanBridge(current.parent, { scoped, span });
    if (current.given !== undefined) active.given = this.#standFor(current, active);
    return active;
  }

  /** The context of theirs that `active` stands for: what is in the parent, and its span. */
  #standFor(parent: Context, active: SpanBridge): api.Context {
    const given = this.view(parent).setValue(this.spanKey, active.api);
    if (given instanceof OtelContext) given.entered = active;
    else this.#entered.set(given, active);
    return given;
  }

  /** The context of ours that stands for one of theirs; the same one each time. */
  enter(otel: api.Context): Context {
    if (otel instanceof OtelContext) {
      if (otel.isView) return otel.ours as Context;
      otel.entered ??= this.#enter(otel);
      return otel.entered;
    }
    let entered = this.#entered.get(otel);
    if (entered === undefined) {
      entered = this.#enter(otel);
      this.#entered.set(otel, entered);
    }
    return entered;
  }

  #enter(otel: api.Context): Context {
    const own = otel instanceof OtelContext ? otel : undefined;
    const ours = own?.ours;
    if (own !== undefined && ours !== undefined && !own.sets(this.spanKey))
      return new ValueBridge(this, ours, otel);
    const span = this.api.trace.getSpan(otel);
    if (span instanceof ApiSpan && span.root !== undefined) {
      const { scoped, root } = span;
      // The request's own span is what the request's context means already.
      if (scoped === undefined) return new ValueBridge(this, root, otel);
      return new SpanBridge(ours ?? root, { scoped, span, given: otel });
    }
    const remote = span?.spanContext();
    const valid = remote !== undefined && this.api.isSpanContextValid(remote);
    return new ForeignContext(this, ours, { given: otel, span, remote: valid ? remote : undefined });
  }

  /** Outside of any trace, and in the same request. */
  withoutTrace(ours: Context | undefined): Context {
    const given = this.api.trace.deleteSpan(this.view(ours));
    return new ForeignContext(this, ours, { given, span: undefined, remote: undefined });
  }

  valueIn(ours: Context | undefined, key: symbol): unknown {
    if (key === this.spanKey) return this.spanIn(ours);
    if (key === this.baggageKey) return this.baggageIn(ours?.baggage);
    for (let context = ours; context !== undefined; context = context.parent) {
      if (isBridge(context) && context.given !== undefined) return context.given.getValue(key);
    }
    return undefined;
  }

  suppressed(ours: Context | undefined): boolean {
    return this.valueIn(ours, SUPPRESS) === true;
  }

  spanIn(ours: Context | undefined): api.Span | undefined {
    if (ours === undefined) return undefined;
    if (ours instanceof SpanBridge) return ours.api;
    if (ours instanceof ForeignContext) return ours.span;
    if (ours instanceof ValueBridge) return this.spanIn(ours.parent);
    if (isSpanContext(ours)) return this.#wrap(ours.span, ours.root);
    const root = rootOf(ours);
    if (root !== undefined) {
      const { span } = root;
      return span === undefined || (span as RecordingSpan).owned
        ? this.#wrap(root, root)
        : this.#wrap(span, root);
    }
    const { traceId, spanId, flags } = ours;
    if (!traceId || !spanId) return undefined;
    const traceState = ours.traceState ? this.api.createTraceState(ours.traceState) : undefined;
    return this.api.trace.wrapSpanContext({
      ...{ traceId, spanId, traceFlags: flags, isRemote: true },
      ...(traceState && { traceState }),
    });
  }

  baggageIn(baggage: Baggage | undefined): api.Baggage | undefined {
    if (baggage === undefined) return undefined;
    let theirs = this.#baggage.get(baggage);
    if (theirs === undefined) {
      theirs = fromOurs(this.api, baggage);
      this.#baggage.set(baggage, theirs);
    }
    return theirs;
  }

  /** The baggage of a context of theirs, as ours: what was set on it, else what its request came with. */
  baggageSetIn(otel: api.Context): Baggage | undefined {
    if (otel instanceof OtelContext && !otel.sets(this.baggageKey)) return otel.ours?.baggage;
    return toOurs(this.api.propagation.getBaggage(otel));
  }

  #wrap(of: object, root: TraceRoot): ApiSpan {
    let span = this.#spans.get(of);
    if (span === undefined) {
      span = new ApiSpan(this, of === root ? undefined : (of as RecordingSpan), root);
      this.#spans.set(of, span);
    }
    return span;
  }
}

/** True inside of OpenTelemetry's `suppressTracing`, as exporters use it around their own requests. */
export function isSuppressed(context: api.Context): boolean {
  return context.getValue(SUPPRESS) === true;
}

type AnyBridge = SpanBridge | ValueBridge | ForeignContext;

function isBridge(context: Context): context is AnyBridge {
  return context instanceof SpanBridge || context instanceof ValueBridge;
}

function keyUsedBy(get: (context: api.Context) => unknown): symbol {
  let used: symbol | undefined;
  const probe: api.Context = {
    getValue: key => {
      used = key;
      return undefined;
    },
    setValue: () => probe,
    deleteValue: () => probe,
  };
  get(probe);
  return used as unknown as symbol;
}

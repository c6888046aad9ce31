import type * as api from '@opentelemetry/api';
import type { SpanKind } from '@plimsoll/wire';
import type { Context } from '../../signals/context/context.ts';
import type { RecordingSpan } from '../../signals/trace/span.ts';
import type { Bridge } from './bridge.ts';
import { ForeignContext } from './context.ts';
import { ApiSpan, linkOf } from './span.ts';
import { toMillis } from './time.ts';

/** By the numbers of the API's SpanKind. */
const KINDS: readonly SpanKind[] = ['internal', 'server', 'client', 'producer', 'consumer'];

/** One tracer for each name and version; both become attributes of its spans, as non-OTLP exporters write them. */
export class TracerProvider implements api.TracerProvider {
  /** Of every tracer that was asked for: a library that traces itself needs no spans of ours. */
  readonly names = new Set<string>();
  readonly #bridge: Bridge;
  readonly #tracers = new Map<string, Tracer>();

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  getTracer(name: string, version = ''): api.Tracer {
    const key = `${name}@${version}`;
    let tracer = this.#tracers.get(key);
    if (tracer === undefined) {
      tracer = new Tracer(this.#bridge, String(name ?? ''), String(version));
      this.#tracers.set(key, tracer);
      this.names.add(name);
    }
    return tracer;
  }
}

type Run = (span: api.Span) => unknown;

class Tracer implements api.Tracer {
  readonly #bridge: Bridge;
  readonly #name: string;
  readonly #version: string;

  constructor(bridge: Bridge, name: string, version: string) {
    this.#bridge = bridge;
    this.#name = name;
    this.#version = version;
  }

  startSpan(name: string, options?: api.SpanOptions, context?: api.Context): api.Span {
    const bridge = this.#bridge;
    return this.#start(
      name,
      options ?? {},
      context === undefined ? bridge.kit.context.current() : bridge.enter(context),
    );
  }

  startActiveSpan<F extends Run>(
    name: string,
    ...rest: [F] | [api.SpanOptions, F] | [api.SpanOptions, api.Context, F]
  ): ReturnType<F> {
    const fn = rest.at(-1) as F;
    const options = rest.length > 1 ? (rest[0] as api.SpanOptions) : undefined;
    const given = rest.length > 2 ? (rest[1] as api.Context | undefined) : undefined;
    const bridge = this.#bridge;
    const { context } = bridge.kit;
    const current = given === undefined ? context.current() : bridge.enter(given);
    const span = this.#start(name, options ?? {}, current);
    if (span instanceof ApiSpan && span.scoped !== undefined) {
      const active = bridge.activate(span, span.scoped, current);
      return context.run(active, fn as (span: api.Span) => ReturnType<F>, span);
    }
    const active = bridge.api.trace.setSpan(bridge.view(current), span);
    return context.run(bridge.enter(active), fn as (span: api.Span) => ReturnType<F>, span);
  }

  #start(name: string, options: api.SpanOptions, current: Context | undefined): api.Span {
    const bridge = this.#bridge;
    const { core } = bridge;
    if (bridge.suppressed(current)) return bridge.api.trace.wrapSpanContext(bridge.api.INVALID_SPAN_CONTEXT);
    if (!core.enabled) return this.#pass(current);
    const parent = options.root === true || current === undefined ? bridge.withoutTrace(current) : current;
    const span = core.start(String(name), {
      kind: KINDS[options.kind ?? 0] ?? 'internal',
      parent,
      startTime: toMillis(options.startTime, bridge.kit.clock),
    }) as RecordingSpan;
    const theirs = new ApiSpan(bridge, span, span.root);
    if (!span.recording) return theirs;
    if (parent instanceof ForeignContext) span.parentRemote = parent.isRemote;
    if (this.#name !== '') span.setAttribute('otel.scope.name', this.#name);
    if (this.#version !== '') span.setAttribute('otel.scope.version', this.#version);
    if (options.attributes) theirs.setAttributes(options.attributes);
    for (const link of options.links ?? []) span.addLink(linkOf(link));
    return theirs;
  }

  /** Tracing is off: what came in goes on, and nothing is recorded. */
  #pass(current: Context | undefined): api.Span {
    const { trace, INVALID_SPAN_CONTEXT } = this.#bridge.api;
    return trace.wrapSpanContext(this.#bridge.spanIn(current)?.spanContext() ?? INVALID_SPAN_CONTEXT);
  }
}

import type { Privacy } from '@plimsoll/privacy';
import { encodeSpan, type RawIds, type SpanRecord } from '@plimsoll/wire';
import type { Clock } from '../../base/clock.ts';
import type { BytePipe } from '../../base/pipe.ts';
import { IdPool } from '../../base/pool.ts';
import type { Context, ContextStore } from '../context/context.ts';
import { RootContext } from '../context/root.ts';
import { formatTraceparent, parseTraceparent, parseTracestate } from '../context/w3c.ts';
import { IdleSpan, OFF_SPAN } from './noop.ts';
import { extract, inject } from './propagation.ts';
import { isSpanContext, rootOf, type ScopedSpan, SpanContext } from './scope.ts';
import { settle } from './settle.ts';
import { RecordingSpan, type SpanHost, type TraceRoot, toRecord } from './span.ts';
import type { Carrier, Span, SpanOptions, Tracer } from './types.ts';

export interface TraceOptions {
  readonly enabled: boolean;
  /** 0 to 1: the part of new traces that is exported whatever happens in them. */
  readonly ratio: number;
  /** A trace whose root took this long, in ms, is kept although it was not sampled; 0 keeps none for that. */
  readonly slowMs: number;
  readonly keepErrors: boolean;
  readonly keepErrorsUnderUnsampledParent: boolean;
  readonly clock: Clock;
  readonly context: ContextStore;
  readonly privacy: Privacy;
  readonly pipe: BytePipe;
}

/** Spans that one undecided trace holds at most; the rest are counted as dropped. */
const MAX_PENDING = 1000;
const MAX_NAMES = 500;
const MAX_UINT32 = 0xffff_ffff;

/** Makes spans, decides which are kept, and hands them on encoded. */
export class TraceCore implements Tracer, SpanHost {
  readonly enabled: boolean;
  readonly privacy: Privacy;
  readonly ids = new IdPool();
  /** What is told of the ids of the span that is encoded next. */
  readonly raw: RawIds = { bytes: this.ids.view, trace: -1, span: -1 };
  readonly pipe: BytePipe;
  /** Set while somebody wants records. */
  recordSink: ((record: SpanRecord) => void) | undefined;
  exceptionSink: SpanHost['exceptionSink'];
  dropped = 0;
  readonly #options: TraceOptions;
  readonly #context: ContextStore;
  readonly #clock: Clock;
  readonly #threshold: number;
  readonly #names = new Map<string, string>();

  constructor(options: TraceOptions) {
    this.#options = options;
    this.enabled = options.enabled;
    this.privacy = options.privacy;
    this.pipe = options.pipe;
    this.#context = options.context;
    this.#clock = options.clock;
    this.#threshold = Math.floor(Math.min(1, Math.max(0, options.ratio)) * MAX_UINT32);
  }

  now(): number {
    return this.#clock.now();
  }

  /** Ids and the sampling decision of a new local root; headers as node gives them, duplicates joined by commas. */
  begin(root: TraceRoot, traceparent: unknown, tracestate: unknown): void {
    const remote = traceparent === undefined ? undefined : parseTraceparent(traceparent);
    root.spanId = this.ids.spanId();
    root.spanAt = this.ids.last;
    if (remote === undefined) {
      root.traceId = this.ids.traceId();
      root.traceAt = this.ids.last;
      if (!this.enabled) return;
      root.sampled = this.#sample(root.traceId);
      root.recording = root.sampled || this.#options.keepErrors || this.#options.slowMs > 0;
      root.flags = root.sampled ? 1 : 0;
      return;
    }
    root.traceId = remote.traceId;
    root.remoteParent = remote.spanId;
    if (tracestate !== undefined) root.traceState = this.#stateOf(tracestate);
    if (!this.enabled) return;
    root.sampled = (remote.flags & 1) === 1;
    root.flags = remote.flags;
    root.recording = root.sampled || this.#options.keepErrorsUnderUnsampledParent;
  }

  /** It leaves with every span: one that holds more than ids of systems is left out, as W3C trace context allows. */
  #stateOf(header: unknown): string | undefined {
    const state = parseTracestate(header);
    return state !== undefined && this.privacy.text(state) === state ? state : undefined;
  }

  start(name: string, options: SpanOptions = {}): Span {
    if (!this.enabled) return OFF_SPAN;
    const parent = options.root ? undefined : (options.parent ?? this.#context.current());
    const root = rootOf(parent) ?? this.#newRoot(parent);
    if (!root.recording) return new IdleSpan(root.traceId, root.spanId, root);
    const fresh = root.span === undefined && root !== (parent as { root?: unknown } | undefined)?.root;
    const span = new RecordingSpan(this, root, {
      spanId: fresh ? root.spanId : this.ids.spanId(),
      name: this.#cleanName(name),
      kind: options.kind ?? 'internal',
      startTime: options.startTime ?? this.#clock.now(),
    });
    span.spanAt = fresh ? root.spanAt : this.ids.last;
    if (fresh) {
      root.span = span;
      span.parentSpanId = root.remoteParent;
      span.parentRemote = root.remoteParent !== undefined;
    } else span.parentSpanId = (parent as Context).spanId;
    if (options.attributes) span.adopt(options.attributes);
    for (const link of options.links ?? []) span.addLink(link);
    return span;
  }

  /** Names are few, so the verdict on one is kept; those that are not few are looked at each time. */
  #cleanName(name: string): string {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const clean = this.privacy.text(name);
    if (this.#names.size < MAX_NAMES) this.#names.set(name, clean);
    return clean;
  }

  span<R>(name: string, fnOrOptions: SpanOptions | ((span: Span) => R), fn?: (span: Span) => R): R {
    const run = (fn ?? fnOrOptions) as (span: Span) => R;
    if (!this.enabled) return run(OFF_SPAN);
    const span = this.start(name, fn ? (fnOrOptions as SpanOptions) : undefined);
    return this.with(span, () => settle(span, run));
  }

  active(): Span | undefined {
    return this.activeIn(this.#context.current());
  }

  /** The span that is active in a context. A request's span is made only here, when somebody asks for it. */
  activeIn(context: Context | undefined): Span | undefined {
    const root = rootOf(context);
    if (root === undefined) return undefined;
    // Not by its class: a part may be a chunk of its own, with a copy of the class.
    if (isSpanContext(context)) return context.span;
    if (root.span !== undefined) return root.span;
    if (!root.recording || root.kept !== undefined) return new IdleSpan(root.traceId, root.spanId, root);
    return this.requestSpan(root);
  }

  with<R>(span: Span, fn: () => R): R {
    const { root } = span as { root?: TraceRoot };
    if (root === undefined) return fn();
    const current = this.#context.current();
    if (span instanceof IdleSpan && rootOf(current) === root) return fn();
    return this.#context.run(new SpanContext(current ?? root, span as ScopedSpan), fn);
  }

  inject(carrier: Carrier): void {
    inject(this.#context.current(), carrier);
  }

  extract(carrier: Carrier): Context {
    return extract(carrier);
  }

  finish(span: RecordingSpan): void {
    const { root } = span;
    if (span.status.code === 2) root.failed = true;
    if (root.span === span) {
      if (this.decide(root, span.endTime - span.startTime)) this.export(span);
    } else if (root.sampled || root.kept === true) this.export(span);
    else if (root.kept === undefined) this.#wait(root, span);
  }

  /** The verdict on a local root that ended: kept when sampled, failed or slow. Waiting spans follow it. */
  decide(root: TraceRoot, durationMs: number): boolean {
    if (root.kept !== undefined) return root.kept;
    const { keepErrors, slowMs } = this.#options;
    const kept =
      root.sampled ||
      (root.recording && ((root.failed && keepErrors) || (slowMs > 0 && durationMs >= slowMs)));
    root.kept = kept;
    const pending = root.pending;
    root.pending = undefined;
    if (kept && pending) for (const waiting of pending) this.export(waiting);
    return kept;
  }

  export(span: RecordingSpan): void {
    if (this.pipe.active) {
      const { raw, ids } = this;
      raw.trace = ids.find(span.root.traceAt);
      raw.span = ids.find(span.spanAt);
      encodeSpan(this.pipe.writer, span as SpanRecord, raw);
      this.pipe.wrote();
    }
    if (this.recordSink) this.recordSink(toRecord(span));
  }

  #wait(root: TraceRoot, span: RecordingSpan): void {
    root.pending ??= [];
    if (root.pending.length < MAX_PENDING) root.pending.push(span);
    else this.dropped += 1;
  }

  /** The span of a request, for those who want to add to it; the exchange ends it. */
  requestSpan(root: TraceRoot): RecordingSpan {
    const span = new RecordingSpan(this, root, {
      spanId: root.spanId,
      name: '',
      kind: 'server',
      startTime: this.#clock.now(),
    });
    span.spanAt = root.spanAt;
    span.parentSpanId = root.remoteParent;
    span.parentRemote = root.remoteParent !== undefined;
    span.owned = true;
    root.span = span;
    return span;
  }

  #newRoot(parent: Context | undefined): TraceRoot {
    const root: TraceRoot = new RootContext<RecordingSpan>();
    root.parent = parent;
    root.requestId = parent?.requestId;
    root.correlationId = parent?.correlationId;
    root.baggage = parent?.baggage;
    const remote = parent?.traceId
      ? formatTraceparent(parent as { traceId: string; spanId: string; flags: number })
      : undefined;
    this.begin(root, remote, parent?.traceState);
    return root;
  }

  /** The rule of OpenTelemetry's TraceIdRatioBased sampler, so that services of both kinds agree. */
  #sample(traceId: string): boolean {
    if (this.#threshold === MAX_UINT32) return true;
    if (this.#threshold === 0) return false;
    let bits = 0;
    for (let i = 0; i < 32; i += 8) bits ^= Number.parseInt(traceId.slice(i, i + 8), 16);
    return bits >>> 0 < this.#threshold;
  }
}

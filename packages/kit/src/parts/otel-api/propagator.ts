import type * as api from '@opentelemetry/api';
import {
  formatBaggage,
  formatTraceparent,
  parseBaggage,
  parseTraceparent,
  parseTracestate,
} from '../../signals/context/w3c.ts';
import { toOurs } from './baggage.ts';
import { type Bridge, isSuppressed } from './bridge.ts';

const TRACEPARENT = 'traceparent';
const TRACESTATE = 'tracestate';
const BAGGAGE = 'baggage';

/** W3C Trace Context level 2 and W3C Baggage, through the same parsers as the requests that come in. */
export class Propagator implements api.TextMapPropagator {
  readonly #bridge: Bridge;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  inject(context: api.Context, carrier: unknown, setter: api.TextMapSetter): void {
    const { trace, propagation } = this.#bridge.api;
    if (isSuppressed(context)) return;
    const span = trace.getSpanContext(context);
    if (span !== undefined && trace.isSpanContextValid(span)) {
      const ids = { traceId: span.traceId, spanId: span.spanId, flags: span.traceFlags };
      setter.set(carrier, TRACEPARENT, formatTraceparent(ids).toLowerCase());
      const state = span.traceState?.serialize();
      if (state) setter.set(carrier, TRACESTATE, state);
    }
    const baggage = toOurs(propagation.getBaggage(context));
    const text = baggage && formatBaggage(baggage);
    if (text) setter.set(carrier, BAGGAGE, text);
  }

  /** The given context where the carrier has nothing valid. */
  extract(context: api.Context, carrier: unknown, getter: api.TextMapGetter): api.Context {
    const { trace, propagation, createTraceState } = this.#bridge.api;
    const remote = parseTraceparent(single(getter.get(carrier, TRACEPARENT)));
    let extracted = context;
    if (remote !== undefined) {
      const state = parseTracestate(getter.get(carrier, TRACESTATE));
      extracted = trace.setSpanContext(extracted, {
        ...{ traceId: remote.traceId, spanId: remote.spanId, traceFlags: remote.flags, isRemote: true },
        ...(state !== undefined && { traceState: createTraceState(state) }),
      });
    }
    const baggage = this.#bridge.baggageIn(parseBaggage(getter.get(carrier, BAGGAGE)));
    return baggage === undefined ? extracted : propagation.setBaggage(extracted, baggage);
  }

  fields(): string[] {
    return [TRACEPARENT, TRACESTATE, BAGGAGE];
  }
}

/** Two parents are none: nobody can tell which one is meant. */
function single(header: string | string[] | undefined): string | undefined {
  if (!Array.isArray(header)) return header;
  return header.length === 1 ? header[0] : undefined;
}

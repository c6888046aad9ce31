import type { Context } from '../context/context.ts';
import { RootContext } from '../context/root.ts';
import {
  formatBaggage,
  formatTraceparent,
  parseBaggage,
  parseTraceparent,
  parseTracestate,
} from '../context/w3c.ts';
import type { Carrier } from './types.ts';

export function inject(context: Context | undefined, carrier: Carrier): void {
  if (context?.traceId && context.spanId) {
    carrier['traceparent'] = formatTraceparent(context as { traceId: string; spanId: string; flags: number });
    if (context.traceState) carrier['tracestate'] = context.traceState;
  }
  if (context?.baggage) carrier['baggage'] = formatBaggage(context.baggage);
}

/** A context that only carries the caller's ids; without a valid traceparent it carries the baggage alone. */
export function extract(carrier: Carrier): Context {
  const root = new RootContext<never>();
  const remote = parseTraceparent(headerOf(carrier, 'traceparent'));
  root.baggage = parseBaggage(headerOf(carrier, 'baggage'));
  if (remote) {
    root.remote = true;
    root.traceId = remote.traceId;
    root.spanId = remote.spanId;
    root.flags = remote.flags;
    root.traceState = parseTracestate(headerOf(carrier, 'tracestate'));
  }
  return root;
}

function headerOf(carrier: Carrier, name: string): unknown {
  const exact = carrier[name];
  if (exact !== undefined) return exact;
  for (const key in carrier) if (key.toLowerCase() === name) return carrier[key];
  return undefined;
}

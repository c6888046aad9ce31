import type { Kit, Part, Teardown } from '../../kernel/part.ts';
import { watchHttp } from './http.ts';
import { ClientSpans } from './spans.ts';
import { watchUndici } from './undici.ts';

/** Spans for outgoing requests of fetch, undici and node:http, through their diagnostics channels; nothing is patched. */
export const client: Part = { name: 'client', setup };

function setup(kit: Kit): Teardown | undefined {
  if (!kit.trace.enabled) return undefined;
  const spans = new ClientSpans(kit);
  const undo = [watchUndici(spans), watchHttp(spans)];
  return () => {
    for (const stop of undo) stop();
  };
}

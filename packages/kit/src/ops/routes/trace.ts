import { type TraceTestAnswer, traceTestAnswer } from '@plimsoll/wire/ops';
import { OpsError } from '../../base/ops-error.ts';
import type { KitCore } from '../../kernel/kit.ts';
import type { Route } from '../../kernel/part.ts';
import type { RecordingSpan } from '../../signals/trace/span.ts';

/** What the exporter publishes under the name `otlp`: spans that the receiver took and spans that were lost. */
interface Exporter {
  readonly signals: { readonly traces?: { readonly exported: number; readonly dropped: number } };
  /** Sends what waits; the result is about every signal, and this route about one. */
  flush(): Promise<unknown>;
}

/** The answer waits for the exporter this long, in ms, so that a dead receiver shows as `exported: false`. */
const FLUSH_MS = 3000;

/** One span on demand, to see that traces arrive. Outside development an option must allow it. */
export function traceRoutes(kit: KitCore): readonly Route[] {
  const { config } = kit;
  const name = `${config.get('namespace') || config.get('service')}.trace.test`;
  const refused = !config.development && !config.get('trace.testInProd');
  return [
    {
      method: 'POST',
      path: '/ops/trace/test',
      access: 'admin',
      summary: 'Send a test span and say whether it was exported',
      answer: traceTestAnswer,
      handle: async (): Promise<TraceTestAnswer> => {
        if (refused) throw new OpsError('disabled in prod');
        const span = kit.trace.start(name, { root: true, attributes: { component: 'ops', sample: true } });
        // Whoever asks for one span wants to see it, whatever the sampling ratio.
        if (span.recording) force(span as RecordingSpan);
        span.end();
        const exported = span.recording && (await delivered(kit));
        return { status: 'ok', trace_id: kit.trace.enabled ? span.traceId : null, exported };
      },
    },
  ];
}

/** Told by `recording` and not by its class, of which a bundle has a copy for each chunk. */
function force(span: RecordingSpan): void {
  span.root.sampled = true;
  span.root.flags |= 1;
  span.flags = span.root.flags;
}

/** Sends what waits and says whether the receiver took it. Spans of others may be among it. */
async function delivered(kit: KitCore): Promise<boolean> {
  kit.core.spans.flush();
  const exporter = kit.read<Exporter>('otlp');
  const before = exporter?.signals.traces;
  if (exporter === undefined || before === undefined) return false;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise(resolve => {
    timer = setTimeout(resolve, FLUSH_MS);
  });
  await Promise.race([exporter.flush().catch(() => {}), late]).finally(() => clearTimeout(timer));
  const after = kit.read<Exporter>('otlp')?.signals.traces;
  return after !== undefined && after.exported > before.exported && after.dropped === before.dropped;
}

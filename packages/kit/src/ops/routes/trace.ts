import { type TraceTestAnswer, traceTestAnswer } from '@plimsoll/wire/ops';
import type { KitCore } from '../../kernel/kit.ts';
import type { Route } from '../../kernel/part.ts';
import { RecordingSpan } from '../../signals/trace/span.ts';
import { OpsError } from '../problem.ts';

/** What the exporter publishes under the name `otlp`. */
interface Exporter {
  /** Sends what waits; true when the receiver took it. */
  flush?(): Promise<boolean>;
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
        if (refused)
          throw new OpsError(403, 'disabled in prod', { hint: 'OBS_TRACE_TEST_IN_PROD=true allows it.' });
        const span = kit.trace.start(name, { root: true, attributes: { component: 'ops', sample: true } });
        // Whoever asks for one span wants to see it, whatever the sampling ratio.
        if (span instanceof RecordingSpan) {
          span.root.sampled = true;
          span.root.flags |= 1;
        }
        span.end();
        const exported = span.recording && (await flush(kit));
        return { status: 'ok', trace_id: kit.trace.enabled ? span.traceId : null, exported };
      },
    },
  ];
}

async function flush(kit: KitCore): Promise<boolean> {
  kit.core.spans.flush();
  const sent = kit.read<Exporter>('otlp')?.flush?.();
  if (sent === undefined) return false;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>(resolve => {
    timer = setTimeout(resolve, FLUSH_MS, false);
  });
  return Promise.race([sent.catch(() => false), late]).finally(() => clearTimeout(timer));
}

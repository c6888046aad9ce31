import type { TraceAnswer } from '@plimsoll/wire';
import type { Store } from '../store/types.ts';
import { criticalPath } from './critical.ts';
import { Refusal } from './problem.ts';

const LOGS = 1000;
/** After a span of the trace came, for the others of its export. */
const SETTLE_MS = 200;

/**
 * A trace with its lines and its critical path. One that is unknown is waited for, up to `waitMs`: an exemplar or a
 * log line may come before the spans of its trace.
 */
export async function traceOf(store: Store, given: string, waitMs: number): Promise<TraceAnswer> {
  const traceId = given.toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(traceId)) throw new Refusal('unknown_trace');
  const wait = waitMs > 0 ? arrival(store, { traceId, waitMs }) : undefined;
  try {
    let answer = await read(store, traceId);
    if (answer.spans.length === 0 && (await wait?.came)) answer = await read(store, traceId);
    if (answer.spans.length === 0 && answer.logs.length === 0) throw new Refusal('unknown_trace');
    return answer;
  } finally {
    wait?.stop();
  }
}

async function read(store: Store, traceId: string): Promise<TraceAnswer> {
  const [spans, logs] = await Promise.all([
    store.trace(traceId),
    store.logs({ traceId, order: 'oldest', limit: LOGS }),
  ]);
  return { traceId, spans, logs: logs.items, critical: criticalPath(spans) };
}

/** Listens from before the first read on, so that nothing falls between the two. */
function arrival(store: Store, { traceId, waitMs }: { traceId: string; waitMs: number }) {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  let timer = setTimeout(() => resolve(false), waitMs);
  const off = store.onRows(batch => {
    if (batch.kind !== 'span' || !batch.rows.some(row => row.traceId === traceId)) return;
    off();
    clearTimeout(timer);
    timer = setTimeout(() => resolve(true), SETTLE_MS);
  }, 'span');
  const stop = () => {
    off();
    clearTimeout(timer);
  };
  return { came: promise, stop };
}

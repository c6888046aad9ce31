import type { SpanRecord } from '@plimsoll/wire';
import type { Kit, Part, Teardown } from '../../kernel/part.ts';
import { LineRing } from './lines.ts';
import { type RecentTrace, TraceRing } from './traces.ts';

export type { RecentSpan, RecentTrace } from './traces.ts';

/** What `kit.read('recent')` gives, newest first. */
export interface Recent {
  readonly traces: readonly RecentTrace[];
  /** Log lines as they were written, parsed. */
  readonly lines: readonly unknown[];
}

/** Keeps the last traces and lines in memory, for development: a look at what a request did needs no collector. */
export const memory: Part = { name: 'memory', setup };

function setup(kit: Kit): Teardown {
  const traces = new TraceRing();
  const lines = new LineRing();
  const undo = [
    kit.on('span', (span: SpanRecord) => traces.add(span)),
    kit.onLine(line => lines.add(line)),
    kit.expose('recent', (): Recent => ({ traces: traces.read(), lines: lines.read() })),
  ];
  return async () => {
    for (const stop of undo.reverse()) await stop();
  };
}

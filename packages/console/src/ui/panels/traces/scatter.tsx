import type { TraceSummary } from '@plimsoll/wire';
import { go, hrefOf } from '../../lib/address.ts';
import { duration, timeOfDay } from '../../lib/format.ts';
import { traceName } from '../../lib/trace-name.ts';

const HEIGHT = 110;

/** Each trace a dot at its start and its duration, on a log scale; the table below says the same in words. */
export function Scatter({ rows, from, to }: { rows: readonly TraceSummary[]; from: number; to: number }) {
  const logs = rows.map(row => Math.log10(Math.max(row.durationMs, 0.01)));
  const low = Math.floor(Math.min(...logs));
  const high = Math.max(Math.ceil(Math.max(...logs)), low + 1);
  const y = (log: number) => (1 - (log - low) / (high - low)) * (HEIGHT - 16) + 8;
  const x = (time: number) => `${(((time - from) / (to - from)) * 100).toFixed(2)}%`;
  const marks = Array.from({ length: high - low + 1 }, (_, i) => low + i);
  return (
    <div class="scatter" aria-hidden="true">
      <div class="scatter-axis">
        {marks.map(log => (
          <span key={log} style={{ top: `${y(log)}px` }}>
            {duration(10 ** log)}
          </span>
        ))}
      </div>
      {/* biome-ignore lint/a11y/noSvgWithoutTitle: hidden from readers, who have the table */}
      <svg height={HEIGHT} width="100%">
        {marks.map(log => (
          <line key={log} x1="0" x2="100%" y1={y(log)} y2={y(log)} />
        ))}
        {rows.map((row, i) => (
          // biome-ignore lint/a11y/noStaticElementInteractions: a short cut for the mouse; the table has the link
          <circle
            key={row.traceId}
            cx={x(row.start)}
            cy={y(logs[i] ?? low)}
            r={4}
            class={row.errors > 0 ? 'bad' : ''}
            onClick={() => go(hrefOf(`/traces/${row.traceId}`))}
          >
            <title>{`${timeOfDay(row.start)} ${traceName(row)} ${duration(row.durationMs)}`}</title>
          </circle>
        ))}
      </svg>
    </div>
  );
}

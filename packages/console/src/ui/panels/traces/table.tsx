import type { TraceSummary } from '@plimsoll/wire';
import { useState } from 'preact/hooks';
import { hrefOf } from '../../lib/address.ts';
import { clockMs, duration } from '../../lib/format.ts';
import { serviceColor } from '../../lib/services.ts';
import { traceName } from '../../lib/trace-name.ts';
import { Scroll } from '../../parts/scroll.tsx';

/** Marks of the list; two of them can be compared. */
export function TraceTable({ rows }: { rows: readonly TraceSummary[] }) {
  const [marked, setMarked] = useState<readonly string[]>([]);
  const longest = Math.max(...rows.map(row => row.durationMs), 0.001);
  const toggle = (id: string) =>
    setMarked(last => (last.includes(id) ? last.filter(one => one !== id) : [...last, id].slice(-2)));
  const [a, b] = marked;
  return (
    <>
      <Scroll label="Traces found">
        <table class="rows trace-table">
          <thead>
            <tr>
              <th scope="col">
                <span class="visually-hidden">Compare</span>
              </th>
              <th scope="col">Start</th>
              <th scope="col">Trace</th>
              <th scope="col">Status</th>
              <th scope="col" class="num">
                Spans
              </th>
              <th scope="col">Duration</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(row => (
              <Row
                key={row.traceId}
                row={row}
                longest={longest}
                marked={marked.includes(row.traceId)}
                toggle={toggle}
              />
            ))}
          </tbody>
        </table>
      </Scroll>
      {marked.length > 0 && (
        <div class="compare-bar" role="status">
          {marked.length === 2 ? '2 traces marked' : '1 trace marked; mark another to compare'}
          {a && b && (
            <a class="button primary" href={hrefOf('/traces/compare', { a, b })}>
              Compare
            </a>
          )}
          <button type="button" class="quiet" onClick={() => setMarked([])}>
            Clear marks
          </button>
        </div>
      )}
    </>
  );
}

interface RowProps {
  readonly row: TraceSummary;
  readonly longest: number;
  readonly marked: boolean;
  readonly toggle: (id: string) => void;
}

function Row({ row, longest, marked, toggle }: RowProps) {
  const share = `${Math.max((row.durationMs / longest) * 100, 0.5)}%`;
  return (
    <tr data-bad={row.errors > 0}>
      <td>
        <input
          type="checkbox"
          checked={marked}
          aria-label={`Mark ${traceName(row)} to compare`}
          onChange={() => toggle(row.traceId)}
        />
      </td>
      <td class="nowrap meta">{clockMs(row.start)}</td>
      <td class="trace-name">
        <a data-row href={hrefOf(`/traces/${row.traceId}`)}>
          {traceName(row)}
        </a>
        <span class="meta">
          <time class="narrow">{clockMs(row.start)} · </time>
          {row.services.map(name => (
            <span key={name} class="tag">
              <i class="swatch" style={{ background: serviceColor(name) }} />
              {name}
            </span>
          ))}
        </span>
      </td>
      <td>
        <Status row={row} />
      </td>
      <td class="num">{row.spans}</td>
      <td class="bar-cell">
        <span class="num">{duration(row.durationMs)}</span>
        <i style={{ width: share }} />
      </td>
    </tr>
  );
}

function Status({ row: { httpStatus, errors } }: { row: TraceSummary }) {
  const word = errors > 0 ? `${errors} ${errors === 1 ? 'error' : 'errors'}` : 'ok';
  return (
    <span class={errors > 0 ? 'bad nowrap' : 'nowrap'}>
      {httpStatus !== undefined && <b>{httpStatus}</b>} {httpStatus === undefined || errors > 0 ? word : ''}
    </span>
  );
}

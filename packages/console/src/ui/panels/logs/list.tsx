import type { LogRow } from '@plimsoll/wire';
import { memo } from 'preact/compat';
import { useState } from 'preact/hooks';
import { hrefOf, param, params } from '../../lib/address.ts';
import { clockMs, text } from '../../lib/format.ts';
import { serviceColor } from '../../lib/services.ts';
import { AttributeTable } from '../../parts/attributes.tsx';

/** Fields that stand in the line itself, in this order, before the others. */
const HINTS = ['method', 'path', 'route', 'status', 'latency_ms', 'duration_ms', 'error'];
const HINTS_AT_MOST = 6;

export function LogList({ rows }: { rows: readonly LogRow[] }) {
  const [open, setOpen] = useState<string>();
  return (
    <ol class="log-list" aria-label="Log lines">
      {rows.map(row => {
        const key = `${row.seq} ${row.time} ${row.service}`;
        return <Line key={key} row={row} id={key} open={open === key} setOpen={setOpen} />;
      })}
    </ol>
  );
}

interface LineProps {
  readonly row: LogRow;
  readonly id: string;
  readonly open: boolean;
  readonly setOpen: (id: string | undefined) => void;
}

/** Not drawn again while it does not change: a live tail puts new ones above a thousand of these. */
const Line = memo(function Line({ row, id, open, setOpen }: LineProps) {
  return (
    <li class={`level-${row.level}`} data-open={open}>
      <button
        type="button"
        class="log-line"
        data-row
        aria-expanded={open}
        onClick={() => setOpen(open ? undefined : id)}
      >
        <time>{clockMs(row.time)}</time>
        <span class="level">{row.level}</span>
        <i class="swatch" style={{ background: serviceColor(row.service) }} title={row.service} />
        <span class="log-body">
          {row.body} <Hints row={row} />
        </span>
      </button>
      {open && <Detail row={row} />}
    </li>
  );
});

function Hints({ row }: { row: LogRow }) {
  const own = Object.keys(row.attributes);
  const keys = [
    ...HINTS.filter(key => own.includes(key)),
    ...own.filter(key => !HINTS.includes(key) && !/(_id|\.id)$/.test(key)),
  ];
  return (
    <span class="hints">
      {keys.slice(0, HINTS_AT_MOST).map(key => (
        <span key={key}>
          <b>{key}</b>={text(row.attributes[key]).slice(0, 60)}
        </span>
      ))}
    </span>
  );
}

function Detail({ row }: { row: LogRow }) {
  const find = (key: string, value: string) =>
    hrefOf('/logs', {
      attribute: [...params.value.getAll('attribute'), `${key}=${value}`],
      live: param('live'),
    });
  const ids: (readonly [string, string | undefined, string])[] = [
    ['Open the trace', row.traceId, hrefOf(`/traces/${row.traceId}`, { span: row.spanId })],
    ['All lines of the trace', row.traceId, hrefOf('/logs', { traceId: row.traceId, service: undefined })],
    [
      'All lines of the request',
      row.requestId,
      hrefOf('/logs', { requestId: row.requestId, service: undefined }),
    ],
    [
      'All lines of the correlation',
      row.correlationId,
      hrefOf('/logs', { correlationId: row.correlationId, service: undefined }),
    ],
  ];
  return (
    <div class="log-detail">
      <p class="log-full">{row.body}</p>
      <p class="jumps">
        {ids.map(([label, id, href]) =>
          id ? (
            <a key={label} class="button" href={href} title={id}>
              {label}
            </a>
          ) : null,
        )}
      </p>
      <AttributeTable title="Attributes" of={row.attributes} find={find} />
      <AttributeTable
        title="Line"
        of={{
          service: row.service,
          ...(row.logger && { logger: row.logger }),
          level: row.level,
          ...(row.requestId && { request: row.requestId }),
          ...(row.correlationId && { correlation: row.correlationId }),
          ...(row.traceId && { trace: row.traceId }),
        }}
      />
      <AttributeTable title="Resource" of={row.resource} />
    </div>
  );
}

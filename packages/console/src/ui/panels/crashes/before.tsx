import { hrefOf } from '../../lib/address.ts';
import { clockMs, duration, text } from '../../lib/format.ts';
import { Scroll } from '../../parts/scroll.tsx';
import { type Column, Table } from '../../parts/table.tsx';

type Loose = Readonly<Record<string, unknown>>;

/** What stands in a line's columns, or says the same in each of them. */
const KNOWN = new Set(['ts', 'timestamp', 'level', 'msg', 'event', 'service', 'env', 'commit', 'logger']);

/** The newest last, as they were written. */
export function Lines({ lines }: { lines: readonly unknown[] }) {
  if (lines.length === 0) return <p class="meta">None.</p>;
  return (
    <Scroll label="Lines before it">
      <ol class="crash-lines">
        {lines.map((one, n) => (
          // Lines have no id, and a dump does not change.
          <Line key={n} line={one as Loose} />
        ))}
      </ol>
    </Scroll>
  );
}

function Line({ line }: { line: Loose }) {
  const time = Date.parse(text(line['ts'] ?? line['timestamp'] ?? ''));
  const level = text(line['level'] ?? 'info');
  const rest = Object.entries(line).filter(([key]) => !KNOWN.has(key));
  return (
    <li class={`level-${level}`}>
      <span class="meta">{Number.isNaN(time) ? '' : clockMs(time)}</span> <strong>{level}</strong>{' '}
      {text(line['msg'] ?? line['event'] ?? '')}{' '}
      <span class="meta">{rest.map(([key, value]) => `${key}=${text(value)}`).join(' ')}</span>
    </li>
  );
}

interface Span {
  readonly trace_id: string;
  readonly span_id: string;
  readonly name: string;
  readonly start: string;
  readonly duration_ms: number;
  readonly status: string;
}

/** Newest first; those of the trace that it happened in are marked. */
export function Spans({ spans, traceId }: { spans: readonly unknown[]; traceId: string | undefined }) {
  const columns: readonly Column<Span>[] = [
    {
      title: 'Span',
      wide: true,
      cell: ({ name, trace_id: id }) => <a href={hrefOf(`/traces/${id}`)}>{name}</a>,
    },
    { title: 'Began', num: true, cell: ({ start }) => clockMs(Date.parse(start)) },
    { title: 'Took', num: true, cell: ({ duration_ms: ms }) => duration(ms) },
    { title: 'Status', cell: ({ status }) => (status === 'unset' ? '' : status) },
    { title: 'Trace', cell: ({ trace_id: id }) => (id === traceId ? 'this one' : '') },
  ];
  return (
    <Table
      label="Spans before it"
      rows={(spans as readonly Span[]).toReversed()}
      columns={columns}
      keyOf={({ span_id: id }) => id}
      empty="None."
    />
  );
}

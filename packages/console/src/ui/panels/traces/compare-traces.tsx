import type { TraceAnswer } from '@plimsoll/wire';
import { useMemo } from 'preact/hooks';
import { hrefOf, param, setParams } from '../../lib/address.ts';
import { useAnswer } from '../../lib/answer.ts';
import { date, duration } from '../../lib/format.ts';
import { Scroll } from '../../parts/scroll.tsx';
import { Waiting } from '../../parts/state.tsx';
import { Delta } from './delta.tsx';
import { type Difference, differences } from './difference.ts';
import { extentOf } from './tree.ts';
import { Waterfall } from './waterfall.tsx';

/** Two traces beside each other on one scale, and what each kind of span took in both. */
export function CompareTraces() {
  const [a, b] = [param('a'), param('b')];
  const left = useAnswer<TraceAnswer>(`/traces/${encodeURIComponent(a)}?wait=5000`);
  const right = useAnswer<TraceAnswer>(`/traces/${encodeURIComponent(b)}?wait=5000`);
  const lengthOf = (trace: TraceAnswer | undefined) =>
    trace ? extentOf(trace).to - extentOf(trace).from : 0;
  const scale = Math.max(lengthOf(left.data), lengthOf(right.data));
  const rows = useMemo(
    () => (left.data && right.data ? differences(left.data.spans, right.data.spans) : []),
    [left.data, right.data],
  );
  return (
    <div class="compare">
      <p class="crumbs">
        <a href={hrefOf('/traces')}>Traces</a> / compare
      </p>
      <div class="title-row">
        <h1>Two traces</h1>
        <button type="button" onClick={() => setParams({ a: b, b: a })}>
          Swap
        </button>
      </div>
      <div class="sides">
        <Side name="A" answer={left} scale={scale} />
        <Side name="B" answer={right} scale={scale} />
      </div>
      {rows.length > 0 && <Table rows={rows} />}
    </div>
  );
}

function Side({
  name,
  answer,
  scale,
}: {
  name: string;
  answer: ReturnType<typeof useAnswer<TraceAnswer>>;
  scale: number;
}) {
  const trace = answer.data;
  return (
    <section class="side" aria-label={`Trace ${name}`}>
      <Waiting answer={answer}>
        {trace && (
          <>
            <h2>
              <span class="tag">{name}</span>{' '}
              <a href={hrefOf(`/traces/${trace.traceId}`)}>{trace.spans[0]?.name ?? trace.traceId}</a>
            </h2>
            <p class="meta">
              {date(extentOf(trace).from)} · {duration(extentOf(trace).to - extentOf(trace).from)} ·{' '}
              {trace.spans.length} spans
            </p>
            <Waterfall trace={trace} withLogs={false} critical scale={scale} />
          </>
        )}
      </Waiting>
    </section>
  );
}

function Table({ rows }: { rows: readonly Difference[] }) {
  return (
    <Scroll label="Spans of both traces">
      <table class="rows">
        <thead>
          <tr>
            <th scope="col">Span</th>
            <th scope="col">Service</th>
            <th scope="col" class="num">
              A
            </th>
            <th scope="col" class="num">
              B
            </th>
            <th scope="col" class="num">
              B − A
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <tr key={`${row.service} ${row.name}`}>
              <td>{row.name}</td>
              <td class="meta">{row.service}</td>
              <td class="num">
                <Times count={row.a.count} ms={row.a.ms} />
              </td>
              <td class="num">
                <Times count={row.b.count} ms={row.b.ms} />
              </td>
              <td class="num">
                <Delta value={row.b.ms - row.a.ms} format={duration} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Times({ count, ms }: { count: number; ms: number }) {
  if (count === 0) return <span class="meta">none</span>;
  return (
    <>
      {count > 1 && <span class="meta">{count} × </span>}
      {duration(ms)}
    </>
  );
}

import type { RequestRow } from '@plimsoll/wire';
import { hrefOf } from '../../lib/address.ts';
import { duration, percent, perSecond } from '../../lib/format.ts';
import { Scroll } from '../../parts/scroll.tsx';
import { Delta } from './delta.tsx';

interface Both {
  readonly service: string;
  readonly route: string;
  readonly a: RequestRow | undefined;
  readonly b: RequestRow | undefined;
}

export interface RangeTableProps {
  readonly a: readonly RequestRow[];
  readonly b: readonly RequestRow[];
  /** How long each range is. */
  readonly seconds: number;
}

export function RangeTable({ a, b, seconds }: RangeTableProps) {
  const rows = join(a, b);
  if (rows.length === 0) return <div class="notice">No request in either range.</div>;
  return (
    <Scroll label="Routes in both ranges">
      <table class="rows">
        <thead>
          <tr>
            <th scope="col">Route</th>
            {['Rate', 'p95', 'Errors'].map(name => (
              <th key={name} scope="col" class="num">
                {name}: A, B, change
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <tr key={`${row.service} ${row.route}`}>
              <td>
                <a data-row href={hrefOf('/traces', { service: row.service, route: row.route })}>
                  {row.route || '(none)'}
                </a>{' '}
                <span class="meta">{row.service}</span>
              </td>
              <Cell row={row} of={one => one.count / seconds} format={perSecond} good="none" />
              <Cell row={row} of={one => one.p95} format={duration} />
              <Cell row={row} of={one => one.errors / one.count} format={percent} />
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

interface CellProps {
  readonly row: Both;
  readonly of: (row: RequestRow) => number;
  readonly format: (value: number) => string;
  readonly good?: 'none';
}

function Cell({ row: { a, b }, of, format, good }: CellProps) {
  return (
    <td class="num three">
      <span>{a ? format(of(a)) : '–'}</span>
      <span>{b ? format(of(b)) : '–'}</span>
      {a && b ? (
        <Delta value={of(b) - of(a)} format={format} {...(good && { good })} />
      ) : (
        <span class="meta">{a ? 'gone' : 'new'}</span>
      )}
    </td>
  );
}

/** The routes that changed most in p95 first; those that are in one range alone stand last. */
function join(a: readonly RequestRow[], b: readonly RequestRow[]): readonly Both[] {
  const keyOf = (row: RequestRow) => `${row.service}\n${row.route ?? ''}`;
  const before = new Map(a.map(row => [keyOf(row), row]));
  const after = new Map(b.map(row => [keyOf(row), row]));
  const rows = [...new Set([...after.keys(), ...before.keys()])].map((key): Both => {
    const [name = '', route = ''] = key.split('\n');
    return { service: name, route, a: before.get(key), b: after.get(key) };
  });
  const change = ({ a: x, b: y }: Both) => (x && y ? Math.abs(y.p95 - x.p95) : -1);
  return rows.sort((x, y) => change(y) - change(x)).slice(0, 200);
}

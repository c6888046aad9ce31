import type { RequestRow } from '@plimsoll/wire';
import { hrefOf } from '../../lib/address.ts';
import { useAnswer } from '../../lib/answer.ts';
import { search } from '../../lib/api.ts';
import { duration, number, percent } from '../../lib/format.ts';
import { service } from '../../lib/services.ts';
import { range, rangeKey } from '../../lib/time.ts';
import { Scroll } from '../../parts/scroll.tsx';
import { Waiting } from '../../parts/state.tsx';

const SHOWN = 12;

/** The routes that took the most time in all, by their spans. */
export function Routes() {
  const { from, to } = range.value;
  const chosen = service();
  const path = `/requests${search({ from, to, by: 'route', service: chosen })}`;
  const answer = useAnswer<readonly RequestRow[]>(path, `routes ${chosen} ${rangeKey.value}`);
  const rows = [...(answer.data ?? [])].sort((a, b) => b.count * b.p50 - a.count * a.p50).slice(0, SHOWN);
  return (
    <section class="card">
      <h2>Busiest routes</h2>
      <Waiting answer={answer} empty={rows.length === 0 && 'No request in this range.'}>
        <Scroll label="Busiest routes">
          <table class="rows">
            <thead>
              <tr>
                <th scope="col">Route</th>
                <th scope="col" class="num">
                  Requests
                </th>
                <th scope="col" class="num">
                  p50
                </th>
                <th scope="col" class="num">
                  p95
                </th>
                <th scope="col" class="num">
                  Errors
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map(row => (
                <tr key={`${row.service} ${row.route}`}>
                  <td>
                    <a data-row href={hrefOf('/traces', { service: row.service, route: row.route ?? '' })}>
                      {row.route || '(none)'}
                    </a>
                  </td>
                  <td class="num">{number(row.count)}</td>
                  <td class="num">{duration(row.p50)}</td>
                  <td class="num">{duration(row.p95)}</td>
                  <td class="num" data-bad={row.errors > 0}>
                    {percent(row.errors / row.count)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      </Waiting>
    </section>
  );
}

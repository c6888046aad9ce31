import type { Page, TraceSummary } from '@plimsoll/wire';
import { hrefOf } from '../../lib/address.ts';
import { useAnswer } from '../../lib/answer.ts';
import { search } from '../../lib/api.ts';
import { age, duration } from '../../lib/format.ts';
import { service, serviceColor } from '../../lib/services.ts';
import { now, range, rangeKey } from '../../lib/time.ts';
import { traceName } from '../../lib/trace-name.ts';
import { Waiting } from '../../parts/state.tsx';

const SHOWN = 5;

/** The newest traces with an error in them. */
export function Failures() {
  const { from, to } = range.value;
  const chosen = service();
  const path = `/traces${search({ from, to, status: 'error', limit: SHOWN, service: chosen })}`;
  const answer = useAnswer<Page<TraceSummary>>(path, `failures ${chosen} ${rangeKey.value}`);
  const rows = answer.data?.items ?? [];
  return (
    <section class="card failures-card">
      <h2>
        Latest failures <a href={hrefOf('/traces', { status: 'error' })}>all</a>
      </h2>
      <Waiting answer={answer} empty={rows.length === 0 && 'No trace with an error in this range.'}>
        <ul class="failures">
          {rows.map(row => (
            <li key={row.traceId}>
              <a data-row href={hrefOf(`/traces/${row.traceId}`)}>
                <i class="swatch" style={{ background: serviceColor(row.service) }} />
                <span class="grow">{traceName(row)}</span>
                {row.httpStatus !== undefined && <b class="bad">{row.httpStatus}</b>}
                <span class="num">{duration(row.durationMs)}</span>
                <time class="meta">{age(now.value - row.start)}</time>
              </a>
            </li>
          ))}
        </ul>
      </Waiting>
    </section>
  );
}

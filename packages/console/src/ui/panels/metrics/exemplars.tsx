import type { MetricSeries } from '@plimsoll/wire';
import { hrefOf } from '../../lib/address.ts';
import { timeOfDay } from '../../lib/format.ts';

const SHOWN = 12;

/** Single observations that a trace is known of: the largest, since these are what one asks about. */
export function Exemplars({
  series,
  format,
}: {
  series: readonly MetricSeries[];
  format: (value: number) => string;
}) {
  const all = series.flatMap(one => one.exemplars).sort((a, b) => b.value - a.value);
  if (all.length === 0) return null;
  return (
    <section class="exemplars">
      <h3>Exemplars</h3>
      <ul>
        {all.slice(0, SHOWN).map(one => (
          <li key={`${one.traceId}${one.time}`}>
            <a data-row href={hrefOf(`/traces/${one.traceId}`)}>
              <span class="visually-hidden">Open the trace of</span>
              <b>{format(one.value)}</b> <time class="meta">{timeOfDay(one.time)}</time>{' '}
              <code>{one.traceId.slice(0, 8)}…</code>
            </a>
          </li>
        ))}
      </ul>
      {all.length > SHOWN && (
        <p class="meta">
          The largest {SHOWN} of {all.length}.
        </p>
      )}
    </section>
  );
}

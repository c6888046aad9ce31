import type { RequestRow } from '@plimsoll/wire';
import { useMemo } from 'preact/hooks';
import { hrefOf, param, setParams } from '../../lib/address.ts';
import { useAnswer } from '../../lib/answer.ts';
import { search } from '../../lib/api.ts';
import { date, duration, percent, perSecond } from '../../lib/format.ts';
import { service } from '../../lib/services.ts';
import { range, rangeKey } from '../../lib/time.ts';
import { Chart } from '../../parts/chart.tsx';
import { Waiting } from '../../parts/state.tsx';
import { RangeTable } from './range-table.tsx';

const SHIFTS = [
  ['', 'The range before'],
  ['300000', '5 minutes earlier'],
  ['3600000', 'An hour earlier'],
  ['86400000', 'A day earlier'],
  ['604800000', 'A week earlier'],
] as const;

/** The range that is shown (B) beside one as long before it (A): in all, and route by route. */
export function CompareRanges() {
  const { from, to, step } = range.value;
  const shift = Number(param('shift')) || to - from;
  const a = { from: from - shift, to: to - shift };
  const chosen = service();
  const key = `${chosen} ${shift} ${rangeKey.value}`;
  const ask = (of: { from: number; to: number }, by: 'route' | 'service') =>
    `/requests${search({ from: of.from, to: of.to, service: chosen, by, step: by === 'service' ? step : undefined })}`;
  const before = useAnswer<readonly RequestRow[]>(ask(a, 'route'), `a ${key}`);
  const after = useAnswer<readonly RequestRow[]>(ask({ from, to }, 'route'), `b ${key}`);
  const linesA = useAnswer<readonly RequestRow[]>(ask(a, 'service'), `as ${key}`);
  const linesB = useAnswer<readonly RequestRow[]>(ask({ from, to }, 'service'), `bs ${key}`);
  const grid = { from, step, steps: Math.round((to - from) / step) };
  const charts = useMemo(
    () => chartsOf(gridOf(linesA.data ?? [], { ...grid, from: a.from }), gridOf(linesB.data ?? [], grid)),
    [linesA.data, linesB.data],
  );
  const times = useMemo(
    () => Array.from({ length: grid.steps }, (_, i) => from + i * step),
    [from, step, grid.steps],
  );
  return (
    <div class="compare">
      <p class="crumbs">
        <a href={hrefOf('/traces')}>Traces</a> / time ranges
      </p>
      <h1>Two time ranges</h1>
      <div class="filters">
        <label class="field">
          <span>Compare with</span>
          <select value={param('shift')} onChange={event => setParams({ shift: event.currentTarget.value })}>
            {SHIFTS.map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <p class="meta ranges">
          <span class="tag">A</span> {date(a.from)} – {date(a.to)} <span class="tag">B</span> {date(from)} –{' '}
          {date(to)}
        </p>
      </div>
      <div class="charts">
        {charts.map(chart => (
          <Chart key={chart.title} {...chart} times={times} sync="ranges" zooms={false} />
        ))}
      </div>
      <Waiting answer={after}>
        <RangeTable a={before.data ?? []} b={after.data ?? []} seconds={(to - from) / 1000} />
      </Waiting>
    </div>
  );
}

interface Grid {
  readonly from: number;
  readonly step: number;
  readonly steps: number;
}

interface Lines {
  readonly rate: readonly (number | null)[];
  readonly p95: readonly (number | null)[];
  readonly errors: readonly (number | null)[];
}

/** All services added up; the p95 is that of the slowest one, since quantiles can't be added. */
function gridOf(rows: readonly RequestRow[], { from, step, steps }: Grid): Lines {
  const cells = Array.from({ length: steps }, () => ({ count: 0, errors: 0, p95: 0 }));
  for (const row of rows) {
    const cell = cells[Math.round((row.time - from) / step)];
    if (cell === undefined) continue;
    cell.count += row.count;
    cell.errors += row.errors;
    cell.p95 = Math.max(cell.p95, row.p95);
  }
  return {
    rate: cells.map(cell => (cell.count ? cell.count / (step / 1000) : null)),
    p95: cells.map(cell => (cell.count ? cell.p95 : null)),
    errors: cells.map(cell => (cell.count ? cell.errors / cell.count : null)),
  };
}

function chartsOf(a: Lines, b: Lines) {
  const both = (key: keyof Lines) => [
    { label: 'A', values: a[key], color: 1, dashed: true },
    { label: 'B', values: b[key], color: 0 },
  ];
  return [
    { title: 'Request rate', lines: both('rate'), format: perSecond, atLeast: 1 },
    { title: 'Duration, p95', lines: both('p95'), format: duration, atLeast: 1 },
    { title: 'Error share', lines: both('errors'), format: percent, atLeast: 0.05 },
  ];
}

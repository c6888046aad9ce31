import type { MetricSeries } from '@plimsoll/wire';
import { useEffect, useRef, useState } from 'preact/hooks';
import { hrefOf } from '../../lib/address.ts';
import { number, timeOfDay } from '../../lib/format.ts';
import { color, theme } from '../../lib/theme.ts';

const ROW = 20;
const MARKS = 40;

export interface HeatMapProps {
  readonly times: readonly number[];
  readonly bounds: readonly number[];
  readonly series: MetricSeries;
  readonly format: (value: number) => string;
}

/** Time to the right, buckets upwards, and how many observations fell in each cell as its strength. */
export function HeatMap({ times, bounds, series, format }: HeatMapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [said, setSaid] = useState('');
  const buckets = series.buckets ?? [];
  const rows = rowsOf(buckets, bounds);
  const height = rows.length * ROW;
  useEffect(() => {
    const draw = () => canvas.current && paint(canvas.current, { buckets, rows });
    draw();
    const watch = new ResizeObserver(draw);
    if (canvas.current) watch.observe(canvas.current);
    return () => watch.disconnect();
  }, [series, bounds, theme.value]);
  const say = (event: MouseEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const column = Math.floor(((event.clientX - box.left) / box.width) * times.length);
    const row = rows[rows.length - 1 - Math.floor((event.clientY - box.top) / ROW)];
    if (row === undefined) return;
    const count = buckets[column]?.[row] ?? 0;
    setSaid(`${timeOfDay(times[column] ?? 0)} · ${bucketName(row, bounds, format)} · ${number(count)}`);
  };
  const total = buckets.reduce((sum, counts) => sum + (counts?.reduce((a, b) => a + b, 0) ?? 0), 0);
  const from = times[0] ?? 0;
  const to = (times.at(-1) ?? 0) + ((times[1] ?? from) - from);
  return (
    <figure class="heat">
      <figcaption>
        <h3>Distribution</h3>
        <span class="chart-time">{said}</span>
      </figcaption>
      <div class="heat-body">
        <ol class="heat-axis" aria-hidden="true">
          {rows.toReversed().map(row => (
            <li key={row}>{bounds[row] === undefined ? '+∞' : format(bounds[row])}</li>
          ))}
        </ol>
        {/* biome-ignore lint/a11y/noStaticElementInteractions: what it says of a cell, the quantiles say in words */}
        <div class="heat-plot" onMouseMove={say} onMouseLeave={() => setSaid('')}>
          <canvas
            ref={canvas}
            style={{ height: `${height}px` }}
            role="img"
            aria-label={`${number(total)} observations by time and size`}
          />
          {marksOf(series, bounds).map(one => (
            <a
              key={`${one.traceId}${one.time}`}
              class="exemplar"
              tabIndex={-1}
              title={`${format(one.value)}: open the trace`}
              href={hrefOf(`/traces/${one.traceId}`)}
              style={{
                left: `${((one.time - from) / (to - from)) * 100}%`,
                bottom: `${(rows.indexOf(bucketOf(one.value, bounds)) + 0.5) * ROW}px`,
              }}
            >
              <span class="visually-hidden">Open the trace of {format(one.value)}</span>
            </a>
          ))}
          <div class="heat-times" aria-hidden="true">
            <span>{timeOfDay(from)}</span>
            <span>{timeOfDay(from + (to - from) / 2)}</span>
            <span>{timeOfDay(to)}</span>
          </div>
        </div>
      </div>
    </figure>
  );
}

/** The largest of the exemplars, since these are the ones to look at; all of them would hide the map. */
function marksOf({ exemplars }: MetricSeries, bounds: readonly number[]): MetricSeries['exemplars'] {
  const cells = new Map(
    exemplars.map(one => [`${bucketOf(one.value, bounds)} ${Math.floor(one.time / 10_000)}`, one]),
  );
  return [...cells.values()].sort((a, b) => b.value - a.value).slice(0, MARKS);
}

type Buckets = readonly (readonly number[] | null)[];

/** The buckets from the lowest to the highest that ever counted, and one more on each side. */
function rowsOf(buckets: Buckets, bounds: readonly number[]): readonly number[] {
  let low = bounds.length;
  let high = 0;
  for (const counts of buckets) {
    for (const [i, count] of (counts ?? []).entries()) {
      if (count > 0) [low, high] = [Math.min(low, i), Math.max(high, i)];
    }
  }
  const from = Math.max(0, Math.min(low, high) - 1);
  const to = Math.min(bounds.length, high + 1);
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

function bucketOf(value: number, bounds: readonly number[]): number {
  const at = bounds.findIndex(bound => value <= bound);
  return at === -1 ? bounds.length : at;
}

function bucketName(row: number, bounds: readonly number[], format: (value: number) => string): string {
  const lower = bounds[row - 1];
  const upper = bounds[row];
  if (upper === undefined) return `above ${format(lower ?? 0)}`;
  return lower === undefined ? `up to ${format(upper)}` : `${format(lower)} to ${format(upper)}`;
}

function paint(
  canvas: HTMLCanvasElement,
  { buckets, rows }: { buckets: Buckets; rows: readonly number[] },
): void {
  const ratio = devicePixelRatio || 1;
  canvas.width = canvas.clientWidth * ratio;
  canvas.height = rows.length * ROW * ratio;
  const context = canvas.getContext('2d');
  if (context === null) return;
  const most = Math.max(1, ...buckets.flatMap(counts => counts ?? []));
  const width = canvas.width / Math.max(buckets.length, 1);
  const height = ROW * ratio;
  context.fillStyle = color('heat-0');
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = color('heat-1');
  for (const [column, counts] of buckets.entries()) {
    for (const [i, row] of rows.entries()) {
      const count = counts?.[row] ?? 0;
      if (count === 0) continue;
      // By the logarithm: one slow request among a thousand must be seen.
      context.globalAlpha = 0.18 + 0.82 * (Math.log1p(count) / Math.log1p(most));
      const top = (rows.length - 1 - i) * height;
      context.fillRect(Math.floor(column * width), top + 1, Math.max(Math.ceil(width) - 1, 1), height - 2);
    }
  }
  context.globalAlpha = 1;
}

import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { timeOfDay } from '../lib/format.ts';
import { color, seriesHex, theme } from '../lib/theme.ts';
import { zoom } from '../lib/time.ts';
import { lastOf } from './spark.tsx';

export interface Line {
  readonly label: string;
  readonly values: readonly (number | null)[];
  /** Index into the palette. */
  readonly color: number;
  readonly dashed?: boolean;
}

export interface ChartProps {
  readonly title: string;
  /** Milliseconds. */
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  readonly format: (value: number) => string;
  readonly height?: number;
  /** Charts with the same key share their cursor. */
  readonly sync?: string;
  /** Least upper end of the y axis. */
  readonly atLeast?: number;
  /** For bytes: a tick stands at a power of two. */
  readonly binary?: boolean;
  /** False where the times are not those of the range that is shown. */
  readonly zooms?: boolean;
}

/** A line chart over time. Drag to zoom into a range; the legend says the values under the cursor, else the last. */
export function Chart(props: ChartProps) {
  const { title, times, lines, format } = props;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const [at, setAt] = useState<number | null>(null);
  const shape = `${lines.map(line => `${line.label}${line.color}${line.dashed ?? ''}`).join('\n')}|${theme.value}`;
  useEffect(() => {
    if (box.current === null) return;
    const made = new uPlot(optionsOf(props, box.current, setAt), dataOf(times, lines), box.current);
    plot.current = made;
    const watch = new ResizeObserver(([entry]) => {
      if (entry) made.setSize({ width: Math.floor(entry.contentRect.width), height: props.height ?? 150 });
    });
    watch.observe(box.current);
    return () => {
      watch.disconnect();
      made.destroy();
    };
  }, [shape]);
  useEffect(() => plot.current?.setData(dataOf(times, lines)), [times, lines]);
  const shown = (line: Line) => (at === null ? lastOf(line.values) : (line.values[at] ?? null));
  const none = lines.every(line => line.values.every(value => value === null));
  const said = lines.map(line => `${line.label} ${worded(lastOf(line.values), format)}`).join(', ');
  return (
    <figure class="chart">
      <figcaption>
        <h3>{title}</h3>
        <span class="chart-time">{at === null ? '' : timeOfDay(times[at] ?? 0)}</span>
      </figcaption>
      <div class="chart-box" ref={box} role="img" aria-label={`${title}: ${none ? 'no data' : said}`} />
      {none && <p class="chart-none">No data in this range</p>}
      <ul class="legend">
        {lines.slice(0, 12).map(line => (
          <li key={line.label}>
            <i style={{ background: `var(--series-${(line.color % 8) + 1})` }} />
            <span>{line.label}</span>
            <b>{worded(shown(line), format)}</b>
          </li>
        ))}
        {lines.length > 12 && <li>and {lines.length - 12} more</li>}
      </ul>
    </figure>
  );
}

const worded = (value: number | null, format: (value: number) => string) =>
  value === null ? '–' : format(value);

function dataOf(times: readonly number[], lines: readonly Line[]): uPlot.AlignedData {
  return [times.map(ms => ms / 1000), ...lines.map(line => [...line.values])];
}

function optionsOf(props: ChartProps, box: HTMLElement, setAt: (at: number | null) => void): uPlot.Options {
  const { lines, format, height = 150, sync, atLeast = 0, zooms = true, binary } = props;
  const axis = {
    stroke: color('muted'),
    grid: { stroke: color('grid'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui',
  };
  return {
    width: box.clientWidth,
    height,
    padding: [8, 18, 0, 0],
    legend: { show: false },
    cursor: {
      ...(sync && { sync: { key: sync, setSeries: false } }),
      drag: { x: zooms, y: false, setScale: false },
      points: { size: 5 },
      y: false,
    },
    scales: {
      x: { time: true },
      y: { range: (_u, _min, max) => [0, Math.max((max ?? 0) * 1.1, atLeast) || 1] },
    },
    axes: [
      { ...axis, grid: { show: false }, space: 70, size: 26, values: TIME_AXIS },
      {
        ...axis,
        size: 62,
        space: 26,
        ...(binary && { incrs: BINARY }),
        values: (_u, splits) => splits.map(value => format(value)),
      },
    ],
    series: [
      {},
      ...lines.map(line => ({
        label: line.label,
        stroke: seriesHex(line.color),
        width: 1.6,
        spanGaps: true,
        points: { show: line.values.filter(value => value !== null).length < 3, size: 5 },
        ...(line.dashed && { dash: [5, 4] }),
        ...(lines.length === 1 && { fill: `${seriesHex(line.color)}1f` }),
      })),
    ],
    hooks: {
      setCursor: [u => setAt(u.cursor.idx ?? null)],
      setSelect: [
        u => {
          if (u.select.width < 4) return;
          zoom(u.posToVal(u.select.left, 'x') * 1000, u.posToVal(u.select.left + u.select.width, 'x') * 1000);
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}

const BINARY = Array.from({ length: 44 }, (_, i) => 2 ** i);

/** uPlot's rows: from this many seconds a tick on, this format, and what stands below it where the day changes. */
const TIME_AXIS: uPlot.Axis.Values = [
  [86_400, '{DD} {MMM}', null, null, null, null, null, null, 1],
  [3600, '{HH}:{mm}', null, null, null, null, null, null, 1],
  [60, '{HH}:{mm}', null, null, null, null, null, null, 1],
  [1, '{HH}:{mm}:{ss}', null, null, null, null, null, null, 1],
] as never;

import type { MetricAnswer, MetricInfo } from '@plimsoll/wire';
import { hrefOf, params, setParams } from '../../lib/address.ts';
import { useAnswer } from '../../lib/answer.ts';
import { search } from '../../lib/api.ts';
import { bytes, byUnit, number } from '../../lib/format.ts';
import { service } from '../../lib/services.ts';
import { range, rangeKey } from '../../lib/time.ts';
import { Chart } from '../../parts/chart.tsx';
import { Waiting } from '../../parts/state.tsx';
import { Exemplars } from './exemplars.tsx';
import { HeatMap } from './heat-map.tsx';
import { quantileLines } from './quantiles.ts';

/** More lines than a person can tell apart; the largest ones are shown. */
const LINES = 40;

export function Metric({ info }: { info: MetricInfo }) {
  const { from, to, step } = range.value;
  const by = params.value.getAll('by').filter(label => info.labels.includes(label));
  const filter = params.value.getAll('filter');
  const query = { name: info.name, service: service(), by, filter };
  const answer = useAnswer<MetricAnswer>(
    `/metrics/query${search({ ...query, from, to, step })}`,
    `${search(query)} ${rangeKey.value}`,
  );
  return (
    <section class="metric" aria-label={info.name}>
      <p class="crumbs back">
        <a href={hrefOf('/metrics')}>All metrics</a>
      </p>
      <h2>{info.name}</h2>
      <p class="meta">
        {[info.help, info.type, info.unit && `unit ${info.unit}`].filter(Boolean).join(' · ')}
      </p>
      <Grouping info={info} by={by} />
      <Waiting answer={answer} empty={answer.data?.series.length === 0 && 'No points in this range.'}>
        {answer.data && <Shown answer={answer.data} />}
      </Waiting>
    </section>
  );
}

function Grouping({ info, by }: { info: MetricInfo; by: readonly string[] }) {
  const filter = params.value.getAll('filter');
  if (info.labels.length === 0) return null;
  const toggle = (label: string) =>
    setParams({ by: by.includes(label) ? by.filter(one => one !== label) : [...by, label] });
  return (
    <fieldset class="grouping">
      <legend>Group by</legend>
      {info.labels.map(label => (
        <button
          key={label}
          type="button"
          class="chip"
          aria-pressed={by.includes(label)}
          onClick={() => toggle(label)}
        >
          {label}
        </button>
      ))}
      {filter.map(one => (
        <button
          key={one}
          type="button"
          class="chip filter"
          aria-label={`Remove the filter ${one}`}
          onClick={() => setParams({ filter: filter.filter(other => other !== one) })}
        >
          {one} ✕
        </button>
      ))}
    </fieldset>
  );
}

function Shown({ answer }: { answer: MetricAnswer }) {
  const { info, times, series, bounds } = answer;
  const format = byUnit(
    info.unit || (/_seconds(_|$)/.test(info.name) ? 's' : /_bytes(_|$)/.test(info.name) ? 'By' : ''),
  );
  const histogram = bounds !== undefined && series.some(one => one.buckets);
  if (!histogram) {
    const rate = info.type === 'sum' && info.monotonic;
    const word = rate ? (value: number) => `${number(value)}/s` : format;
    const lines = linesOf(answer);
    return (
      <>
        <Chart
          title={rate ? 'Rate per second' : 'Value'}
          times={times}
          lines={lines}
          format={word}
          height={280}
          binary={format === bytes}
        />
        {series.length > LINES && (
          <p class="meta">
            The largest {LINES} of {series.length} series.
          </p>
        )}
        <Series answer={answer} />
        <Exemplars series={series} format={format} />
      </>
    );
  }
  return (
    <>
      {series.slice(0, 8).map(one => (
        <div key={labelOf(one.labels)} class="histogram">
          {Object.keys(one.labels).length > 0 && <h3>{labelOf(one.labels)}</h3>}
          <HeatMap times={times} bounds={bounds} series={one} format={format} />
          <Chart
            title="Quantiles"
            times={times}
            lines={quantileLines(one.buckets ?? [], bounds)}
            format={format}
            height={140}
          />
        </div>
      ))}
      {series.length > 8 && (
        <p class="meta">The first 8 of {series.length} series; group by fewer labels to see all.</p>
      )}
      <Exemplars series={series} format={format} />
    </>
  );
}

export function labelOf(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value || '(none)'}`);
  return pairs.join(' ') || 'all';
}

const peak = (values: readonly (number | null)[]): number => Math.max(...values.map(value => value ?? 0));

function linesOf({ series }: MetricAnswer) {
  const largest =
    series.length > LINES
      ? [...series].sort((a, b) => peak(b.values) - peak(a.values)).slice(0, LINES)
      : series;
  return largest.map((one, i) => ({ label: labelOf(one.labels), values: one.values, color: i }));
}

/** A click on a value shows only what has it. */
function Series({ answer: { series } }: { answer: MetricAnswer }) {
  const filter = params.value.getAll('filter');
  const grouped = series.filter(one => Object.keys(one.labels).length > 0);
  if (grouped.length < 2) return null;
  const values = [
    ...new Set(grouped.flatMap(one => Object.entries(one.labels).map(([key, value]) => `${key}=${value}`))),
  ];
  return (
    <p class="only">
      <span class="meta">Only</span>
      {values.slice(0, 40).map(one => (
        <button key={one} type="button" class="chip" onClick={() => setParams({ filter: [...filter, one] })}>
          {one}
        </button>
      ))}
    </p>
  );
}

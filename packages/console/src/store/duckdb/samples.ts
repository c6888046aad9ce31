import type { Series } from './dictionary.ts';
import { type Distribution, since, together } from './distribution.ts';

/** The last that one series said in one step. */
export interface Sample {
  readonly series: Series;
  readonly identity: string;
  /** Number of the step; below 0 for what came before the range. */
  readonly at: number;
  readonly time: number;
  readonly start: number;
  readonly value: number;
  readonly count: number;
  readonly distributions: readonly Distribution[];
}

export interface Steps {
  readonly steps: number;
  /** Milliseconds. */
  readonly step: number;
  readonly from: number;
}

export interface PerStep {
  readonly values: (number | null)[];
  readonly distributions: (Distribution | undefined)[];
}

/** One series on the steps of the answer: gauges as they are, what is counted as a rate per second. */
export function samplesPerStep(samples: readonly Sample[], steps: Steps): PerStep {
  const out: PerStep = {
    values: new Array<number | null>(steps.steps).fill(null),
    distributions: new Array<Distribution | undefined>(steps.steps).fill(undefined),
  };
  let before: Sample | undefined;
  for (const sample of samples.toSorted((a, b) => a.time - b.time)) {
    if (sample.at >= 0 && sample.at < steps.steps) put(out, { sample, before }, steps);
    before = sample;
  }
  return out;
}

function put(
  out: PerStep,
  { sample, before }: { sample: Sample; before: Sample | undefined },
  steps: Steps,
): void {
  const { at, series } = sample;
  const counted = series.type !== 'gauge' && series.type !== 'sum';
  if (
    series.type === 'gauge' ||
    (series.type === 'sum' && !series.monotonic && series.temporality !== 'delta')
  ) {
    out.values[at] = sample.value;
    return;
  }
  const now = counted ? sample.count : sample.value;
  if (series.temporality === 'delta') {
    out.values[at] = (out.values[at] ?? 0) + now / (steps.step / 1000);
    out.distributions[at] = together([...listed(out.distributions[at]), ...sample.distributions]);
    return;
  }
  const then = before && (counted ? before.count : before.value);
  const restarted = before === undefined || sample.start > before.time || now < then!;
  // Without a point before it, a count that began long ago says nothing about this step.
  if (before === undefined && !(sample.start >= steps.from && sample.start < sample.time)) return;
  const seconds = (sample.time - (before?.time ?? sample.start)) / 1000;
  if (!(seconds > 0)) return;
  out.values[at] = (out.values[at] ?? 0) + (restarted ? now : now - then!) / seconds;
  const [own] = sample.distributions;
  const [earlier] = before?.distributions ?? [];
  if (own === undefined) return;
  const grown = restarted || earlier === undefined ? own : since(own, earlier);
  out.distributions[at] = together([...listed(out.distributions[at]), grown]);
}

function listed<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}

/** Sums label sets up; a step is null where none of them has a value. */
export function accumulate(each: readonly (readonly (number | null)[])[], steps: number): (number | null)[] {
  return Array.from({ length: steps }, (_, at) => {
    const own = each.map(values => values[at]).filter(value => value !== null && value !== undefined);
    return own.length === 0 ? null : own.reduce((sum, value) => sum + value, 0);
  });
}

import type { DecodedExponentialPoint, DecodedHistogramPoint, DecodedSummaryPoint } from '@plimsoll/wire';

/** Counts by bucket; one longer than `bounds`, which rise. Exponential buckets are brought to this form. */
export interface Distribution {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
}

const NONE: Distribution = { bounds: [], counts: [0] };
/** More buckets than this are not to be told apart on a screen. */
const MAX_BUCKETS = 80;

export function distributionOf(
  point: Partial<DecodedHistogramPoint & DecodedExponentialPoint & DecodedSummaryPoint>,
): Distribution {
  if (point.buckets !== undefined && point.bounds !== undefined) {
    if (point.buckets.length === 0) return { bounds: [], counts: [point.count ?? 0] };
    return { bounds: point.bounds, counts: point.buckets };
  }
  return point.scale === undefined ? NONE : ofExponential(point as DecodedExponentialPoint);
}

/** Neighbours are joined until there are few enough: two buckets of one scale are one of the scale below. */
function ofExponential(point: DecodedExponentialPoint): Distribution {
  const { positive, negative } = point;
  const length = (positive?.counts.length ?? 0) + (negative?.counts.length ?? 0);
  const shift = Math.max(0, Math.ceil(Math.log2(length / MAX_BUCKETS)));
  const base = 2 ** (2 ** -(point.scale - shift));
  const join = ({ offset, counts }: { offset: number; counts: readonly number[] }) => {
    const joined = new Map<number, number>();
    for (const [i, count] of counts.entries()) {
      const index = Math.floor((offset + i) / 2 ** shift);
      joined.set(index, (joined.get(index) ?? 0) + count);
    }
    return [...joined].sort(([a], [b]) => a - b);
  };
  const bounds: number[] = [];
  const counts: number[] = [];
  const add = (bound: number, count: number) => {
    // Bounds rise strictly, and stay finite.
    if (!Number.isFinite(bound) || bound <= (bounds.at(-1) ?? Number.NEGATIVE_INFINITY)) {
      if (counts.length > 0) counts[counts.length - 1]! += count;
      return;
    }
    bounds.push(bound);
    counts.push(count);
  };
  for (const [index, count] of join(negative ?? { offset: 0, counts: [] }).reverse())
    add(-(base ** index), count);
  add(point.zeroThreshold, point.zeroCount);
  for (const [index, count] of join(positive ?? { offset: 0, counts: [] })) add(base ** (index + 1), count);
  return { bounds, counts: [...counts, 0] };
}

/** What came between two looks at the same growing counts. */
export function since(now: Distribution, before: Distribution): Distribution {
  if (
    now.bounds.length === before.bounds.length &&
    now.bounds.every((bound, i) => bound === before.bounds[i])
  ) {
    return {
      bounds: now.bounds,
      counts: now.counts.map((count, i) => Math.max(0, count - before.counts[i]!)),
    };
  }
  const earlier = rebucketed(before, now.bounds);
  return { bounds: now.bounds, counts: now.counts.map((count, i) => Math.max(0, count - earlier[i]!)) };
}

export function together(all: readonly Distribution[]): Distribution {
  const [first = NONE] = all;
  if (all.length <= 1) return first;
  const bounds = boundsOf(all);
  const counts = new Array<number>(bounds.length + 1).fill(0);
  for (const one of all) for (const [i, count] of rebucketed(one, bounds).entries()) counts[i]! += count;
  return { bounds, counts };
}

/** The same counts in other buckets: each goes where its upper bound lies. */
export function rebucketed(from: Distribution, bounds: readonly number[]): readonly number[] {
  if (from.bounds === bounds) return from.counts;
  const counts = new Array<number>(bounds.length + 1).fill(0);
  let at = 0;
  for (const [i, count] of from.counts.entries()) {
    const upper = from.bounds[i] ?? Number.POSITIVE_INFINITY;
    while (at < bounds.length && bounds[at]! < upper) at += 1;
    counts[at]! += count;
  }
  return counts;
}

/** The bounds of an answer: those that all share, else all that occur, thinned out. */
export function sharedBounds(
  samples: readonly { readonly distributions: readonly Distribution[] }[],
): readonly number[] {
  return boundsOf(samples.flatMap(sample => sample.distributions));
}

function boundsOf(all: readonly Distribution[]): readonly number[] {
  const kinds = new Map(all.map(one => [one.bounds.join(), one.bounds]));
  kinds.delete('');
  if (kinds.size <= 1) return [...kinds.values()][0] ?? [];
  const bounds = [...new Set([...kinds.values()].flat())].sort((a, b) => a - b);
  const every = Math.ceil(bounds.length / MAX_BUCKETS);
  return bounds.filter((_, i) => (bounds.length - 1 - i) % every === 0);
}

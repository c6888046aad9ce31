import type { ProfilerDashboard, ProfilerMark, ProfilerRow, ProfilerSpan } from '@plimsoll/wire';
import { Ring } from './ring.ts';
import { Sketch } from './sketch.ts';

interface Aggregate {
  readonly name: string;
  readonly category: string;
  readonly sketch: Sketch;
  count: number;
  totalMs: number;
  maxMs: number;
  totalKb: number;
  maxKb: number;
  last: number;
}

/** Spans, and marks, that can be looked at one by one. */
const KEPT = 256;
/** Names; further ones count together. */
const AT_MOST = 1000;
const OTHER = 'other';

/** Sums over all spans, and the newest of them. Bounded, whatever the names are. */
export class Recorder {
  readonly spans = new Ring<ProfilerSpan>(KEPT);
  readonly marks = new Ring<ProfilerMark>(KEPT);
  readonly #aggregates = new Map<string, Aggregate>();
  /** Rises with every change. */
  version = 0;

  span(span: ProfilerSpan): void {
    this.version += 1;
    this.spans.push(span);
    const { duration_ms: ms, memory_kb: kb } = span;
    const row = this.#aggregate(span);
    row.count += 1;
    row.totalMs += ms;
    row.totalKb += kb;
    if (ms > row.maxMs) row.maxMs = ms;
    if (kb > row.maxKb) row.maxKb = kb;
    row.last = span.timestamp;
    row.sketch.add(ms);
  }

  mark(mark: ProfilerMark): void {
    this.version += 1;
    this.marks.push(mark);
  }

  reset(): void {
    this.version += 1;
    this.spans.clear();
    this.marks.clear();
    this.#aggregates.clear();
  }

  rows(): ProfilerRow[] {
    return [...this.#aggregates.values()].map(rowOf);
  }

  dashboard(limit: number, timestamp: number): Omit<ProfilerDashboard, 'hot'> {
    const aggregates = this.rows();
    const byTime = [...aggregates].sort((a, b) => b.max_ms - a.max_ms);
    const categories: Record<string, ProfilerRow[]> = Object.create(null);
    for (const row of byTime) {
      const rows = categories[row.category] ?? [];
      categories[row.category] = rows;
      if (rows.length < limit) rows.push(row);
    }
    return {
      ...this.tops(limit, aggregates),
      aggregates,
      ...{ marks: this.marks.newest(limit), spans: this.spans.newest(limit) },
      ...{ categories: { ...categories }, timestamp },
    };
  }

  tops(limit: number, rows = this.rows()): Pick<ProfilerDashboard, 'top_time' | 'top_memory'> {
    return {
      top_time: [...rows].sort((a, b) => b.max_ms - a.max_ms).slice(0, limit),
      // A span without memory has no place in that list.
      top_memory: rows
        .filter(row => row.max_kb > 0)
        .sort((a, b) => b.max_kb - a.max_kb)
        .slice(0, limit),
    };
  }

  #aggregate({ name, category }: ProfilerSpan): Aggregate {
    const key = `${category}\u0000${name}`;
    const known = this.#aggregates.get(key);
    if (known !== undefined) return known;
    if (this.#aggregates.size < AT_MOST) return this.#open(key, name, category);
    return this.#aggregates.get(OTHER) ?? this.#open(OTHER, OTHER, OTHER);
  }

  #open(key: string, name: string, category: string): Aggregate {
    const sums = { count: 0, totalMs: 0, maxMs: 0, totalKb: 0, maxKb: 0, last: 0 };
    const row: Aggregate = { name, category, sketch: new Sketch(), ...sums };
    this.#aggregates.set(key, row);
    return row;
  }
}

function rowOf({ sketch, ...row }: Aggregate): ProfilerRow {
  const { name, category, count, totalMs, maxMs, totalKb, maxKb, last } = row;
  // A bucket reaches beyond the greatest value in it.
  const quantile = (q: number): number => round(Math.min(maxMs, sketch.quantile(q)));
  return {
    ...{
      name,
      category,
      count,
      total_ms: round(totalMs),
      max_ms: round(maxMs),
      avg_ms: round(totalMs / count),
    },
    ...{ p50_ms: quantile(0.5), p95_ms: quantile(0.95) },
    ...{ total_kb: round(totalKb), max_kb: round(maxKb), avg_kb: round(totalKb / count) },
    last_timestamp: last,
  };
}

const round = (value: number): number => Math.round(value * 1000) / 1000;

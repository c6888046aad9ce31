import type { TraceRef } from './types.ts';

/** What a cell needs of the metric that it belongs to. */
export interface CellOwner {
  /** Upper bounds of a histogram; empty for other types. */
  readonly bounds: Float64Array;
  readonly exemplars: boolean;
  now(): number;
  /** Counts a value that can't be taken. */
  bad(): void;
}

export interface StoredExemplar {
  traceId: string;
  spanId: string;
  value: number;
  time: number;
}

/** Where a cell's numbers lie: `values[at]` and the few after it. */
export interface Place {
  readonly slot: number;
  readonly values: Float64Array;
  readonly at: number;
}

/**
 * One label set of one metric, and at once the handle that users keep.
 * A removed cell points at numbers that nobody reads, so that a handle kept too long does no harm.
 */
export class Cell {
  readonly owner: CellOwner;
  readonly labels: readonly string[];
  readonly slot: number;
  values: Float64Array;
  at: number;
  exemplars: (StoredExemplar | undefined)[] | undefined = undefined;
  /** Text before each number, by exposition; rendered on the first scrape. */
  prometheus: readonly Uint8Array[] | undefined = undefined;
  openmetrics: readonly Uint8Array[] | undefined = undefined;

  constructor(owner: CellOwner, labels: readonly string[], place: Place) {
    this.owner = owner;
    this.labels = labels;
    this.slot = place.slot;
    this.values = place.values;
    this.at = place.at;
  }

  detach(width: number): void {
    this.values = new Float64Array(width);
    this.at = 0;
  }

  /** Keeps the newest exemplar of bucket `i`; the object is reused, so that a busy bucket allocates nothing. */
  mark(i: number, value: number, ref: TraceRef): void {
    if (!this.owner.exemplars) return;
    this.exemplars ??= new Array<StoredExemplar | undefined>(this.owner.bounds.length + 1).fill(undefined);
    const kept = this.exemplars[i];
    const time = ref.time ?? this.owner.now();
    if (kept === undefined) {
      this.exemplars[i] = { traceId: ref.traceId, spanId: ref.spanId, value, time };
      return;
    }
    kept.traceId = ref.traceId;
    kept.spanId = ref.spanId;
    kept.value = value;
    kept.time = time;
  }
}

export class CounterCell extends Cell {
  inc(n: number = 1, exemplar?: TraceRef): void {
    if (typeof n === 'number' && n >= 0 && n < Infinity) {
      this.values[this.at]! += n;
      if (exemplar !== undefined) this.mark(0, n, exemplar);
    } else this.owner.bad();
  }

  /** For a total that is counted elsewhere; where it falls, whoever reads it sees a restart. */
  total(n: number): void {
    if (typeof n === 'number' && n >= 0 && n < Infinity) this.values[this.at] = n;
    else this.owner.bad();
  }
}

/** A gauge may be infinite, never NaN: one NaN in a sum blinds a dashboard. */
export class GaugeCell extends Cell {
  set(value: number): void {
    if (typeof value === 'number' && !Number.isNaN(value)) this.values[this.at] = value;
    else this.owner.bad();
  }

  inc(n: number = 1): void {
    if (Number.isFinite(n)) this.values[this.at]! += n;
    else this.owner.bad();
  }

  dec(n: number = 1): void {
    if (Number.isFinite(n)) this.values[this.at]! -= n;
    else this.owner.bad();
  }
}

/** Its numbers: one count per bucket (the last is +Inf), then the sum. */
export class HistogramCell extends Cell {
  observe(value: number, exemplar?: TraceRef): void {
    if (!Number.isFinite(value)) {
      this.owner.bad();
      return;
    }
    const bounds = this.owner.bounds;
    let i = 0;
    // A scan beats a binary search below about 30 bounds, and the usual value is in an early bucket.
    while (i < bounds.length && value > bounds[i]!) i++;
    this.values[this.at + i]! += 1;
    this.values[this.at + bounds.length + 1]! += value;
    if (exemplar !== undefined) this.mark(i, value, exemplar);
  }
}

/** Its numbers: the sum, then the count. */
export class SummaryCell extends Cell {
  observe(value: number): void {
    if (!Number.isFinite(value)) {
      this.owner.bad();
      return;
    }
    this.values[this.at]! += value;
    this.values[this.at + 1]! += 1;
  }
}

import type { Exemplar, MetricFamily } from '@plimsoll/wire';
import type { Clock } from '../../base/clock.ts';
import type { Cell, CellOwner, Place, StoredExemplar } from './cell.ts';
import { LabelIndex } from './label-index.ts';
import type { Definition } from './names.ts';

/** Label sets per block of numbers: a block is never moved, so a handle stays good while the metric grows. */
const BLOCK = 64;

/** What a family shares with its registry. */
export interface FamilyRules {
  readonly clock: Clock;
  readonly exemplars: boolean;
  readonly maxSeries: number;
  readonly maxValues: number;
  sanitize?(label: string, value: string): string;
  overflow(label: string, first: boolean): void;
  bad(): void;
}

type MakeCell<C extends Cell> = new (owner: CellOwner, labels: readonly string[], place: Place) => C;

/** The numbers of a family at one moment: `values[slot * width]` and on belong to `cells[slot]`. */
export interface FamilyView {
  readonly definition: Definition;
  readonly cells: readonly (Cell | undefined)[];
  readonly values: Float64Array;
  readonly width: number;
}

/** One metric: its definition, its cells, and the blocks of numbers that they write to. */
export class Family<C extends Cell = Cell> implements CellOwner {
  readonly definition: Definition;
  readonly bounds: Float64Array;
  readonly exemplars: boolean;
  readonly index: LabelIndex<C>;
  startTime: number;
  /** Brings the values up to date before a read. */
  collect: (() => void) | undefined = undefined;
  readonly #rules: FamilyRules;
  readonly #make: MakeCell<C>;
  readonly #width: number;
  readonly #perBlock: number;
  readonly #blocks: Float64Array[] = [];
  readonly #cells: (C | undefined)[] = [];
  readonly #free: number[] = [];

  constructor(definition: Definition, rules: FamilyRules, make: MakeCell<C>) {
    this.definition = definition;
    this.bounds = Float64Array.from(definition.bounds);
    this.exemplars = rules.exemplars;
    this.startTime = rules.clock.now();
    this.#rules = rules;
    this.#make = make;
    this.#width =
      definition.type === 'histogram' ? definition.bounds.length + 2 : definition.type === 'summary' ? 2 : 1;
    this.#perBlock = definition.labels.length === 0 ? 1 : BLOCK;
    this.index = new LabelIndex<C>({
      names: definition.labels,
      maxSeries: rules.maxSeries,
      maxValues: rules.maxValues,
      sanitize: rules.sanitize,
      overflow: rules.overflow,
      add: labels => this.add(labels),
      drop: cell => this.#drop(cell),
    });
  }

  now(): number {
    return this.#rules.clock.now();
  }

  monotonic(): number {
    return this.#rules.clock.monotonic();
  }

  bad(): void {
    this.#rules.bad();
  }

  add(labels: readonly string[]): C {
    const slot = this.#free.pop() ?? this.#cells.length;
    const block = Math.floor(slot / this.#perBlock);
    const values = this.#blocks[block] ?? new Float64Array(this.#perBlock * this.#width);
    this.#blocks[block] = values;
    const at = (slot % this.#perBlock) * this.#width;
    const cell = new this.#make(this, labels, { slot, values, at });
    this.#cells[slot] = cell;
    return cell;
  }

  /** Takes over the values of the same metric with fewer labels; handles of that one go on writing to nobody. */
  adopt(old: Family<C>): void {
    this.startTime = old.startTime;
    this.collect = old.collect;
    for (const from of old.#cells) {
      if (from === undefined) continue;
      const labels = old.definition.labels.map((label, i) => [label, from.labels[i]]);
      const to = this.index.find(Object.fromEntries(labels));
      for (let i = 0; i < this.#width; i++) to.values[to.at + i]! += from.values[from.at + i]!;
      to.exemplars = from.exemplars;
    }
  }

  /** A copy: whoever writes it out gives the event loop back in between. */
  view(): FamilyView {
    const size = this.#perBlock * this.#width;
    const values = new Float64Array(this.#cells.length * this.#width);
    for (let at = 0; at < values.length; at += size) {
      const block = this.#blocks[at / size] as Float64Array;
      values.set(values.length - at < size ? block.subarray(0, values.length - at) : block, at);
    }
    return { definition: this.definition, cells: this.#cells.slice(), values, width: this.#width };
  }

  snapshot(): MetricFamily {
    const { name, type, help, unit, labels, bounds } = this.definition;
    const base = {
      name,
      help,
      labelNames: labels,
      startTime: this.startTime,
      ...(unit !== undefined && { unit }),
    };
    const cells = this.#cells.filter(cell => cell !== undefined);
    if (type === 'histogram')
      return { ...base, type, bounds, points: cells.map(cell => this.#histogramPoint(cell)) };
    if (type === 'summary') {
      const points = cells.map(cell => ({ labels: cell.labels, sum: value(cell, 0), count: value(cell, 1) }));
      return { ...base, type, points };
    }
    const points = cells.map(cell => {
      const exemplar = copy(cell.exemplars?.[0]);
      return { labels: cell.labels, value: value(cell, 0), ...(exemplar && { exemplar }) };
    });
    return { ...base, type, points };
  }

  #histogramPoint(cell: C) {
    const buckets = Array.from(cell.values.subarray(cell.at, cell.at + this.#width - 1));
    return {
      labels: cell.labels,
      buckets,
      sum: value(cell, this.#width - 1),
      count: buckets.reduce((total, count) => total + count, 0),
      exemplars: buckets.map((_, i) => copy(cell.exemplars?.[i])),
    };
  }

  #drop(cell: C): void {
    cell.values.fill(0, cell.at, cell.at + this.#width);
    cell.detach(this.#width);
    this.#cells[cell.slot] = undefined;
    this.#free.push(cell.slot);
  }
}

function value(cell: Cell, i: number): number {
  return cell.values[cell.at + i]!;
}

function copy(exemplar: StoredExemplar | undefined): Exemplar | undefined {
  return exemplar && { ...exemplar };
}

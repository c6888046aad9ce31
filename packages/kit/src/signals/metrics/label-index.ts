import type { Cell } from './cell.ts';

/** The value that label sets beyond a cap count under. */
export const OTHER = 'other';

/** Longest label value, in UTF-16 units; what is longer is cut. */
export const MAX_LABEL_LENGTH = 128;

/** Text beyond this is cut before it is sanitised, so that a hostile value costs a bounded time. */
const MAX_SCANNED_LENGTH = 1024;

/** Label sets that a metric may have beyond its cap, all of them with an `other` in it. */
const MAX_OVERFLOW_SETS = 64;

export interface LabelRules<C extends Cell> {
  readonly names: readonly string[];
  readonly maxSeries: number;
  readonly maxValues: number;
  sanitize?(label: string, value: string): string;
  /** A label's value was replaced by `other`; `first` is true once per label. */
  overflow(label: string, first: boolean): void;
  add(labels: readonly string[]): C;
  drop(cell: C): void;
}

type AnyLabels = Readonly<Record<string, unknown>>;
type Level = Map<unknown, unknown>;
const NO_LABELS: AnyLabels = {};

/**
 * Finds the cell of a label set. A hit is one map lookup per label and allocates nothing;
 * a miss cleans the values, applies the caps and remembers at most `maxSeries` ways to spell known sets.
 */
export class LabelIndex<C extends Cell> {
  readonly #rules: LabelRules<C>;
  readonly #depth: number;
  readonly #a: string;
  readonly #b: string;
  readonly #c: string;
  readonly #root: Level = new Map();
  /** Per label: its values, each with the number of cells that have it. */
  readonly #values: readonly Map<string, number>[];
  readonly #warned: boolean[];
  readonly #spellings = new Map<C, unknown[][]>();
  readonly #overflowSets = new Set<C>();
  #spellingCount = 0;
  #sets = 0;

  constructor(rules: LabelRules<C>) {
    this.#rules = rules;
    this.#depth = rules.names.length;
    [this.#a = '', this.#b = '', this.#c = ''] = rules.names;
    this.#values = rules.names.map(() => new Map());
    this.#warned = rules.names.map(() => false);
  }

  find(given: AnyLabels): C {
    const labels = given ?? NO_LABELS;
    // Unrolled for three labels: a loop over the names costs twice as much.
    const a = this.#root.get(labels[this.#a]);
    if (a !== undefined) {
      if (this.#depth === 1) return a as C;
      const b = (a as Level).get(labels[this.#b]);
      if (b !== undefined) {
        if (this.#depth === 2) return b as C;
        const c = (b as Level).get(labels[this.#c]);
        if (c !== undefined) {
          if (this.#depth === 3) return c as C;
          const deep = this.#descend(c as Level, labels);
          if (deep !== undefined) return deep;
        }
      }
    }
    return this.#resolve(labels);
  }

  remove(labels: AnyLabels): void {
    const cell = this.#at(this.#clean(this.#raw(labels)));
    if (cell === undefined) return;
    this.#unlink(cell.labels);
    for (const spelling of this.#spellings.get(cell) ?? []) {
      this.#unlink(spelling);
      this.#spellingCount--;
    }
    this.#spellings.delete(cell);
    if (!this.#overflowSets.delete(cell)) this.#sets--;
    cell.labels.forEach((value, i) => {
      const left = (this.#values[i]!.get(value) ?? 1) - 1;
      if (left === 0) this.#values[i]!.delete(value);
      else this.#values[i]!.set(value, left);
    });
    this.#rules.drop(cell);
  }

  #descend(from: Level, labels: AnyLabels): C | undefined {
    let node: unknown = from;
    for (let i = 3; i < this.#depth && node !== undefined; i++) {
      node = (node as Level).get(labels[this.#rules.names[i]!]);
    }
    return node as C | undefined;
  }

  #resolve(labels: AnyLabels): C {
    const raw = this.#raw(labels);
    const values = this.#clean(raw);
    let folded = this.#foldValues(values);
    let cell = this.#at(values);
    if (cell === undefined && !folded && this.#sets >= this.#rules.maxSeries) {
      this.#fold(values, this.#widest());
      folded = true;
      cell = this.#at(values);
    }
    if (cell === undefined && folded && this.#overflowSets.size >= MAX_OVERFLOW_SETS) {
      values.fill(OTHER);
      cell = this.#at(values);
    }
    cell ??= this.#add(values, folded);
    if (!folded) this.#remember(raw, cell);
    return cell;
  }

  #raw(labels: AnyLabels): unknown[] {
    return this.#rules.names.map(name => (labels ?? NO_LABELS)[name]);
  }

  #clean(raw: readonly unknown[]): string[] {
    return raw.map((value, i) => {
      const text = asText(value).slice(0, MAX_SCANNED_LENGTH);
      try {
        const safe = this.#rules.sanitize?.(this.#rules.names[i]!, text) ?? text;
        return safe.slice(0, MAX_LABEL_LENGTH).toWellFormed();
      } catch {
        return OTHER;
      }
    });
  }

  /** Replaces what would be a new value of a label that has all it may have. */
  #foldValues(values: string[]): boolean {
    let folded = false;
    for (let i = 0; i < values.length; i++) {
      const known = this.#values[i]!;
      if (known.size < this.#rules.maxValues || known.has(values[i]!)) continue;
      this.#fold(values, i);
      folded = true;
    }
    return folded;
  }

  #fold(values: string[], i: number): void {
    values[i] = OTHER;
    this.#rules.overflow(this.#rules.names[i]!, !this.#warned[i]);
    this.#warned[i] = true;
  }

  /** The label with the most values is the one that filled the metric. */
  #widest(): number {
    let widest = 0;
    for (let i = 1; i < this.#depth; i++) {
      if (this.#values[i]!.size > this.#values[widest]!.size) widest = i;
    }
    return widest;
  }

  #at(path: readonly unknown[]): C | undefined {
    let node: unknown = this.#root;
    for (let i = 0; i < path.length && node !== undefined; i++) node = (node as Level).get(path[i]);
    return node as C | undefined;
  }

  #add(values: readonly string[], folded: boolean): C {
    const cell = this.#rules.add(Object.freeze(values));
    this.#link(values, cell);
    values.forEach((value, i) => {
      const known = this.#values[i]!;
      known.set(value, (known.get(value) ?? 0) + 1);
    });
    if (folded) this.#overflowSets.add(cell);
    else this.#sets++;
    return cell;
  }

  /** Other spellings (the number 200, a text that was sanitised) find the cell at once next time. */
  #remember(raw: unknown[], cell: C): void {
    if (this.#spellingCount >= this.#rules.maxSeries || !raw.every(isSpelling)) return;
    if (this.#at(raw) !== undefined) return;
    this.#link(raw, cell);
    const spellings = this.#spellings.get(cell);
    if (spellings) spellings.push(raw);
    else this.#spellings.set(cell, [raw]);
    this.#spellingCount++;
  }

  #link(path: readonly unknown[], cell: C): void {
    let node = this.#root;
    for (let i = 0; i < path.length - 1; i++) {
      const next = (node.get(path[i]) as Level | undefined) ?? new Map();
      node.set(path[i], next);
      node = next;
    }
    node.set(path.at(-1), cell);
  }

  #unlink(path: readonly unknown[]): void {
    const levels: Level[] = [this.#root];
    for (const key of path.slice(0, -1)) levels.push(levels.at(-1)!.get(key) as Level);
    for (let i = path.length - 1; i >= 0; i--) {
      levels[i]!.delete(path[i]);
      if (levels[i]!.size > 0) return;
    }
  }
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint'
    ? String(value)
    : '';
}

/** A long text is not kept as a key: it would be memory that the caps don't see. */
function isSpelling(value: unknown): boolean {
  if (typeof value === 'string') return value.length <= MAX_LABEL_LENGTH;
  return typeof value === 'number' || typeof value === 'boolean';
}

import { CounterCell, GaugeCell, HistogramCell, SummaryCell } from './cell.ts';
import { Family, type FamilyRules } from './family.ts';
import type { Definition } from './names.ts';
import type {
  Counter,
  CounterHandle,
  Gauge,
  GaugeHandle,
  Histogram,
  HistogramHandle,
  Labels,
  Summary,
  SummaryHandle,
} from './types.ts';

/** With labels and without are two classes of each type, so that every call site sees one shape of arguments. */
export interface Made {
  readonly family: Family;
  readonly instrument: object;
}

export function makeCounter(definition: Definition, rules: FamilyRules): Made {
  const family = new Family(definition, rules, CounterCell);
  return { family, instrument: plain(definition) ? new PlainCounter(family) : new LabelledCounter(family) };
}

export function makeGauge(definition: Definition, rules: FamilyRules): Made {
  const family = new Family(definition, rules, GaugeCell);
  return { family, instrument: plain(definition) ? new PlainGauge(family) : new LabelledGauge(family) };
}

export function makeHistogram(definition: Definition, rules: FamilyRules): Made {
  const family = new Family(definition, rules, HistogramCell);
  return {
    family,
    instrument: plain(definition) ? new PlainHistogram(family) : new LabelledHistogram(family),
  };
}

export function makeSummary(definition: Definition, rules: FamilyRules): Made {
  const family = new Family(definition, rules, SummaryCell);
  return { family, instrument: plain(definition) ? new PlainSummary(family) : new LabelledSummary(family) };
}

function plain(definition: Definition): boolean {
  return definition.labels.length === 0;
}

class PlainCounter implements Counter {
  readonly name: string;
  readonly #cell: CounterCell;

  constructor(family: Family<CounterCell>) {
    this.name = family.definition.name;
    this.#cell = family.add([]);
  }
  inc(n?: number): void {
    this.#cell.inc(n);
  }
  handle(): CounterHandle {
    return this.#cell;
  }
}

class LabelledCounter implements Counter<string> {
  readonly name: string;
  readonly #index: Family<CounterCell>['index'];

  constructor(family: Family<CounterCell>) {
    this.name = family.definition.name;
    this.#index = family.index;
  }
  inc(labels: Labels<string>, n?: number): void {
    this.#index.find(labels).inc(n);
  }
  handle(labels: Labels<string>): CounterHandle {
    return this.#index.find(labels);
  }
}

class PlainGauge implements Gauge {
  readonly name: string;
  readonly #cell: GaugeCell;

  constructor(family: Family<GaugeCell>) {
    this.name = family.definition.name;
    this.#cell = family.add([]);
  }
  set(value: number): void {
    this.#cell.set(value);
  }
  inc(n?: number): void {
    this.#cell.inc(n);
  }
  dec(n?: number): void {
    this.#cell.dec(n);
  }
  handle(): GaugeHandle {
    return this.#cell;
  }
  /** A gauge without labels has nothing to forget but its value. */
  remove(): void {
    this.#cell.set(0);
  }
}

class LabelledGauge implements Gauge<string> {
  readonly name: string;
  readonly #index: Family<GaugeCell>['index'];

  constructor(family: Family<GaugeCell>) {
    this.name = family.definition.name;
    this.#index = family.index;
  }
  set(labels: Labels<string>, value: number): void {
    this.#index.find(labels).set(value);
  }
  inc(labels: Labels<string>, n?: number): void {
    this.#index.find(labels).inc(n);
  }
  dec(labels: Labels<string>, n?: number): void {
    this.#index.find(labels).dec(n);
  }
  handle(labels: Labels<string>): GaugeHandle {
    return this.#index.find(labels);
  }
  remove(labels: Labels<string>): void {
    this.#index.remove(labels);
  }
}

class PlainHistogram implements Histogram {
  readonly name: string;
  readonly #family: Family<HistogramCell>;
  readonly #cell: HistogramCell;

  constructor(family: Family<HistogramCell>) {
    this.name = family.definition.name;
    this.#family = family;
    this.#cell = family.add([]);
  }
  observe(value: number): void {
    this.#cell.observe(value);
  }
  startTimer(): () => number {
    return timer(this.#family, this.#cell);
  }
  handle(): HistogramHandle {
    return this.#cell;
  }
}

class LabelledHistogram implements Histogram<string> {
  readonly name: string;
  readonly #family: Family<HistogramCell>;
  readonly #index: Family<HistogramCell>['index'];

  constructor(family: Family<HistogramCell>) {
    this.name = family.definition.name;
    this.#family = family;
    this.#index = family.index;
  }
  observe(labels: Labels<string>, value: number): void {
    this.#index.find(labels).observe(value);
  }
  startTimer(labels: Labels<string>): () => number {
    return timer(this.#family, this.#index.find(labels));
  }
  handle(labels: Labels<string>): HistogramHandle {
    return this.#index.find(labels);
  }
}

class PlainSummary implements Summary {
  readonly name: string;
  readonly #cell: SummaryCell;

  constructor(family: Family<SummaryCell>) {
    this.name = family.definition.name;
    this.#cell = family.add([]);
  }
  observe(value: number): void {
    this.#cell.observe(value);
  }
  handle(): SummaryHandle {
    return this.#cell;
  }
}

class LabelledSummary implements Summary<string> {
  readonly name: string;
  readonly #index: Family<SummaryCell>['index'];

  constructor(family: Family<SummaryCell>) {
    this.name = family.definition.name;
    this.#index = family.index;
  }
  observe(labels: Labels<string>, value: number): void {
    this.#index.find(labels).observe(value);
  }
  handle(labels: Labels<string>): SummaryHandle {
    return this.#index.find(labels);
  }
}

function timer(family: Family<HistogramCell>, handle: HistogramHandle): () => number {
  const started = family.monotonic();
  return () => {
    const seconds = (family.monotonic() - started) / 1000;
    handle.observe(seconds);
    return seconds;
  };
}

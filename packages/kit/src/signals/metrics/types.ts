import type { MetricFamily } from '@plimsoll/wire';

/** Values of a metric's labels; the names are checked by the compiler. */
export type Labels<L extends string> = Readonly<Record<L, string | number | boolean>>;

export interface MetricOptions<L extends string = never> {
  /** One line, as `# HELP` shows it. */
  readonly help: string;
  readonly labels?: readonly L[];
  /** UCUM, such as `s` or `By`. */
  readonly unit?: string;
  /** Without the kit's namespace; for names that the field fixed, such as `process_*`. */
  readonly own?: boolean;
  /** Label sets of this metric at most; further ones count under `other`. Default: option `metrics.maxSeries`. */
  readonly maxSeries?: number;
  /** Declared again with more labels, the metric takes them on: label sets that lack them have them empty. */
  readonly open?: boolean;
}

export interface HistogramOptions<L extends string = never> extends MetricOptions<L> {
  /** Upper bounds, rising; +Inf is implied. */
  readonly buckets?: readonly number[];
}

export interface GaugeOptions<L extends string = never> extends MetricOptions<L> {
  /** Called on every read, before the values are read. It must not throw; if it does, the old values stand. */
  readonly collect?: (gauge: Gauge<L>) => void;
}

/** What a sampled observation points to. */
export interface TraceRef {
  readonly traceId: string;
  readonly spanId: string;
  /** Epoch milliseconds, where the caller knows it; else the clock is read. */
  readonly time?: number;
}

export interface CounterHandle {
  /** `n` ≥ 0, default 1; anything else is ignored and counted as a bad value. */
  inc(n?: number, exemplar?: TraceRef): void;
}
export interface GaugeHandle {
  set(value: number): void;
  inc(n?: number): void;
  dec(n?: number): void;
}
export interface HistogramHandle {
  observe(value: number, exemplar?: TraceRef): void;
}
export interface SummaryHandle {
  observe(value: number): void;
}

/** With labels the first argument names them; without, it is absent. */
type LabelArgs<L extends string> = [L] extends [never] ? [] : [labels: Labels<L>];

export interface Counter<L extends string = never> {
  readonly name: string;
  inc(...args: [...LabelArgs<L>, n?: number]): void;
  /** Resolved once, then a few nanoseconds a call. */
  handle(...args: LabelArgs<L>): CounterHandle;
}
export interface Gauge<L extends string = never> {
  readonly name: string;
  set(...args: [...LabelArgs<L>, value: number]): void;
  inc(...args: [...LabelArgs<L>, n?: number]): void;
  dec(...args: [...LabelArgs<L>, n?: number]): void;
  handle(...args: LabelArgs<L>): GaugeHandle;
  /** Forgets a label set. */
  remove(...args: LabelArgs<L>): void;
}
export interface Histogram<L extends string = never> {
  readonly name: string;
  observe(...args: [...LabelArgs<L>, value: number]): void;
  /** Starts a timer; the returned function observes the seconds and returns them. */
  startTimer(...args: LabelArgs<L>): () => number;
  handle(...args: LabelArgs<L>): HistogramHandle;
}
export interface Summary<L extends string = never> {
  readonly name: string;
  observe(...args: [...LabelArgs<L>, value: number]): void;
  handle(...args: LabelArgs<L>): SummaryHandle;
}

export type Exposition = 'prometheus' | 'openmetrics';

export interface Metrics {
  counter<const L extends string = never>(name: string, options: MetricOptions<L>): Counter<L>;
  gauge<const L extends string = never>(name: string, options: GaugeOptions<L>): Gauge<L>;
  histogram<const L extends string = never>(name: string, options: HistogramOptions<L>): Histogram<L>;
  /** Sum and count only; quantiles can't be aggregated, take a histogram for those. */
  summary<const L extends string = never>(name: string, options: MetricOptions<L>): Summary<L>;
  /**
   * Called before each read, to bring values up to date; it must not throw. `expose` waits for its promise,
   * a second at most; `snapshot` can't. The returned function ends it.
   */
  onCollect(collect: () => void | Promise<unknown>): () => void;
  /** Everything as data, for OTLP and the console. Reading changes nothing. */
  snapshot(): readonly MetricFamily[];
  /** The text for a scrape; yields to the event loop when it is large. */
  expose(format: Exposition): Promise<Uint8Array>;
}

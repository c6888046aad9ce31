import { METRIC_BAD_VALUES, METRIC_OVERFLOW, type MetricFamily } from '@plimsoll/wire';
import type { Clock } from '../../base/clock.ts';
import { PlimsollError } from '../../base/errors.ts';
import { declare } from './declare.ts';
import { writeExposition } from './exposition.ts';
import type { FamilyRules } from './family.ts';
import { type Made, makeCounter, makeGauge, makeHistogram, makeSummary } from './instruments.ts';
import type { Definition, MetricType } from './names.ts';
import * as names from './names.ts';
import { noopMetrics } from './noop.ts';
import type {
  Counter,
  Exposition,
  Gauge,
  GaugeOptions,
  Histogram,
  HistogramOptions,
  MetricOptions,
  Metrics,
  Summary,
} from './types.ts';

export interface MetricsConfig {
  readonly clock: Clock;
  /** Stands before every name but those that are `own`. */
  readonly namespace?: string;
  /** False gives metrics that do nothing. Default true. */
  readonly enabled?: boolean;
  /** Label sets of a metric before further ones count under `other`. Default 2,000. */
  readonly maxSeries?: number;
  /** Values of a label before further ones become `other`. Default 500. */
  readonly maxLabelValues?: number;
  /** Default true. */
  readonly exemplars?: boolean;
  /** Called once per metric and label, when its first value becomes `other`. */
  readonly onOverflow?: (metric: string, label: string) => void;
  /** Makes a label's value fit to be shown; asked once per spelling while the metric has room. */
  readonly sanitize?: (label: string, value: string) => string;
}

/** @throws PLIMSOLL_BAD_METRIC for a namespace that can't start a name */
export function createMetrics(config: MetricsConfig): Metrics {
  return config.enabled === false ? noopMetrics : new Registry(config);
}

interface Entry extends Made {
  readonly definition: Definition;
  readonly open: boolean;
}

const MAKERS = {
  counter: makeCounter,
  gauge: makeGauge,
  histogram: makeHistogram,
  summary: makeSummary,
} as const;
const FIRST_SIZE = 16_384;
/** Prometheus gives up after 10 s by default, and the answer has to be written too. */
const COLLECT_MS = 1000;

class Registry implements Metrics {
  readonly #config: MetricsConfig;
  readonly #namespace: string;
  readonly #entries = new Map<string, Entry>();
  readonly #collectors = new Set<() => void | Promise<unknown>>();
  readonly #claimed = new Map<string, string>();
  readonly #overflows: Counter<'metric'>;
  readonly #badValues: Counter<'metric'>;
  #lastSize = FIRST_SIZE;

  constructor(config: MetricsConfig) {
    this.#config = config;
    this.#namespace = names.checkNamespace(config.namespace ?? '');
    this.#overflows = declare(this, METRIC_OVERFLOW);
    this.#badValues = declare(this, METRIC_BAD_VALUES);
  }

  counter<const L extends string = never>(name: string, options: MetricOptions<L>): Counter<L> {
    return this.#declare('counter', name, options).instrument as Counter<L>;
  }

  gauge<const L extends string = never>(name: string, options: GaugeOptions<L>): Gauge<L> {
    const { family, instrument } = this.#declare('gauge', name, options);
    const { collect } = options;
    // Declared again, by a part that was off for a while, the newer function takes over.
    if (collect) family.collect = () => collect(instrument as Gauge<L>);
    return instrument as Gauge<L>;
  }

  histogram<const L extends string = never>(name: string, options: HistogramOptions<L>): Histogram<L> {
    return this.#declare('histogram', name, options).instrument as Histogram<L>;
  }

  summary<const L extends string = never>(name: string, options: MetricOptions<L>): Summary<L> {
    return this.#declare('summary', name, options).instrument as Summary<L>;
  }

  onCollect(collect: () => void | Promise<unknown>): () => void {
    // One of its own for each call, so that the same function given twice is ended once each.
    const collector = (): void | Promise<unknown> => collect();
    this.#collectors.add(collector);
    return () => void this.#collectors.delete(collector);
  }

  snapshot(): readonly MetricFamily[] {
    void this.#collect();
    return Array.from(this.#entries.values(), entry => entry.family.snapshot());
  }

  async expose(format: Exposition): Promise<Uint8Array> {
    const late = this.#collect();
    if (late !== undefined) await settledOrLate(late);
    const families = Array.from(this.#entries.values(), entry => entry.family);
    // A little more than the last scrape, so that a steady registry never grows the buffer half-way.
    const bytes = await writeExposition(families, format, Math.ceil(this.#lastSize * 1.1));
    this.#lastSize = Math.max(FIRST_SIZE, bytes.length);
    return bytes;
  }

  #declare<L extends string>(type: MetricType, name: string, options: HistogramOptions<L>): Entry {
    const definition = names.checkDefinition({
      name: names.fullName(type, name, options.own ? '' : this.#namespace),
      type,
      help: options.help,
      unit: options.unit,
      labels: Object.freeze([...(options.labels ?? [])]),
      bounds: Object.freeze(type === 'histogram' ? withoutInfinity(options.buckets) : []),
    });
    const known = this.#entries.get(definition.name);
    if (known) {
      if (names.sameShape(known.definition, definition)) return known;
      const open = known.open && options.open === true;
      if (open && names.widens(known.definition, definition)) return this.#widen(known, definition, options);
      throw new PlimsollError('PLIMSOLL_DUPLICATE_METRIC', definition.name);
    }
    this.#claim(definition);
    return this.#make(definition, options);
  }

  #make<L extends string>(definition: Definition, { maxSeries, open = false }: MetricOptions<L>): Entry {
    const make = MAKERS[definition.type];
    const entry = { definition, open, ...make(definition, this.#rules(definition.name, maxSeries)) };
    this.#entries.set(definition.name, entry);
    return entry;
  }

  #widen<L extends string>(known: Entry, definition: Definition, options: MetricOptions<L>): Entry {
    const entry = this.#make(definition, options);
    entry.family.adopt(known.family);
    return entry;
  }

  #claim(definition: Definition): void {
    const claims = names.claimedNames(definition);
    for (const claim of claims) {
      const owner = this.#claimed.get(claim);
      if (owner)
        throw new PlimsollError(
          'PLIMSOLL_DUPLICATE_METRIC',
          `${definition.name} and ${owner} share ${claim}`,
        );
    }
    for (const claim of claims) this.#claimed.set(claim, definition.name);
  }

  #rules(metric: string, maxSeries: number | undefined): FamilyRules {
    const { clock, exemplars = true, sanitize, onOverflow } = this.#config;
    return {
      clock,
      exemplars,
      maxSeries: maxSeries ?? this.#config.maxSeries ?? 2000,
      maxValues: this.#config.maxLabelValues ?? 500,
      ...(sanitize && { sanitize }),
      overflow: (label, first) => {
        // The metric that counts overflows can overflow too; it must not count itself for ever.
        if (metric !== METRIC_OVERFLOW.name) this.#overflows.inc({ metric });
        if (first) onOverflow?.(metric, label);
      },
      bad: () => this.#badValues.inc({ metric }),
    };
  }

  /** One collector that throws leaves its old values and is counted; the others still run. */
  #collect(): Promise<unknown> | undefined {
    const late: Promise<unknown>[] = [];
    for (const collect of this.#collectors) {
      try {
        const promise = collect();
        if (promise !== undefined) late.push(promise);
      } catch {
        // Its values stay what they were.
      }
    }
    for (const { family } of this.#entries.values()) {
      try {
        family.collect?.();
      } catch {
        family.bad();
      }
    }
    return late.length > 0 ? Promise.allSettled(late) : undefined;
  }
}

/** A collector that never answers leaves its old values, as one that throws does: a scrape waits no longer than this. */
async function settledOrLate(late: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise(resolve => {
    timer = setTimeout(resolve, COLLECT_MS);
  });
  await Promise.race([late, deadline]);
  clearTimeout(timer);
}

/** Every histogram has +Inf, so naming it is allowed and changes nothing. */
function withoutInfinity(buckets: readonly number[] = names.DEFAULT_BUCKETS): readonly number[] {
  return buckets.at(-1) === Infinity ? buckets.slice(0, -1) : [...buckets];
}

import type * as api from '@opentelemetry/api';
import { DEFAULT_BUCKETS } from '../../../signals/metrics/names.ts';
import type { Counter, Gauge, Histogram } from '../../../signals/metrics/types.ts';
import type { Bridge } from '../bridge.ts';
import { Labels } from './labels.ts';
import { type Kind, metricName } from './names.ts';

/** For anything but seconds, whose bounds are those of every histogram of ours: the bounds that the API's SDK has. */
const OTEL_BUCKETS = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10_000];
const INT = 0;

type Metric = Counter<string> | Gauge<string> | Histogram<string>;
type Handle = ReturnType<Metric['handle']>;

/**
 * One metric of the registry behind the instruments of one name. It is declared with its first value, because its
 * labels are known only then, and again when an attribute comes up that it has not seen. It never throws.
 */
export class Instrument {
  readonly kind: Kind;
  readonly unit: string;
  readonly #bridge: Bridge;
  readonly #name: string;
  readonly #options: api.MetricOptions;
  readonly #labels: Labels;
  readonly #warn: (reason: string) => void;
  #metric: Metric | undefined;
  #declared = -1;
  #dead = false;

  constructor(
    bridge: Bridge,
    of: { kind: Kind; name: string; options: api.MetricOptions; warn: (reason: string) => void },
  ) {
    this.#bridge = bridge;
    this.kind = of.kind;
    this.unit = of.options.unit ?? '';
    this.#options = of.options;
    this.#name = metricName(of.kind, of.name, this.unit);
    this.#warn = of.warn;
    this.#labels = new Labels(bridge.kit.privacy, attribute =>
      of.warn(`no label for the attribute ${attribute}`),
    );
  }

  labels(attributes: api.Attributes | undefined): Record<string, string | number | boolean> {
    return this.#labels.of(attributes);
  }

  /** The series of a label set; undefined where the registry refused the metric. */
  handle(labels: Readonly<Record<string, unknown>>): Handle | undefined {
    if (this.#declared !== this.#labels.names.length) this.#declare();
    return (this.#metric as { handle(labels: object): Handle } | undefined)?.handle(labels);
  }

  /** Forgets a series; one without labels stays, since a metric has either those or none. */
  remove(labels: Readonly<Record<string, unknown>>): void {
    if (this.#labels.names.length > 0) (this.#metric as Gauge<string> | undefined)?.remove(labels as never);
  }

  /** A whole number where the instrument was declared for those; undefined for what is no number. */
  value(value: unknown): number | undefined {
    if (typeof value !== 'number' || Number.isNaN(value)) return undefined;
    return this.#options.valueType === INT ? Math.trunc(value) : value;
  }

  /** It takes values from now on and keeps none. */
  refuse(reason: string): void {
    this.#dead = true;
    this.#metric = undefined;
    this.#warn(reason);
  }

  #declare(): void {
    this.#declared = this.#labels.names.length;
    if (this.#dead) return;
    const { metrics } = this.#bridge.kit;
    const { description, unit, advice } = this.#options;
    const options = {
      help: description || this.#name,
      labels: [...this.#labels.names],
      // The names of the field are whole: a dashboard for `http_client_request_duration_seconds` must find it.
      ...{ own: true, open: true },
      ...(unit && { unit }),
    };
    try {
      if (this.kind === 'counter') this.#metric = metrics.counter(this.#name, options);
      else if (this.kind === 'histogram') {
        const given = advice?.explicitBucketBoundaries;
        const buckets = given?.length ? given : unit === 's' ? DEFAULT_BUCKETS : OTEL_BUCKETS;
        this.#metric = metrics.histogram(this.#name, { ...options, buckets });
      } else this.#metric = metrics.gauge(this.#name, options);
    } catch (error) {
      this.refuse(error instanceof Error ? error.message : String(error));
    }
  }
}

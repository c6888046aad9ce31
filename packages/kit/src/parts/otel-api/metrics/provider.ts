import type * as api from '@opentelemetry/api';
import type { Bridge } from '../bridge.ts';
import { Instrument } from './instrument.ts';
import { isInstrumentName, type Kind, metricName } from './names.ts';
import { ObservableInstrument } from './observable.ts';
import { Reading } from './reading.ts';
import { SyncInstrument } from './sync.ts';

const MAX_INSTRUMENTS = 2000;

/**
 * OpenTelemetry's meters over the kit's registry. All meters share the metrics: two instruments of one name, kind
 * and unit are one metric. An up-down counter is a gauge, as in Prometheus. What is not possible is said once in
 * the log and then ignored, since instrumentation must not break what it measures.
 */
export class MeterProvider implements api.MeterProvider {
  readonly #bridge: Bridge;
  readonly #instruments = new Map<string, Instrument>();
  readonly #observables = new Map<Instrument, ObservableInstrument>();
  readonly #reading: Reading;
  readonly #warned = new Set<string>();
  readonly #meter: api.Meter;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
    this.#reading = new Reading(error => this.#warn('callback', String(error)));
    this.#meter = this.#makeMeter();
  }

  /** Whose meter it is has no label: it would make two series of what dashboards know as one. */
  getMeter(): api.Meter {
    return this.#meter;
  }

  /** Asks observables whenever metrics are read, until the returned function is called. */
  start(): () => void {
    return this.#bridge.kit.metrics.onCollect(() => this.#reading.take());
  }

  #makeMeter(): api.Meter {
    const sync = (kind: Kind) => (name: string, options?: api.MetricOptions) =>
      new SyncInstrument(this.#bridge, this.#instrument(kind, name, options));
    const observable = (kind: Kind) => (name: string, options?: api.MetricOptions) =>
      this.#observable(this.#instrument(kind, name, options));
    return {
      createCounter: sync('counter'),
      createUpDownCounter: sync('updown'),
      createHistogram: sync('histogram'),
      createGauge: sync('gauge'),
      createObservableCounter: observable('counter'),
      createObservableUpDownCounter: observable('updown'),
      createObservableGauge: observable('gauge'),
      addBatchObservableCallback: (callback, observables) =>
        this.#reading.addBatch(callback, observables as never),
      removeBatchObservableCallback: (callback, observables) =>
        this.#reading.removeBatch(callback, observables as never),
    };
  }

  #observable(instrument: Instrument): ObservableInstrument {
    let observable = this.#observables.get(instrument);
    if (observable === undefined) {
      observable = new ObservableInstrument(instrument);
      this.#observables.set(instrument, observable);
      this.#reading.add(observable);
    }
    return observable;
  }

  #instrument(kind: Kind, name: string, options: api.MetricOptions = {}): Instrument {
    const unit = options.unit ?? '';
    const key = metricName(kind, String(name), unit).toLowerCase();
    const known = this.#instruments.get(key);
    if (known?.kind === kind && known.unit === unit) return known;
    const warn = (reason: string): void => this.#warn(String(name), reason);
    const made = new Instrument(this.#bridge, { kind, name: String(name), options, warn });
    if (!isInstrumentName(name)) made.refuse('this is no name of an instrument');
    else if (known !== undefined) made.refuse('another instrument of this name has another kind or unit');
    else if (this.#instruments.size >= MAX_INSTRUMENTS) made.refuse('there are too many instruments');
    else this.#instruments.set(key, made);
    return made;
  }

  #warn(instrument: string, reason: string): void {
    const key = `${instrument}: ${reason}`;
    if (this.#warned.has(key) || this.#warned.size >= MAX_INSTRUMENTS) return;
    this.#warned.add(key);
    this.#bridge.kit.log.named('plimsoll.otel').warn({ instrument, reason }, 'otel_metric_ignored');
  }
}

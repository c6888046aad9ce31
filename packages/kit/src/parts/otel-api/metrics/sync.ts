import type * as api from '@opentelemetry/api';
import type {
  CounterHandle,
  GaugeHandle,
  HistogramHandle,
  TraceRef,
} from '../../../signals/metrics/types.ts';
import { rootOf } from '../../../signals/trace/scope.ts';
import type { Bridge } from '../bridge.ts';
import type { Instrument } from './instrument.ts';

/** The instruments that are told of each value as it happens. A value that is not allowed is left out. */
export class SyncInstrument implements api.Counter, api.UpDownCounter, api.Histogram, api.Gauge {
  readonly #bridge: Bridge;
  readonly #instrument: Instrument;

  constructor(bridge: Bridge, instrument: Instrument) {
    this.#bridge = bridge;
    this.#instrument = instrument;
  }

  add(given: number, attributes?: api.Attributes, context?: api.Context): void {
    const value = this.#instrument.value(given);
    if (value === undefined) return;
    const handle = this.#instrument.handle(this.#instrument.labels(attributes));
    if (this.#instrument.kind === 'counter') {
      if (value >= 0) (handle as CounterHandle | undefined)?.inc(value, this.#exemplar(context));
    } else (handle as GaugeHandle | undefined)?.inc(value);
  }

  record(given: number, attributes?: api.Attributes, context?: api.Context): void {
    const value = this.#instrument.value(given);
    if (value === undefined) return;
    const handle = this.#instrument.handle(this.#instrument.labels(attributes));
    if (this.#instrument.kind === 'gauge') (handle as GaugeHandle | undefined)?.set(value);
    else if (value >= 0) (handle as HistogramHandle | undefined)?.observe(value, this.#exemplar(context));
  }

  /** Head-sampled traces only: of the others nobody knows yet whether they are kept. */
  #exemplar(context: api.Context | undefined): TraceRef | undefined {
    const ours = context === undefined ? this.#bridge.kit.context.current() : this.#bridge.enter(context);
    return ours !== undefined && rootOf(ours)?.sampled === true ? (ours as TraceRef) : undefined;
  }
}

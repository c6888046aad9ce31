import type * as api from '@opentelemetry/api';
import type { CounterCell } from '../../../signals/metrics/cell.ts';
import type { GaugeHandle } from '../../../signals/metrics/types.ts';
import type { Instrument } from './instrument.ts';

type Values = Readonly<Record<string, unknown>>;

/** What was observed in one reading, by the values of its labels. */
type Round = Map<string, { readonly labels: Values; readonly value: number }>;

/** An instrument that is asked for its values when they are read. */
export class ObservableInstrument implements api.Observable {
  readonly callbacks = new Set<api.ObservableCallback>();
  readonly #instrument: Instrument;
  #round: Round = new Map();
  #shown: readonly Values[] = [];

  constructor(instrument: Instrument) {
    this.#instrument = instrument;
  }

  addCallback(callback: api.ObservableCallback): void {
    this.callbacks.add(callback);
  }

  removeCallback(callback: api.ObservableCallback): void {
    this.callbacks.delete(callback);
  }

  /** The last value that one reading gives for the same attributes counts. */
  observe(given: number, attributes?: api.Attributes): void {
    const value = this.#instrument.value(given);
    if (value === undefined) return;
    const labels = this.#instrument.labels(attributes);
    this.#round.set(JSON.stringify(labels), { labels, value });
  }

  /** Ends a reading: totals and levels are what was observed, and a level that was not is gone. */
  settle(): void {
    const round = this.#round;
    this.#round = new Map();
    const sums = new Map<object, { labels: Values; value: number }>();
    const add = this.#instrument.kind !== 'gauge';
    for (const { labels, value } of round.values()) {
      const handle = this.#instrument.handle(labels);
      if (handle === undefined) return;
      // Beyond the cap label sets share one series: totals add up there.
      const before = add ? (sums.get(handle)?.value ?? 0) : 0;
      sums.set(handle, { labels, value: before + value });
    }
    if (this.#instrument.kind === 'counter') {
      for (const [handle, { value }] of sums) (handle as CounterCell).total(value);
      return;
    }
    for (const [handle, { value }] of sums) (handle as GaugeHandle).set(value);
    for (const labels of this.#shown) {
      const handle = this.#instrument.handle(labels);
      if (handle !== undefined && !sums.has(handle)) this.#instrument.remove(labels);
    }
    this.#shown = Array.from(sums.values(), ({ labels }) => labels);
  }
}

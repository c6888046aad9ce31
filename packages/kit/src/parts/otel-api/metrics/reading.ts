import type * as api from '@opentelemetry/api';
import { ObservableInstrument } from './observable.ts';

/** A callback that takes longer is not waited for; what it observes later belongs to the next reading. */
const WAIT_MS = 500;

interface Batch {
  readonly callback: api.BatchObservableCallback;
  readonly observables: ReadonlySet<api.Observable>;
}

/** Every callback of every observable, asked once for each reading of the metrics. */
export class Reading {
  readonly #observables = new Set<ObservableInstrument>();
  readonly #batches: Batch[] = [];
  readonly #failed: (error: unknown) => void;
  #running: Promise<void> | undefined;

  /** `failed` takes what a callback threw. */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  add(observable: ObservableInstrument): void {
    this.#observables.add(observable);
  }

  addBatch(callback: api.BatchObservableCallback, observables: readonly api.Observable[]): void {
    const set = new Set(observables.filter(one => one instanceof ObservableInstrument));
    if (set.size > 0 && this.#find(callback, set) < 0) this.#batches.push({ callback, observables: set });
  }

  removeBatch(callback: api.BatchObservableCallback, observables: readonly api.Observable[]): void {
    const at = this.#find(callback, new Set(observables));
    if (at >= 0) this.#batches.splice(at, 1);
  }

  /** Undefined when every callback was synchronous; else two readings at once are one. */
  take(): Promise<void> | undefined {
    if (this.#running !== undefined) return this.#running;
    const late: Promise<unknown>[] = [];
    for (const observable of this.#observables) {
      const result: api.ObservableResult = {
        observe: (value, attributes) => observable.observe(value, attributes),
      };
      for (const callback of observable.callbacks) this.#call(() => callback(result), late);
    }
    for (const { callback, observables } of this.#batches) {
      const result: api.BatchObservableResult = {
        observe: (observable, value, attributes) => {
          if (observables.has(observable)) (observable as ObservableInstrument).observe(value, attributes);
        },
      };
      this.#call(() => callback(result), late);
    }
    if (late.length === 0) {
      this.#settle();
      return undefined;
    }
    this.#running = inTime(Promise.allSettled(late)).then(() => {
      this.#running = undefined;
      this.#settle();
    });
    return this.#running;
  }

  #settle(): void {
    for (const observable of this.#observables) observable.settle();
  }

  #call(run: () => void | Promise<void>, late: Promise<unknown>[]): void {
    try {
      const result = run();
      if (typeof (result as { then?: unknown } | undefined)?.then !== 'function') return;
      late.push((result as Promise<void>).catch(this.#failed));
    } catch (error) {
      this.#failed(error);
    }
  }

  #find(callback: api.BatchObservableCallback, observables: ReadonlySet<api.Observable>): number {
    return this.#batches.findIndex(
      one =>
        one.callback === callback &&
        one.observables.size === observables.size &&
        [...observables].every(observable => one.observables.has(observable)),
    );
  }
}

function inTime(promise: Promise<unknown>): Promise<void> {
  return new Promise(done => {
    const timer = setTimeout(done, WAIT_MS);
    void promise.then(() => {
      clearTimeout(timer);
      done();
    });
  });
}

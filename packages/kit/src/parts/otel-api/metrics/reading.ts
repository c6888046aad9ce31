import type * as api from '@opentelemetry/api';
import { ObservableInstrument } from './observable.ts';

/** A callback that takes longer is not waited for; what it observes later belongs to the next reading. */
const WAIT_MS = 500;

interface Batch {
  readonly callback: api.BatchObservableCallback;
  readonly observables: ReadonlySet<ObservableInstrument>;
}

/** Every callback of every observable, asked once for each reading of the metrics. */
export class Reading {
  readonly #observables = new Set<ObservableInstrument>();
  readonly #batches: Batch[] = [];
  readonly #failed: (error: unknown) => void;
  /** Those whose last reading waits for a callback. */
  readonly #busy = new Map<ObservableInstrument, Promise<void>>();

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

  /** Undefined when every callback was synchronous, and every value is there. */
  take(): Promise<unknown> | undefined {
    const free = new Set([...this.#observables].filter(one => !this.#busy.has(one)));
    const late = new Map<ObservableInstrument, Promise<unknown>[]>();
    for (const observable of free) {
      const result: api.ObservableResult = {
        observe: (value, attributes) => observable.observe(value, attributes),
      };
      for (const callback of observable.callbacks) {
        const promise = this.#call(() => callback(result));
        if (promise) push(late, observable, promise);
      }
    }
    for (const batch of this.#batches) this.#ask(batch, free, late);
    for (const observable of free) this.#settle(observable, late.get(observable));
    return this.#busy.size > 0 ? Promise.all(this.#busy.values()) : undefined;
  }

  #ask(
    { callback, observables }: Batch,
    free: Set<ObservableInstrument>,
    late: Map<ObservableInstrument, Promise<unknown>[]>,
  ): void {
    if (![...observables].every(one => free.has(one))) {
      // One of them is not read now, so none is: they belong together.
      for (const one of observables) free.delete(one);
      return;
    }
    const result: api.BatchObservableResult = {
      observe: (observable, value, attributes) => {
        if (observables.has(observable as ObservableInstrument)) {
          (observable as ObservableInstrument).observe(value, attributes);
        }
      },
    };
    const promise = this.#call(() => callback(result));
    if (promise) for (const one of observables) push(late, one, promise);
  }

  #settle(observable: ObservableInstrument, late: readonly Promise<unknown>[] | undefined): void {
    if (late === undefined) {
      observable.settle();
      return;
    }
    const settled = inTime(Promise.allSettled(late)).then(() => {
      this.#busy.delete(observable);
      observable.settle();
    });
    this.#busy.set(observable, settled);
  }

  #call(run: () => void | Promise<void>): Promise<unknown> | undefined {
    try {
      const result = run();
      if (typeof (result as { then?: unknown } | undefined)?.then !== 'function') return undefined;
      return (result as Promise<void>).catch(this.#failed);
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }

  #find(callback: api.BatchObservableCallback, observables: ReadonlySet<api.Observable>): number {
    return this.#batches.findIndex(
      one =>
        one.callback === callback &&
        one.observables.size === observables.size &&
        [...one.observables].every(observable => observables.has(observable)),
    );
  }
}

function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
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

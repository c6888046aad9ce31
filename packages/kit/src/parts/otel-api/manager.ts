import type * as api from '@opentelemetry/api';
import type { Bridge } from './bridge.ts';
import { bindEmitter, isEmitter } from './emitter.ts';

type Fn = (this: unknown, ...args: unknown[]) => unknown;

/** OpenTelemetry's context over the kit's own store: there is one context, whoever made it active. */
export class Manager implements api.ContextManager {
  readonly #bridge: Bridge;
  #enabled = true;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  active(): api.Context {
    return this.#enabled ? this.#bridge.active() : this.#bridge.api.ROOT_CONTEXT;
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    context: api.Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    const run = thisArg === undefined || thisArg === null ? fn : (fn.bind(thisArg) as F);
    if (!this.#enabled) return run(...args);
    return this.#bridge.kit.context.run(this.#bridge.enter(context), run, ...args);
  }

  /** A function runs in the context whenever it is called, and so do listeners that an emitter is given later. */
  bind<T>(context: api.Context, target: T): T {
    if (typeof target === 'function') return this.#bindFunction(context, target as unknown as Fn) as T;
    if (isEmitter(target)) bindEmitter(target, listener => this.#bindFunction(context, listener));
    return target;
  }

  enable(): this {
    this.#enabled = true;
    return this;
  }

  /** Stops serving the API; the kit's own context goes on. */
  disable(): this {
    this.#enabled = false;
    return this;
  }

  /** API 1.10. The token restores what was active before, once, and only where it still is the active one. */
  attach(context: api.Context): { dispose(): void } {
    const store = this.#bridge.kit.context;
    const before = store.current();
    const entered = this.#bridge.enter(context);
    let attached = this.#enabled;
    if (attached) store.enter(entered);
    return {
      dispose(): void {
        if (attached && store.current() === entered) store.enter(before);
        attached = false;
      },
    };
  }

  #bindFunction(context: api.Context, target: Fn): Fn {
    const manager = this;
    const bound = function (this: unknown, ...args: unknown[]): unknown {
      return manager.with(context, () => target.apply(this, args));
    };
    // Express, for one, tells its error handlers by the number of their arguments.
    return Object.defineProperty(bound, 'length', { value: target.length, configurable: true });
  }
}

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Baggage } from './w3c.ts';

/**
 * What code running now belongs to. One object per request (or job), held by one AsyncLocalStorage of the kit;
 * a span that becomes active makes a small child of it.
 */
export interface Context {
  readonly parent: Context | undefined;
  readonly requestId: string | undefined;
  readonly correlationId: string | undefined;
  /** 32 lower-case hex digits. */
  readonly traceId: string | undefined;
  /** 16 lower-case hex digits of the active span. */
  readonly spanId: string | undefined;
  /** W3C trace flags of the active span. */
  readonly flags: number;
  readonly traceState: string | undefined;
  /** W3C baggage, valid entries only, in order. */
  readonly baggage: Baggage | undefined;
  /** The route's template, once the router has run. */
  readonly route: string | undefined;
  /** As the service set it with `obs.context.user(id)`; hashed wherever it is written. */
  userId: string | number | undefined;
  /** Turned away on purpose, and told of in one line for many: its own line is sampled as if it were no error. */
  refused?: boolean;
  /** Fields that every log line in this context carries. */
  fields: Record<string, unknown> | undefined;
}

/** Where the current context lives. */
export class ContextStore {
  readonly #storage = new AsyncLocalStorage<Context>();

  /** The current context, or undefined outside of any request or job. */
  current(): Context | undefined {
    return this.#storage.getStore();
  }

  run<A extends unknown[], R>(context: Context, fn: (...args: A) => R, ...args: A): R {
    const storage = this.#storage;
    const prior = storage.getStore();
    if (prior === context) return fn(...args);
    // As the storage's own `run`, which calls `fn` by reflection.
    storage.enterWith(context);
    try {
      return fn(...args);
    } finally {
      storage.enterWith(prior as Context);
    }
  }

  /** Changes the context of the code that runs now, and of all that it starts. `run` can't leak; take that. */
  enter(context: Context | undefined): void {
    this.#storage.enterWith(context as Context);
  }

  /** Runs `fn` outside of any context. */
  exit<R>(fn: () => R): R {
    return this.#storage.exit(fn);
  }

  /** Names the user of the current request; the id is hashed in logs and spans unless `log.userId` is `raw`. */
  user(id: string | number): void {
    const context = this.current();
    if (context) context.userId = id;
  }

  /** Adds fields to every further log line of the current request. */
  bind(fields: Record<string, unknown>): void {
    const context = this.current();
    if (context) context.fields = { ...context.fields, ...fields };
  }
}

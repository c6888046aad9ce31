import { EventEmitter } from 'node:events';

type Fn = (this: unknown, ...args: unknown[]) => unknown;
const BOUND = Symbol('plimsoll.otel.bound');

export function isEmitter(value: unknown): value is EventEmitter & { [BOUND]?: true } {
  return value instanceof EventEmitter;
}

/**
 * Every listener that is added from now on is bound. Node finds a listener by its `listener` property too, so that
 * `off` takes the function that the caller gave. An emitter that is bound twice keeps the first context.
 */
export function bindEmitter(emitter: EventEmitter & { [BOUND]?: true }, bind: (listener: Fn) => Fn): void {
  if (emitter[BOUND]) return;
  Object.defineProperty(emitter, BOUND, { value: true });
  const { on, addListener, prependListener } = emitter;
  const wrap = (listener: Fn): Fn => Object.assign(bind(listener), { listener });
  for (const [method, add] of Object.entries({ on, addListener, prependListener })) {
    define(emitter, method, function (event, listener) {
      return add.call(this, event, typeof listener === 'function' ? wrap(listener) : listener);
    });
  }
  for (const [method, add] of Object.entries({ once: addListener, prependOnceListener: prependListener })) {
    define(emitter, method, function (event, listener) {
      const once = wrap(listener);
      const first: Fn = function (...args) {
        emitter.removeListener(event, first);
        return once.apply(this, args);
      };
      return add.call(this, event, Object.assign(first, { listener }));
    });
  }
}

type Add = (this: EventEmitter, event: string | symbol, listener: Fn) => EventEmitter;

function define(emitter: EventEmitter, method: string, value: Add): void {
  Object.defineProperty(emitter, method, { value, writable: true, configurable: true });
}

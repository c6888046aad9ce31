import { executionAsyncResource } from 'node:async_hooks';

let tick: object | undefined;

/**
 * Keeps one of Node's tick objects for good. Node builds one for each `process.nextTick`, six of them a request, as a
 * literal with computed keys. V8 remembers the shapes of those weakly: a full collection while no tick waits, which
 * our start-up may bring about before the code is hot, clears them, and from then on every tick goes through V8's
 * runtime, for a microsecond each. The shapes live as long as one object that has them.
 */
export function keepTickShape(): void {
  if (tick !== undefined) return;
  process.nextTick(() => {
    tick ??= executionAsyncResource();
  });
}

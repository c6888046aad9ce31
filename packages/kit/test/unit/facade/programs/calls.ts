import type * as Telemetry from '../../../../src/public/telemetry.ts';

const boom = (): never => {
  throw new Error('read');
};

/** What no caller should hand in, each of which throws when it is looked at or made into text. */
export function hostile(): readonly unknown[] {
  const loop: Record<string, unknown> = {};
  loop['loop'] = loop;
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const getters = Object.defineProperties(
    {},
    { a: { get: boom, enumerable: true }, toString: { get: boom } },
  );
  const traps = new Proxy({}, { get: boom, ownKeys: boom, getPrototypeOf: boom, has: boom });
  const values = [undefined, null, Number.NaN, -1, 10n, Symbol('s'), '', '\ud800', '\0', 'x'.repeat(1e5), []];
  return [...values, loop, proxy, getters, traps, Object.create(null), boom, new Map(), new Date(Number.NaN)];
}

type Calls = typeof Telemetry;

/** Calls all six functions with all pairs of hostile values; gives how often anything but undefined came back. */
export function misuse(calls: Calls): number {
  const values = hostile();
  let wrong = 0;
  for (const call of Object.values(calls) as ((...args: unknown[]) => unknown)[]) {
    for (const first of values) {
      for (const second of values) if (call(first, second, second) !== undefined) wrong++;
      if (call('name', 1, first) !== undefined || call(first) !== undefined) wrong++;
    }
    if (call() !== undefined) wrong++;
  }
  return wrong;
}

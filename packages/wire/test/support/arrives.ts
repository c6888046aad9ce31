/**
 * A record as any receiver must see it: texts well-formed, integers clamped to int64 and narrowed to a number where
 * one holds them. Of keys that become equal by this, the last counts.
 */
export function arrives<T>(value: T): T {
  return change(value) as T;
}

function change(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value === 'bigint') {
    const clamped = value >= 2n ** 63n ? 2n ** 63n - 1n : value < -(2n ** 63n) ? -(2n ** 63n) : value;
    return Number.isSafeInteger(Number(clamped)) ? Number(clamped) : clamped;
  }
  if (Array.isArray(value)) return value.map(change);
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key.toWellFormed(), change(item)]));
  }
  return value;
}

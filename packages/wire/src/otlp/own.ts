/**
 * Sets an own property, whatever the key: a plain assignment to `__proto__` would change the object's prototype.
 * Keys come from other processes.
 */
export function setOwn<T>(into: Record<string, T>, key: string, value: T): void {
  if (key === '__proto__') {
    Object.defineProperty(into, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    into[key] = value;
  }
}

import * as values from './values.ts';

export type Out = Record<string, unknown>;

/** What most values are, and no rule changes. */
export function isPlain(value: unknown): boolean {
  if (typeof value === 'number') return value < values.SMALLEST_CARD && value > -values.SMALLEST_CARD;
  return typeof value === 'boolean';
}

/** A clone with the same names, or nothing: a getter threw, a proxy lied, or there are symbols, which would come along. */
export function cloned(object: Out, length: number): Out | undefined {
  if (Object.getOwnPropertySymbols(object).length > 0) return undefined;
  try {
    const copy = { ...object };
    return Object.keys(copy).length === length ? copy : undefined;
  } catch {
    return undefined;
  }
}

/** A property, or the word for one that throws. */
export function read(object: object, key: string): unknown {
  try {
    return (object as Out)[key];
  } catch {
    return values.UNREADABLE;
  }
}

/** Two names may be clean in the same way, and `__proto__` must not be a prototype. */
export function store(out: Out, name: string, value: unknown): void {
  let free = name;
  for (let n = 2; Object.hasOwn(out, free); n++) free = `${name}_${n}`;
  Object.defineProperty(out, free, { value, enumerable: true, configurable: true, writable: true });
}

export function rest(out: Out, left: number): Out {
  out['…'] = `+${left} keys`;
  return out;
}

/** Its own further properties stay behind: clients hang whole requests on their errors. */
export function errorCopy(error: Error, walk: (cause: unknown) => unknown): Out {
  const { name, message, stack, cause } = error;
  return {
    type: values.clip(String(name)),
    message: values.clip(String(message)),
    stack: stack === undefined ? '' : values.clip(String(stack), values.MAX_STACK),
    ...(cause !== undefined && { cause: walk(cause) }),
  };
}

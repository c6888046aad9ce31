import type { Privacy } from '@plimsoll/privacy';

/** What was thrown, as far as it could be read. Clean already. */
export interface ReadError {
  readonly excType: string;
  readonly message: string;
  /** As V8 made it, raw: frames are read from it, and it is cleaned before it is shown. */
  readonly stack: string;
  /** How it belongs to the one before it: `cause`, or `error 1 of 3`. */
  readonly relation: string;
}

/** A chain longer than this says nothing new. */
const MAX_CHAIN = 8;
const MAX_STACK = 64_000;
const MAX_MESSAGE = 8192;
const MAX_TYPE = 128;
const UNREADABLE = '[unreadable]';

/**
 * What was thrown and what caused it, each once, the outermost first. It may be anything, with getters that throw and
 * causes that go round in a circle; reading never throws.
 */
export function readErrors(thrown: unknown, privacy: Privacy): readonly [ReadError, ...ReadError[]] {
  const seen = new Set<unknown>([thrown]);
  const chain: ReadError[] = [];
  const visit = (value: unknown, relation: string): void => {
    chain.push(readOne(value, { relation, privacy }));
    if (typeof value !== 'object' || value === null) return;
    const errors = read(value, 'errors');
    const several = Array.isArray(errors) ? errors.slice(0, MAX_CHAIN) : [];
    const next: [unknown, string][] = several.map((one, n) => [one, `error ${n + 1} of ${several.length}`]);
    const cause = read(value, 'cause');
    if (cause !== undefined) next.unshift([cause, 'cause']);
    for (const [one, how] of next) {
      if (chain.length >= MAX_CHAIN || seen.has(one)) continue;
      seen.add(one);
      visit(one, how);
    }
  };
  try {
    visit(thrown, '');
  } catch {
    if (chain.length === 0)
      chain.push({ excType: typeof thrown, message: UNREADABLE, stack: '', relation: '' });
  }
  return chain as unknown as readonly [ReadError, ...ReadError[]];
}

/** The whole of it as text, causes included, redacted. */
export function traceback(chain: readonly ReadError[], privacy: Privacy): string {
  const parts = chain.map(({ relation, stack, excType, message }) => {
    const text = stack === '' ? `${excType}: ${message}` : privacy.text(stack, 'dumps');
    return relation === '' ? text : `[${relation}] ${text}`;
  });
  return parts.join('\n');
}

function readOne(value: unknown, { relation, privacy }: { relation: string; privacy: Privacy }): ReadError {
  const isObject = typeof value === 'object' && value !== null;
  const stack = isObject ? read(value, 'stack') : undefined;
  return {
    excType: clean(typeOf(value), MAX_TYPE, privacy),
    message: clean(messageOf(value, privacy), MAX_MESSAGE, privacy),
    stack: typeof stack === 'string' ? stack.slice(0, MAX_STACK) : '',
    relation,
  };
}

/** The name that tells most: `TypeError`, the class of a subclass that forgot its name, `string` for a thrown text. */
function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  const name = read(value, 'name');
  const maker = read(value, 'constructor');
  const own = typeof maker === 'function' ? read(maker, 'name') : undefined;
  if (typeof name === 'string' && name !== '' && name !== 'Error') return name;
  if (typeof own === 'string' && own !== '') return own;
  return typeof name === 'string' && name !== '' ? name : 'object';
}

function messageOf(value: unknown, privacy: Privacy): string {
  if (typeof value === 'object' && value !== null) {
    const message = read(value, 'message');
    if (typeof message === 'string') return message;
    return JSON.stringify(privacy.redact(value, 'dumps')) ?? '';
  }
  if (typeof value === 'function') return `[function ${String(read(value, 'name'))}]`;
  return String(value);
}

/** Cleaned whole, then cut: half a secret is not recognised. */
function clean(text: string, max: number, privacy: Privacy): string {
  const clear = privacy.text(text, 'dumps');
  return clear.length > max ? `${clear.slice(0, max)}…` : clear;
}

function read(object: object, key: string): unknown {
  try {
    return (object as Record<string, unknown>)[key];
  } catch {
    return UNREADABLE;
  }
}

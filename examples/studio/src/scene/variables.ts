import { isDeepStrictEqual } from 'node:util';
import { isMembers } from '../body.ts';
import type { Action, Condition } from './schema.ts';

export type Variables = Record<string, unknown>;

const MISSING = Symbol('missing');

/** The value at a dotted key; only own members count. */
function at(variables: Readonly<Variables>, key: string): unknown {
  let here: unknown = variables;
  for (const part of key.split('.')) {
    if (!isMembers(here) || !Object.hasOwn(here, part)) return MISSING;
    here = here[part];
  }
  return here;
}

/** A variable that is not there fails every operator but `not_exists`. */
export function holds({ key, operator, value }: Condition, variables: Readonly<Variables>): boolean {
  const is = at(variables, key);
  if (operator === 'not_exists') return is === MISSING;
  if (is === MISSING) return false;
  switch (operator) {
    case 'exists':
      return true;
    case 'eq':
      return isDeepStrictEqual(is, value);
    case 'neq':
      return !isDeepStrictEqual(is, value);
    case 'in':
      return (value as readonly unknown[]).some(one => isDeepStrictEqual(is, one));
    case 'not_in':
      return !(value as readonly unknown[]).some(one => isDeepStrictEqual(is, one));
    default:
      return ordered(is, value, operator);
  }
}

/** Numbers with numbers and texts with texts; nothing else has an order. */
function ordered(is: unknown, value: unknown, operator: 'gt' | 'gte' | 'lt' | 'lte'): boolean {
  const comparable =
    (typeof is === 'number' && typeof value === 'number') ||
    (typeof is === 'string' && typeof value === 'string');
  if (!comparable) return false;
  const [a, b] = [is as number, value as number];
  if (operator === 'gt') return a > b;
  if (operator === 'gte') return a >= b;
  return operator === 'lt' ? a < b : a <= b;
}

/** The variables after the actions, in order; those that were given stay as they are. */
export function applyActions(actions: readonly Action[], variables: Readonly<Variables>): Variables {
  const result = structuredClone(variables) as Variables;
  for (const one of actions) apply(one, result);
  return result;
}

function apply({ type, key, value, amount }: Action, variables: Variables): void {
  const parts = key.split('.');
  const last = parts.pop()!;
  if (type === 'clear') {
    const owner = parts.length === 0 ? variables : at(variables, parts.join('.'));
    if (isMembers(owner)) delete (owner as Variables)[last];
    return;
  }
  const owner = ownerOf(parts, variables);
  if (type === 'set') {
    owner[last] = structuredClone(value ?? null);
    return;
  }
  const base = typeof owner[last] === 'number' ? owner[last] : 0;
  const by = amount ?? (typeof value === 'number' ? value : 1);
  owner[last] = bounded(type === 'increment' ? base + by : base - by);
}

/** Where the variable goes; what stands in the way and can't hold members gives way. */
function ownerOf(parts: readonly string[], variables: Variables): Variables {
  let owner = variables;
  for (const part of parts) {
    const next = Object.hasOwn(owner, part) ? owner[part] : undefined;
    if (isMembers(next)) owner = next as Variables;
    else {
      const made: Variables = {};
      owner[part] = made;
      owner = made;
    }
  }
  return owner;
}

/** JSON has no infinity. */
const bounded = (value: number): number => Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));

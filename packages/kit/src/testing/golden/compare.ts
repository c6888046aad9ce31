import type { Json } from './rules.ts';

/** One place where two values differ. `path` is a JSONPath (RFC 9535) of one place, such as `$.slots[0].slot`. */
export interface Difference {
  readonly kind: 'changed' | 'removed' | 'added';
  readonly path: string;
  /** What the golden has; absent for `added`. */
  readonly expected?: Json;
  /** What the run gave; absent for `removed`. */
  readonly actual?: Json;
}

type Members = Readonly<Record<string, Json>>;

/** Every place where they differ, in the order of the golden. Numbers are compared as numbers: 3.0 is 3. */
export function compare(expected: Json, actual: Json, path = '$'): readonly Difference[] {
  if (Array.isArray(expected) && Array.isArray(actual)) return compareLists(expected, actual, path);
  if (isMembers(expected) && isMembers(actual)) return compareMembers(expected, actual, path);
  return expected === actual ? [] : [{ kind: 'changed', path, expected, actual }];
}

function compareMembers(expected: Members, actual: Members, path: string): readonly Difference[] {
  const found: Difference[] = [];
  for (const key of Object.keys(expected)) {
    const at = member(path, key);
    if (Object.hasOwn(actual, key)) found.push(...compare(expected[key]!, actual[key]!, at));
    else found.push({ kind: 'removed', path: at, expected: expected[key]! });
  }
  for (const key of Object.keys(actual)) {
    if (!Object.hasOwn(expected, key))
      found.push({ kind: 'added', path: member(path, key), actual: actual[key]! });
  }
  return found;
}

/** What both begin and end with is left out, so that one item more is one difference and not one for each after it. */
function compareLists(
  expected: readonly Json[],
  actual: readonly Json[],
  path: string,
): readonly Difference[] {
  const least = Math.min(expected.length, actual.length);
  let head = 0;
  while (head < least && same(expected[head]!, actual[head]!)) head += 1;
  let tail = 0;
  while (tail < least - head && same(expected.at(-1 - tail)!, actual.at(-1 - tail)!)) tail += 1;
  const [ends, ended] = [expected.length - tail, actual.length - tail];
  const found: Difference[] = [];
  for (let index = head; index < Math.max(ends, ended); index += 1) {
    const at = `${path}[${index}]`;
    if (index >= ended) found.push({ kind: 'removed', path: at, expected: expected[index]! });
    else if (index >= ends) found.push({ kind: 'added', path: at, actual: actual[index]! });
    else found.push(...compare(expected[index]!, actual[index]!, at));
  }
  return found;
}

const same = (a: Json, b: Json): boolean => compare(a, b).length === 0;

function isMembers(value: Json): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const member = (path: string, key: string): string =>
  NAME.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;

const SHOWN = 50;
const LONGEST = 160;

/** A line for each difference, at most fifty. */
export function renderDifferences(differences: readonly Difference[]): string {
  const lines = differences.slice(0, SHOWN).map(line);
  if (differences.length > SHOWN) lines.push(`… and ${differences.length - SHOWN} more`);
  return lines.map(text => `  ${text}`).join('\n');
}

function line({ kind, path, expected, actual }: Difference): string {
  if (kind === 'removed') return `removed  ${path}  was ${short(expected)}`;
  if (kind === 'added') return `added    ${path}  is ${short(actual)}`;
  return `changed  ${path}  ${short(expected)} → ${short(actual)}`;
}

function short(value: Json | undefined): string {
  const text = JSON.stringify(value) ?? '';
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}

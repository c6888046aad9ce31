import type { Privacy } from '@plimsoll/privacy';
import type { Hook } from './catalogue.ts';

type Data = Readonly<Record<string, unknown>>;

/** A name that the policy has no class for. */
const NEUTRAL = 'value_';
/** Digits after a name are words of their own to the policy, letters are not. An entry exposes fewer fields than these. */
const LETTERS = [...'abcdefghijklmnopqrstuvw'].map(letter => `${NEUTRAL}${letter}q`);
/** A path from a root, of a drive or a home, one that leaves its folder, and what has a scheme. */
const NOT_RELATIVE =
  /^(?:\/|\\\\|~[\\/]|[A-Za-z]:[\\/]|[A-Za-z][A-Za-z0-9+.-]*:\/\/)|(?:^|[\\/])\.\.(?:[\\/]|$)/;

/**
 * The one copy of a hook's data that leaves: the column of the decision table for hooks. A field that the catalogue
 * exposes is judged by its value and not by its name; a value that is a path of this machine or a URL is hashed
 * under any name.
 */
export function redactHook(privacy: Privacy, hook: Hook, data: Data): Data {
  const { exposed, column } = hook;
  const hashed = (value: unknown): unknown => hashPaths(privacy, value);
  if (exposed.length === 0) return asMap(hashed(privacy.redact(data, column)));
  const shadow: Record<string, unknown> = {};
  const names = new Map<string, string>();
  try {
    for (const [name, value] of Object.entries(data)) {
      const key = exposed.includes(name) ? (LETTERS[names.size % LETTERS.length] as string) : name;
      if (key !== name) names.set(key, name);
      shadow[key] = value;
    }
  } catch {
    // A getter that throws, or a proxy: the policy says what is left of it, by its names.
    return asMap(hashed(privacy.redact(data, column)));
  }
  const clean = asMap(hashed(privacy.redact(shadow, column)));
  return Object.fromEntries(Object.entries(clean).map(([key, value]) => [names.get(key) ?? key, value]));
}

/** In place: it is our own copy, bounded in depth and nodes. */
function hashPaths(privacy: Privacy, value: unknown): unknown {
  if (typeof value === 'string') return NOT_RELATIVE.test(value) ? privacy.hash(value, 'path') : value;
  if (typeof value !== 'object' || value === null) return value;
  const map = value as Record<string, unknown>;
  for (const key of Object.keys(map)) {
    const before = map[key];
    const after = hashPaths(privacy, before);
    if (after !== before) map[key] = after;
  }
  return value;
}

function asMap(clean: unknown): Data {
  return typeof clean === 'object' && clean !== null && !Array.isArray(clean) ? (clean as Data) : {};
}

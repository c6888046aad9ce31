import type { Privacy } from '@plimsoll/privacy';
import type { Hook } from './catalogue.ts';

type Data = Readonly<Record<string, unknown>>;

/** A path from a root, of a drive or a home, one that leaves its folder, and what has a scheme. */
const NOT_RELATIVE =
  /^(?:\/|\\\\|~[\\/]|[A-Za-z]:[\\/]|[A-Za-z][A-Za-z0-9+.-]*:\/\/)|(?:^|[\\/])\.\.(?:[\\/]|$)/;

/**
 * The one copy of a hook's data that leaves: the column of the decision table for hooks. A field that the catalogue
 * exposes is judged by its value and not by its name; a value that is a path of this machine or a URL is hashed
 * under any name.
 */
export function redactHook(privacy: Privacy, { column, shadow, names }: Hook, data: Data): Data {
  const hidden: Record<string, unknown> = {};
  try {
    for (const name of Object.keys(data)) hidden[shadow.get(name) ?? name] = data[name];
  } catch {
    // A getter that throws, or a proxy: the policy says what is left of it, by its names.
    return asMap(hashPaths(privacy, privacy.redact(data, column)));
  }
  const clean = asMap(hashPaths(privacy, privacy.redact(shadow.size > 0 ? hidden : data, column)));
  if (shadow.size === 0) return clean;
  const out: Record<string, unknown> = {};
  for (const name of Object.keys(clean)) out[names.get(name) ?? name] = clean[name];
  return out;
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

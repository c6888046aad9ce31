import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Refusal } from './refusal.ts';

export interface FlagItem {
  readonly key: string;
  readonly expect: boolean;
  readonly required: boolean;
}

export interface RouteItem {
  readonly path: string;
  readonly method: string;
  readonly required: boolean;
  /** Statuses that are right although they would not be: a 404 that says "none yet". */
  readonly statuses: readonly number[];
  /** An empty request may be sent, where nothing less tells whether it is there. */
  readonly send: boolean;
}

export interface FileItem {
  readonly path: string;
  readonly required: boolean;
}

export interface Profile {
  readonly flags: readonly FlagItem[];
  readonly routes: readonly RouteItem[];
  readonly files: readonly FileItem[];
}

type Loose = Readonly<Record<string, unknown>>;

/** A profile by its name: from the file that was named, `{ NAME: profile, … }`, else of ours. Throws `Refusal`. */
export function findProfile(name: string, conf: string | undefined): Profile {
  const given = conf === undefined ? {} : profilesOf(conf);
  const found = Object.hasOwn(given, name) ? given[name] : shipped(name);
  if (found === undefined) {
    const known = [...new Set([...Object.keys(given), ...shippedNames()])].sort();
    throw new Refusal('unknown_profile', name, `there are ${known.join(', ')}`);
  }
  return readProfile(found, name);
}

function profilesOf(path: string): Loose {
  const all = parse(path);
  if (!isObject(all)) throw new Refusal('bad_profile', path, 'not a JSON object of profiles by name');
  return all;
}

/** Beside this package's code, wherever it was built to. */
function folder(): string {
  return join(dirname(createRequire(import.meta.url).resolve('@plimsoll/cli/package.json')), 'profiles');
}

function shippedNames(): readonly string[] {
  return readdirSync(folder())
    .filter(name => name.endsWith('.json'))
    .map(name => name.slice(0, -'.json'.length));
}

function shipped(name: string): unknown {
  return shippedNames().includes(name) ? parse(join(folder(), `${name}.json`)) : undefined;
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Refusal('bad_profile', path, error instanceof SyntaxError ? 'not JSON' : 'cannot be read');
  }
}

function readProfile(value: unknown, name: string): Profile {
  const bad = (where: string): Refusal => new Refusal('bad_profile', name, where);
  if (!isObject(value)) throw bad('expected an object with flags, routes and files');
  const list = (key: string): readonly Loose[] => {
    const items = value[key] ?? [];
    if (!Array.isArray(items) || !items.every(isObject)) throw bad(`${key} is not a list of objects`);
    return items;
  };
  const text = (item: Loose, key: string, where: string): string => {
    const found = item[key];
    if (typeof found !== 'string' || found === '') throw bad(`${where} without ${key}`);
    return found;
  };
  const required = ({ required: given = true }: Loose): boolean => given !== false;
  return {
    flags: list('flags').map(item => ({
      ...{ key: text(item, 'key', 'a flag'), expect: item['expect'] === true, required: required(item) },
    })),
    routes: list('routes').map(item => ({
      ...{ path: text(item, 'path', 'a route'), required: required(item) },
      method: String(item['method'] ?? 'GET').toUpperCase(),
      send: item['send'] === true,
      statuses: Array.isArray(item['statuses']) ? item['statuses'].map(Number) : [],
    })),
    files: list('files').map(item => ({ path: text(item, 'path', 'a file'), required: required(item) })),
  };
}

export const isObject = (value: unknown): value is Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

import { nearest } from './nearest.ts';
import { isObject } from './parse.ts';

export interface Flat {
  /** Option key to raw value, in the order written. */
  readonly values: ReadonlyMap<string, unknown>;
  /** What is no option, with what may have been meant. */
  readonly unknown: readonly { readonly key: string; readonly nearest: string | undefined }[];
  /** Groups that hold something other than an object. */
  readonly notGroups: readonly string[];
}

/** Turns `{ log: { level: 'debug' } }` into `log.level`, against the keys that exist. */
export function flatten(source: Readonly<Record<string, unknown>>, keys: ReadonlySet<string>): Flat {
  const groups = new Set(
    [...keys].filter(key => key.includes('.')).map(key => key.slice(0, key.lastIndexOf('.'))),
  );
  const values = new Map<string, unknown>();
  const unknown: { key: string; nearest: string | undefined }[] = [];
  const notGroups: string[] = [];
  const walk = (object: Readonly<Record<string, unknown>>, prefix: string): void => {
    for (const [name, value] of Object.entries(object)) {
      const key = prefix + name;
      if (keys.has(key)) {
        if (value !== undefined) values.set(key, value);
      } else if (!groups.has(key)) {
        unknown.push({ key, nearest: nearest(key, keys) ?? nearest(key, groups) });
      } else if (isObject(value)) {
        walk(value, `${key}.`);
      } else if (value !== undefined) {
        notGroups.push(key);
      }
    }
  };
  walk(source, '');
  return { values, unknown, notGroups };
}

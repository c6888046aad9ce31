/** What JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * What takes the place of a value that differs from run to run. A rule applies to values of its type alone: where a
 * number stands for a time, a text in its place is still found. It needs every condition that it names; the first
 * rule that applies wins. An item of a list has the key of its list.
 */
export interface GoldenRule {
  readonly type: 'text' | 'number';
  /** Names of members. */
  readonly keys?: readonly string[];
  /** A regular expression for the text, or for the number in decimal. */
  readonly match?: string;
  /** What stands there instead, such as `<timestamp>`. */
  readonly to: string;
}

export interface GoldenRules {
  /** Placeholder → folder: `{ '<runtime>': root }`. Of two that fit, the longer wins, whatever their order. */
  readonly paths?: Readonly<Record<string, string>>;
  /** In order; after the paths. */
  readonly values?: readonly GoldenRule[];
}

/** The value as its JSON text would carry it, with sorted keys, and with what the rules say in place of what varies. */
export function normalise(value: unknown, rules: GoldenRules = {}): Json {
  const text = JSON.stringify(value) ?? 'null';
  const walk = new Walk(rules);
  return walk.value(JSON.parse(text) as Json, '');
}

interface Compiled {
  readonly rule: GoldenRule;
  readonly keys: ReadonlySet<string> | undefined;
  readonly match: RegExp | undefined;
}

class Walk {
  readonly #rules: readonly Compiled[];
  readonly #replace: (text: string) => string;

  constructor({ paths = {}, values = [] }: GoldenRules) {
    this.#replace = pathReplacer(paths);
    this.#rules = values.map(rule => ({
      rule,
      keys: rule.keys && new Set(rule.keys),
      match: rule.match === undefined ? undefined : new RegExp(rule.match, 'u'),
    }));
  }

  value(value: Json, key: string): Json {
    if (typeof value === 'string') {
      const text = this.#replace(value);
      return this.#instead('text', key, text) ?? text;
    }
    if (typeof value === 'number') return this.#instead('number', key, String(value)) ?? value;
    if (value === null || typeof value === 'boolean') return value;
    if (Array.isArray(value)) return value.map(item => this.value(item as Json, key));
    return this.#object(value as Readonly<Record<string, Json>>);
  }

  #object(value: Readonly<Record<string, Json>>): Json {
    // Without a prototype, so that a member called __proto__ is one like any other.
    const sorted: Record<string, Json> = Object.create(null);
    for (const key of Object.keys(value).sort()) sorted[key] = this.value(value[key]!, key);
    return sorted;
  }

  #instead(type: GoldenRule['type'], key: string, text: string): string | undefined {
    for (const { rule, keys, match } of this.#rules) {
      if (rule.type !== type) continue;
      if (keys !== undefined && !keys.has(key)) continue;
      if (match === undefined || match.test(text)) return rule.to;
    }
    return undefined;
  }
}

/** In one pass over the text, so that no placeholder is looked into; `/a/b` is not found in `/a/bc`. */
function pathReplacer(paths: Readonly<Record<string, string>>): (text: string) => string {
  const known = Object.entries(paths)
    .map(([placeholder, path]) => [path.replace(/[/\\]+$/, ''), placeholder] as const)
    .filter(([path]) => path.length > 1)
    .sort(([a], [b]) => b.length - a.length);
  if (known.length === 0) return text => text;
  const placeholders = new Map(known);
  const escaped = known.map(([path]) => path.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'));
  const pattern = new RegExp(
    `(?<![\\p{L}\\p{N}._~-])(?:${escaped.join('|')})(?![\\p{L}\\p{N}_~-]|\\.\\w)`,
    'gu',
  );
  return text => text.replace(pattern, path => placeholders.get(path) ?? path);
}

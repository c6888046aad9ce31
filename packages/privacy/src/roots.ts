/** A folder that stands for itself in a dump: what is below it is shown as `<name>/…`. */
export interface Root {
  readonly name: string;
  /** Absolute. */
  readonly path: string;
}

/** Writes places below known folders as `<name>/…`, wherever they stand in a text. */
export type Rooted = (text: string) => string;

/** Somebody's home, whether or not it is ours: its last part is a person's name. */
const HOMES = /(?:file:\/\/)?(?:(?<![\w.-])\/(?:home|Users)|\b[A-Za-z]:[\\/]Users)[\\/][^\s/\\:'"<>|)]+/g;
/** What may follow a folder's name in a text without being part of it. */
const END = '(?![\\w.%-])|(?=\\.(?:\\s|$))';

/** `roots` is asked once, with the first text. The longest folder wins where one is inside another. */
export function rooted(roots: () => readonly Root[]): Rooted {
  let known: readonly (readonly [RegExp, string])[] | undefined;
  return text => {
    if (!text.includes('/') && !text.includes('\\')) return text;
    known ??= patterns(roots());
    let out = text;
    for (const [pattern, name] of known) out = out.replace(pattern, name);
    return out.replace(HOMES, '<home>');
  };
}

function patterns(roots: readonly Root[]): readonly (readonly [RegExp, string])[] {
  return roots
    .map(({ name, path }) => ({ name, path: path.replace(/[/\\]+$/, '') }))
    .filter(({ path }) => path.length > 1)
    .sort((a, b) => b.path.length - a.path.length)
    .map(({ name, path }) => {
      // In a URL blanks and the like are escaped; on Windows a URL has slashes and one more in front.
      const forms = new Set([path, encodeURI(path), encodeURI(path.replaceAll('\\', '/'))]);
      const any = [...forms].map(form => form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
      return [new RegExp(`(?:file:///?(?=[/A-Za-z]))?(?<![\\w.-])(?:${any})(?:${END})`, 'g'), `<${name}>`];
    });
}

/** The same plain value with every text in it, names included, passed through `change`. */
export function mapText(value: unknown, change: Rooted): unknown {
  if (typeof value === 'string') return change(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(item => mapText(item, change));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [change(key), mapText(inner, change)]),
  );
}

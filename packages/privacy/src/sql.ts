const MAX_STATEMENT = 1024;
/** Looked at before the cut, so that a literal across it is whole. */
const MAX_INPUT = 4096;

/**
 * Everything in a statement that is not its shape: comments, quoted strings, dollar-quoted strings, numbers.
 * Double quotes are identifiers, except where a database reads them as strings; then their content is personal too,
 * so identifiers with anything but word characters in quotes are replaced as well.
 */
const LITERALS =
  /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\$([A-Za-z_]\w*)?\$[\s\S]*?(?:\$\1\$|$)|[EBXN]?'(?:[^'\\]|''|\\[\s\S])*(?:'|$)|"(?:[^"\\]|""|\\[\s\S])*(?:"|$)|(?<![\w$.:])[+-]?(?:0x[0-9a-f]+|\d+(?:\.\d*)?(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)(?!\w)/gi;
const IDENTIFIER = /^"\w{1,63}"$/;

/** The statement's shape for `db.query.text`: literals are `?`, comments are gone, lists of values are one. */
export function sanitizeSql(text: string): string {
  const shape = text.slice(0, MAX_INPUT).replace(LITERALS, match => {
    if (match.startsWith('--') || match.startsWith('/*')) return ' ';
    return IDENTIFIER.test(match) ? match : '?';
  });
  const short = shape
    .replace(/\s+/g, ' ')
    .replace(/\(\s*\?(?:\s*,\s*\?)+\s*\)/g, '(?)')
    .replace(/\(\?\)(?:\s*,\s*\(\?\))+/g, '(?)')
    .trim();
  return short.length > MAX_STATEMENT ? `${short.slice(0, MAX_STATEMENT)}…` : short;
}

const MAX_STATEMENT = 1024;
/** Looked at before the cut, so that a literal across it is whole. */
const MAX_INPUT = 4096;

const COMMENT = String.raw`--[^\n]*|(?<=^|\s)#(?![>-])[^\n]*|\/\*(?:(?!\/\*)[\s\S])*?(?:\*\/|$)|\/\*[\s\S]*\*\/|\/\*[\s\S]*$`;
const DOLLARS = String.raw`\$([A-Za-z_]\w*)?\$[\s\S]*?(?:\$\1\$|$)`;
/** Databases disagree on `\'`, so after one the rest of the statement may be text, and goes. Not so in `E'…'`. */
const STRINGS = [
  String.raw`\bE'(?:[^'\\]|''|\\[\s\S])*(?:'|$)`,
  String.raw`(?:\b[BXNU]&?)?'(?:[^'\\]|''|\\[^'])*(?:'|$)`,
  String.raw`'[\s\S]*$`,
  String.raw`"(?:[^"\\]|""|\\[^"])*(?:"|$)`,
  String.raw`"[\s\S]*$`,
].join('|');
const NUMBERS = String.raw`(?<![\w$.:])[+-]?(?:0x[0-9a-f]+|\d+(?:\.\d*)?(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)(?!\w)`;
const NOT_SHAPE = new RegExp(`${COMMENT}|${DOLLARS}|${STRINGS}|${NUMBERS}`, 'gi');

const IDENTIFIER = /^"\w{1,63}"$/;
/** Double quotes are names, but text in MySQL: here a value is due. */
const BEFORE_VALUE = /(?:[=<>]|\b(?:like|ilike|rlike|regexp)|\b(?:in|values) ?\(|\?,)\s{0,3}$/i;
const AFTER_NAME = /^\s{0,3}[.=<>]/;

const VALUE = String.raw`(?:\?|\$\d{1,5}|:\w{1,64}|%s)`;
const IN_LIST = new RegExp(String.raw`\b(in) ?\( ?${VALUE}(?: ?, ?${VALUE})* ?\)`, 'gi');

/** The statement's shape for `db.query.text`: literals are `?`, comments are gone, lists of values are one. */
export function sanitizeSql(text: string): string {
  const given = text.slice(0, MAX_INPUT);
  let shape = '';
  let done = 0;
  for (const match of given.matchAll(NOT_SHAPE)) {
    const [found] = match;
    shape += given.slice(done, match.index);
    done = match.index + found.length;
    if (isComment(found)) shape += ' ';
    else shape += IDENTIFIER.test(found) && isName(shape, given.slice(done, done + 4)) ? found : '?';
  }
  const short = (shape + given.slice(done))
    .replace(/\s+/g, ' ')
    .replace(IN_LIST, '$1 (?)')
    .replace(/\(\s?\?(?:\s?,\s?\?)+\s?\)/g, '(?)')
    .replace(/\(\?\)(?:\s?,\s?\(\?\))+/g, '(?)')
    .trim();
  return short.length > MAX_STATEMENT ? `${short.slice(0, MAX_STATEMENT)}…` : short;
}

function isComment(found: string): boolean {
  return found.startsWith('--') || found.startsWith('#') || found.startsWith('/*');
}

function isName(before: string, after: string): boolean {
  return AFTER_NAME.test(after) || !BEFORE_VALUE.test(before.slice(-16));
}

/** Of a Redis command the name alone: its keys are made of ids, `presence:u-17`, as often as not. */
export function redisCommand(statement: string): string {
  const name = /^\s*([a-z._]{1,32})(\s|$)/i.exec(statement);
  if (name === null) return '?';
  return statement.trim() === name[1] ? name[1] : `${name[1]} ?`;
}

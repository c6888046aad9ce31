import { classifyKey, type KeyClass } from './keys.ts';

/** A name and what assigns to it, in code, JSON (JSON inside JSON too), headers, cookies and query strings. */
const NAME = /(?<![\w.-])([A-Za-z_][\w.-]{1,127})(\\{0,3}["']?\s{0,2}(?:=(?!=)|:(?!\/\/)|%3D)\s{0,2})/gi;
/** A name without any of these is never personal: most names in prose end here, before they are classified. */
const HINT =
  /pass|pwd|pw$|pin|otp|secret|token|cookie|jwt|auth|bearer|cred|key|cs?rf|dsn|mnemonic|cvv|cvc|card|conn|ur[il]|\wcode|phrase|link|one_?time|lat|lon|lng|geo|gps|coord|accuracy|altitude|body|payload|caption|prompt|content|transcript|utterance|comment|text|query|search|\wmessage|messages|user|account|author|session|member|customer|owner|person|subscriber|visitor|patient|employee|device|player|sender|recipient|contact|profile|handset|mail|phone|msisdn|fax|mobile|cell|whatsapp|ip(?:v[46])?$|[._-]ip|ip[A-Z_]|serial|ime?i|imsi|meid|udid|idfa|aid$|ssn|iban|birth|dob|\wname|finger|addr|login|sub$|[us]id$|forwarded|hardware|machine|_id|plate/i;

const QUOTED = /\\{0,3}(["'])/y;
const REST_OF_LINE = /[^\r\n]{1,4096}/y;
const BARE = /(?:(?:bearer|basic|digest|negotiate)\s{1,2})?[^\s"',;&)\]}<>\\]{1,4096}/iy;
const LIST = /\[\s{0,4}(?:\\{0,3}"[^\]]{0,4096}(?:\]|$)|\d[\d.,\s]{0,256}\])/y;
/** For names in the plural: `userIds=1,2`. */
const BARE_LIST = /[^\s"',;&)\]}<>\\]{1,4096}(?:,[^\s"',;&)\]}<>\\]{1,4096}){0,256}/y;
/** What another detector left. */
const MARK = /\[[A-Za-z0-9_ ]{2,32}\]/y;
const NOTHING = /^(?:true|false|null|undefined|none|nil|yes|no|ok)$/i;
/** A statement's parameter. */
const PLACEHOLDER = /^(?:\?+|\$\d{1,5}|:\w{1,64}|%s)$/;
const NUMBER = /^[+-]?\d+(?:\.\d+)?$/;
/** In prose these come before what is no secret: `unexpected token: identifier`. */
const LOOSE = new Set(['token', 'auth', 'pass', 'pin', 'pw', 'cookie', 'bearer', 'key']);
const HEAD = 64;
const WHOLE_LINE = /(?:^|-)(?:cookie|authorization)$/i;

/** `password=…` and its like: the value is judged by its name, as the field of that name would be. */
export function assignments(text: string): string {
  let out = '';
  let done = 0;
  const known = new Map<string, KeyClass>();
  NAME.lastIndex = 0;
  for (let match = NAME.exec(text); match !== null; match = NAME.exec(text)) {
    const [whole, name = '', separator = ''] = match;
    // `Error:` begins half of all texts that have a colon.
    if (name.endsWith('rror') || !HINT.test(name)) continue;
    const key = known.get(name) ?? classifyKey(name);
    known.set(name, key);
    if (!isPersonal(key)) continue;
    const at = match.index + whole.length;
    if (isProse(key, separator, text.slice(at, at + HEAD))) continue;
    const found = valueAt(text, at, { name, separator });
    if (found === undefined || isHarmless({ ...found, key, name, separator })) continue;
    out += text.slice(done, found.from) + (key.class === 'position' ? '[position]' : '[redacted]');
    done = found.to;
    NAME.lastIndex = found.to;
  }
  return done === 0 ? text : out + text.slice(done);
}

function isPersonal(key: KeyClass): boolean {
  return ['credential', 'content', 'identifier', 'position'].includes(key.class);
}

/** Seen at its head, so that a long run of such names is not read once for each. */
function isProse(key: KeyClass, separator: string, head: string): boolean {
  if (/^[\\"'[]/.test(head)) return false;
  if (key.class === 'position') return !/^[^\s,;&]*\d/.test(head);
  // `user_id = u.id` is a join, and `session: expired` a sentence.
  if (!/[:\s]/.test(separator)) return false;
  return key.class === 'content' || (key.class === 'identifier' && !/^[^\s,;&]*[\d@]/.test(head));
}

interface Value {
  readonly from: number;
  readonly to: number;
  readonly quoted: boolean;
  readonly value: string;
}

function valueAt(text: string, at: number, on: { name: string; separator: string }): Value | undefined {
  if (matchAt(MARK, text, at) !== undefined) return undefined;
  const open = matchAt(QUOTED, text, at);
  if (open !== undefined) return quotedAt(text, at + open.length, open);
  const list = matchAt(LIST, text, at);
  const isLine = WHOLE_LINE.test(on.name) && on.separator.includes(':');
  const bare = isLine ? REST_OF_LINE : on.name.endsWith('s') ? BARE_LIST : BARE;
  const value = list ?? matchAt(bare, text, at);
  if (value === undefined) return undefined;
  return { from: at, to: at + value.length, quoted: list !== undefined, value };
}

/** To the same quote, escaped as the first is; without one, to the end: a text that was cut is still a secret's. */
function quotedAt(text: string, from: number, open: string): Value {
  const escaped = open.length > 1;
  let to = text.indexOf(open, from);
  while (!escaped && to > 0 && isEscaped(text, to)) to = text.indexOf(open, to + 1);
  if (to < 0) to = text.length;
  return { from, to, quoted: true, value: text.slice(from, to) };
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text.charCodeAt(at - 1 - slashes) === 0x5c) slashes += 1;
  return slashes % 2 === 1;
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function isHarmless(found: Value & { key: KeyClass; name: string; separator: string }): boolean {
  const { key, value, quoted } = found;
  if (value === '' || NOTHING.test(value) || PLACEHOLDER.test(value)) return true;
  const number = NUMBER.test(value);
  if (number && key.keepNumbers) return true;
  if (key.class === 'position') return !/\d/.test(value);
  if (quoted) return false;
  return (
    key.class === 'credential' &&
    found.separator.includes(':') &&
    LOOSE.has(found.name.toLowerCase()) &&
    value.length < 16 &&
    !/\d/.test(value)
  );
}

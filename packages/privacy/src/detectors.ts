/** One function per class of value. The words they leave are stable: tests, docs and searches know them. */

const KEY_BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/;
const KEY_END = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/;

/** PEM blocks; one without an end is cut to the end of the text. */
export function privateKeys(text: string): string {
  let out = '';
  let rest = text;
  for (;;) {
    const begin = KEY_BEGIN.exec(rest);
    if (begin === null) return out + rest;
    out += `${rest.slice(0, begin.index)}[private_key]`;
    rest = rest.slice(begin.index + begin[0].length);
    const end = KEY_END.exec(rest);
    if (end === null) return out;
    rest = rest.slice(end.index + end[0].length);
  }
}

const LOGIN = /([a-z][a-z0-9+.-]{1,30}:\/\/)[^\s/?#"'<>]{1,512}(?:@|%40)/gi;
/** A password with a slash in it: what follows the colon is no port. */
const LOGIN_WITH_SLASH =
  /([a-z][a-z0-9+.-]{1,30}:\/\/)[^\s/?#"'<>:@]{0,128}:(?!\d{1,5}\/)[^\s"'<>@]{1,512}@/gi;

/** `scheme://user:password@host`. */
export function logins(text: string): string {
  return text.replace(LOGIN, '$1[redacted]@').replace(LOGIN_WITH_SLASH, '$1[redacted]@');
}

const QUERY = /((?:https?|wss?):\/\/[^\s?#"'<>]{1,2048})\?[^\s"'<>)\]]{1,4096}/gi;

/** What stands after `?` in a URL: a person's words, or a signature. */
export function queries(text: string): string {
  return text.replace(QUERY, '$1?…');
}

const SCHEME = /\b(bearer|basic|digest)\s{1,4}([A-Za-z0-9._~+/=-]{6,4096})/gi;

/** `Bearer …` and `Basic …`. */
export function bearers(text: string): string {
  return text.replace(SCHEME, (all, scheme: string, value: string) =>
    isToken(value) ? `${scheme} [redacted]` : all,
  );
}

/** Words follow `basic` in prose, so a token must look like one. */
function isToken(value: string): boolean {
  if (value.length >= 20 || /[0-9=]/.test(value) || /^[a-f]{12,}$/i.test(value)) return true;
  return /[a-z]/.test(value) && /[A-Z]/.test(value.slice(1));
}

const EMAIL =
  /(?<![\p{L}\p{N}._%+'-])([\p{L}\p{N}._%+'-]{1,128})(?:@|%40)((?:[\p{L}\p{N}-]{1,63}\.){1,8})(\p{L}{2,24}|xn--[a-z0-9-]{1,59})(?![\p{L}\p{N}_])/gu;
/** `icon@2x.png` and `chunk@1.2.3.min.js` are files; an address with an ending behind it is still one. */
const FILES = /^(?:png|jpe?g|gif|svg|webp|avif|ico|[cm]?[jt]sx?|css|json|map|html?)$/i;
const FILE_HOST = /^(?:[^.]*\.|(?:\d[^.]*\.)+(?:min\.)?)$/;

export function emails(text: string): string {
  // `git@host:path` is how a repository is written.
  return text.replace(EMAIL, (all, local: string, host: string, last: string) =>
    local === 'git' || (FILES.test(last) && FILE_HOST.test(host)) ? all : '[email]',
  );
}

const CARD = /(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-]|\.\d)/g;
/** Issuers' prefixes with the lengths that they give out. */
const ISSUERS: readonly (readonly [RegExp, readonly number[]])[] = [
  [/^4/, [13, 16, 19]],
  [/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]],
  [/^3[47]/, [15]],
  [/^(?:6011|64[4-9]|65)/, [16, 19]],
  [/^35(?:2[89]|[3-8])/, [16, 19]],
  [/^3(?:0[0-5]|[68])/, [14, 16]],
  [/^62/, [16, 17, 18, 19]],
];

export function cards(text: string): string {
  return text.replace(CARD, match => {
    const digits = match.replace(/[ -]/g, '');
    const issued = ISSUERS.some(
      ([prefix, lengths]) => prefix.test(digits) && lengths.includes(digits.length),
    );
    return issued && luhn(digits) ? '[card]' : match;
  });
}

function luhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

const NUMBER = String.raw`[+-]?\d{1,3}\.\d{3,15}`;
const COMPASS = String.raw`(?:\s?°)?(?:\s?[NSEW](?![A-Za-z]))?`;
const PAIR = new RegExp(
  String.raw`(?<![\w.-])(${NUMBER})${COMPASS}\s{0,2}(?:[,;/|]|%2C| )\s{0,2}(${NUMBER})${COMPASS}(?![\w]|\.\d)`,
  'gi',
);

/** A latitude and a longitude, in either order, with three decimals or more (100 m). */
export function coordinates(text: string): string {
  return text.replace(PAIR, (all, one: string, other: string) => {
    const first = Math.abs(Number(one));
    const second = Math.abs(Number(other));
    return Math.min(first, second) <= 90 && Math.max(first, second) <= 180 ? '[position]' : all;
  });
}

const POSITION_WORD = /[lL](?:[aA][tT]|[oO][nN]|[nN][gG])/;
const NAMED_POSITION =
  /\b(lat(?:itude)?|lon(?:g|gitude)?|lng)(["']?[\s=:]{1,3}["']?)[+-]?\d{1,3}\.\d{1,15}/gi;

/** A number that says that it is a latitude or a longitude. */
export function namedPositions(text: string): string {
  if (!POSITION_WORD.test(text)) return text;
  return text.replace(NAMED_POSITION, '$1$2[position]');
}

const WHO = '(?:user|account|device|session|author|member|customer|owner|sender|recipient)';
// `users: 1500` is a count, so many are somebody's only in a path, or as ids.
const BEFORE = String.raw`${WHO}(?:s?\/| ?[ #'"(]|s?[ _-]?ids? ?[ #=:'"(]{1,2})['"]?`;
const SOMEBODY = String.raw`\d{3,20}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=[A-Za-z]{0,15}\d)[0-9A-Za-z]{16,64}`;
const PERSON_ID = new RegExp(String.raw`\b(${BEFORE})(?:${SOMEBODY})(?![\w-]|[.,:]\d)`, 'gi');
const PERSON_WORD = /user|account|device|session|author|member|customer|owner|sender|recipient/i;

/** `user 48213`, `/users/48213`: whose number it is stands before it. */
export function personIds(text: string): string {
  if (!PERSON_WORD.test(text)) return text;
  return text.replace(PERSON_ID, '$1[id]');
}

// With a plus sign, or in the groups that people write; a bare run of digits is a number.
const PHONE =
  /(?<![\w+.-])\+\d{1,3}(?:[ ./-]?\(?\d{1,5}\)?){2,6}(?![\w]|\.\d)|(?<![\w.-])(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}(?![\w-]|\.\d)|(?<![\w.-])0\d{2,4}[ /-]\d{5,8}(?![\w-]|\.\d)/g;

export function phones(text: string): string {
  return text.replace(PHONE, match => {
    const digits = match.replace(/\D/g, '').length;
    return digits >= 8 && digits <= 15 ? '[phone]' : match;
  });
}

/**
 * Secrets and personal values inside text, whatever field it stands in. One pass over the characters sets trigger
 * bits; an expression runs only when its trigger was seen, so clean text costs about a nanosecond a character.
 * Every expression is bounded, and none nests a repetition in a repetition over the same characters.
 */
import { assignments } from './assigned.ts';
import {
  bearers,
  cards,
  coordinates,
  emails,
  logins,
  namedPositions,
  personIds,
  phones,
  privateKeys,
  queries,
} from './detectors.ts';
import { capitalKeys, endsHint, HINT_TAILS, jwts, telegramTokens, vendorKeys } from './vendors.ts';

const AT = 1;
const URL_SCHEME = 2;
const DASHES = 4;
const JWT = 8;
const BEARER = 16;
const ASSIGNMENT = 32;
const VENDOR = 64;
const PERCENT = 128;
const CAPITAL = 256;
const TELEGRAM = 512;
const PLUS = 1024;
const ID = 2048;

/** Classes of characters. Letters have none, so that prose takes the shortest way through the loop. */
const DIGIT = 1;
/** Says nothing alone: `special` looks around it. */
const SPECIAL = 2;
/** What may stand between the digits of a card or a phone number. */
const JOIN = 4;

const CLASSES = new Uint8Array(128);
mark(CLASSES, '0123456789', DIGIT);
mark(CLASSES, '@:=JA%/+-_.', SPECIAL);
mark(CLASSES, ' -.()+', JOIN);

/** What stands before the delimiter that ends a vendor's hint, with the delimiter's own bit. */
const TAILS = new Uint8Array(128);
const DELIMITERS = '-_.';
for (const [before, delimiter] of HINT_TAILS) {
  mark(TAILS, before + before.toUpperCase(), 1 << DELIMITERS.indexOf(delimiter));
}

const BEFORE_ID = new Uint8Array(128);
mark(BEFORE_ID, ' "#\'(/:=', 1);

function mark(table: Uint8Array, chars: string, flag: number): void {
  for (const char of chars) table[char.charCodeAt(0)] = (table[char.charCodeAt(0)] as number) | flag;
}

/** Looked for by itself: a space is too common to be a trigger. */
const SCHEME = /(?:bearer|basic|digest)\s/i;
/** Prose without any of these has nothing to find: one look by the expression's own loop, 0.15 ns a character. */
const TRIGGER = /[@:=%_.AJ+-]|\d\D*\d\D*\d/;
/** Below it the loop is done before an expression has started. */
const SHORT = 20;
const MIN_BEARER = 13;
const MIN_PHONE_DIGITS = 8;
const MIN_CARD_DIGITS = 13;
const MIN_ID_DIGITS = 3;
/** Longer text is cut: what was not looked at is not let out. */
const MAX_TEXT = 65_536;
/** Percent-encoded twice is what a query in a query is. */
const MAX_DECODED = 2;

/** The text with every find replaced by its word in brackets; the same string when there is none. */
export function scan(text: string): string {
  return look(text, MAX_DECODED);
}

function look(text: string, decodings: number): string {
  if (text.length > MAX_TEXT) return `${look(text.slice(0, MAX_TEXT), decodings)}…`;
  let bits = text.length >= MIN_BEARER && SCHEME.test(text) ? BEARER : 0;
  if (text.length > SHORT && !TRIGGER.test(text)) return bits === 0 ? text : bearers(text);
  if (isUuid(text)) return text;
  let digits = 0;
  let joined = 0;
  let longest = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const kind = code < 128 ? (CLASSES[code] as number) : 0;
    if (kind === DIGIT) {
      if (joined === 0) bits |= beforeDigit(text, i);
      digits += 1;
      joined += 1;
      continue;
    }
    if ((kind & SPECIAL) !== 0) bits |= special(text, i, code);
    if ((kind & JOIN) === 0) {
      if (joined > longest) longest = joined;
      joined = 0;
    }
  }
  if (joined > longest) longest = joined;
  if ((bits & ~(PLUS | ID)) === 0 && digits < MIN_ID_DIGITS) return text;
  if ((bits & PERCENT) !== 0 && decodings > 0) {
    const plain = decoded(text);
    const clean = plain === text ? plain : look(plain, decodings - 1);
    // An encoded secret comes out decoded and without it; encoded text that has none stays as it is.
    if (clean !== plain) return clean;
  }
  return detect(text, bits, { digits, longest });
}

/** ASCII only: what is not, is in no expression's separators. */
function decoded(text: string): string {
  return text.replace(/%([2-7][0-9a-f])/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function special(text: string, i: number, code: number): number {
  switch (code) {
    case 0x2d: // -
      if (text.charCodeAt(i - 1) === 0x2d) return text.startsWith('----', i - 4) ? DASHES : 0;
      // `token sk-proj-…` has its dashes where a UUID has them.
      return (isUuidAt(text, i - 8) ? ID : 0) | (isTail(text, i, 1) && endsHint(text, i) ? VENDOR : 0);
    case 0x5f: // _
      return isTail(text, i, 2) && endsHint(text, i) ? VENDOR : 0;
    case 0x2e: // .
      return isTail(text, i, 4) && endsHint(text, i) ? VENDOR : 0;
    case 0x3a: // :
      if (text.charCodeAt(i - 1) === 0x2f) return 0; // /:id
      return isDigit(text.charCodeAt(i - 1)) ? afterDigit(text, i) : ASSIGNMENT;
    case 0x3d: // =
      return ASSIGNMENT;
    case 0x2f: // the second slash of ://
      return text.charCodeAt(i - 1) === 0x2f && text.charCodeAt(i - 2) === 0x3a ? URL_SCHEME : 0;
    case 0x40: // @
      return AT;
    case 0x25: // %
      return PERCENT | ASSIGNMENT;
    case 0x2b: // +
      return PLUS;
    case 0x41: // A of AKIA and AIza
      return text.startsWith('Iza', i + 1) || text.startsWith('A', i + 3) ? CAPITAL : 0;
    default: // J of eyJ
      return text.startsWith('ey', i - 2) ? JWT : 0;
  }
}

function isTail(text: string, i: number, delimiter: number): boolean {
  const before = text.charCodeAt(i - 1);
  return before < 128 && ((TAILS[before] as number) & delimiter) !== 0;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** A number after a space, a slash or a mark may be somebody's. */
function beforeDigit(text: string, i: number): number {
  const before = text.charCodeAt(i - 1);
  return before < 128 && BEFORE_ID[before] === 1 ? ID : 0;
}

/** A UUID that begins with a letter: its first dash, with something before its head, and its second. */
function isUuidAt(text: string, start: number): boolean {
  return start > 0 && text.charCodeAt(start + 13) === 0x2d && text.charCodeAt(start - 1) < 0x30;
}

/** A UUID alone in its text, the commonest value that has many digits. */
function isUuid(text: string): boolean {
  return text.length === 36 && text.charCodeAt(8) === 0x2d && UUID.test(text);
}
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Times and ports have a digit before their colon, and so have the names of few settings. */
function afterDigit(text: string, i: number): number {
  let digits = 1;
  while (digits < 6 && isDigit(text.charCodeAt(i - 1 - digits))) digits += 1;
  if (digits === 6) return TELEGRAM | ASSIGNMENT;
  const before = text.charCodeAt(i - 1 - digits) | 0x20;
  // The T of a date and time.
  if (before === 0x74 && isDigit(text.charCodeAt(i - 2 - digits))) return 0;
  return (before >= 0x61 && before <= 0x7a) || before === 0x7f ? ASSIGNMENT : 0;
}

/** In this order: what names itself first, then what a name says, then what only looks like something. */
function detect(
  text: string,
  bits: number,
  { digits, longest }: { digits: number; longest: number },
): string {
  let out = text;
  if ((bits & DASHES) !== 0) out = privateKeys(out);
  if ((bits & URL_SCHEME) !== 0) {
    if ((bits & (AT | PERCENT)) !== 0) out = logins(out);
    if (out.includes('?')) out = queries(out);
  }
  if ((bits & VENDOR) !== 0) out = vendorKeys(out);
  if ((bits & TELEGRAM) !== 0) out = telegramTokens(out);
  if ((bits & CAPITAL) !== 0) out = capitalKeys(out);
  if ((bits & JWT) !== 0) out = jwts(out);
  if ((bits & ASSIGNMENT) !== 0) out = assignments(out);
  if ((bits & BEARER) !== 0) out = bearers(out);
  if ((bits & (AT | PERCENT)) !== 0) out = emails(out);
  if (longest >= MIN_CARD_DIGITS) out = cards(out);
  if (digits >= MIN_PHONE_DIGITS && out.indexOf('.') !== out.lastIndexOf('.')) out = coordinates(out);
  if (longest >= MIN_PHONE_DIGITS && ((bits & PLUS) !== 0 || longest > MIN_PHONE_DIGITS)) out = phones(out);
  if (digits >= MIN_ID_DIGITS && out.includes('.')) out = namedPositions(out);
  if (digits >= MIN_ID_DIGITS && (bits & ID) !== 0) out = personIds(out);
  return out;
}

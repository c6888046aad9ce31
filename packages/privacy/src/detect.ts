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
const BREAK = 2048;

/** Classes of characters: the low bits are flags of the loop, `SPECIAL` asks `special`. */
const DIGIT = 1;
const TOKEN = 2;
const SPECIAL = 4;
/** What may stand between the digits of a card or a phone number. */
const JOIN = 8;
/** Ends the head of a vendor's key, or `bearer`. */
const DELIMITER = 16;
const TAIL = 32;

const CLASSES = new Uint8Array(128);
function mark(chars: string, flag: number): void {
  for (const char of chars) CLASSES[char.charCodeAt(0)] = (CLASSES[char.charCodeAt(0)] as number) | flag;
}
mark('0123456789', DIGIT | TOKEN);
mark('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-', TOKEN);
mark('@:=J%/+', SPECIAL);
mark(' -.()+', JOIN);
mark(' -_.', DELIMITER);
// bearer, basic, digest; ----
mark(`rRcCtT-${HINT_TAILS.join('')}${HINT_TAILS.join('').toUpperCase()}`, TAIL);

/** AKIA and AIza keys are longer than this. */
const LONG = 16;
const MIN_PHONE_DIGITS = 8;
const MIN_CARD_DIGITS = 13;
const MIN_ID_DIGITS = 3;
/** Longer text is cut: what was not looked at is not let out. */
const MAX_TEXT = 65_536;

/** The text with every find replaced by its word in brackets; the same string when there is none. */
export function scan(text: string): string {
  if (text.length > MAX_TEXT) return `${scan(text.slice(0, MAX_TEXT))}…`;
  let bits = 0;
  let digits = 0;
  let run = 0;
  let joined = 0;
  let longest = 0;
  let previous = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const kind = code < 128 ? (CLASSES[code] as number) : 0;
    if ((kind & TOKEN) === 0) run = 0;
    else if (++run === LONG && text.charCodeAt(i - LONG + 1) === 0x41) bits |= CAPITAL;
    if ((kind & DIGIT) !== 0) {
      digits += 1;
      joined += 1;
    } else if (joined !== 0 && (kind & JOIN) === 0) {
      if (joined > longest) longest = joined;
      joined = 0;
    }
    if ((kind & SPECIAL) !== 0) bits |= special(text, i, code);
    else if ((kind & DELIMITER) !== 0) {
      if (code === 0x20) bits |= BREAK;
      if ((previous & TAIL) !== 0) bits |= delimited(text, i, code);
    }
    previous = kind;
  }
  if (joined > longest) longest = joined;
  if ((bits & ~BREAK) === 0 && digits < MIN_ID_DIGITS) return text;
  return detect(text, bits, { digits, longest });
}

function special(text: string, i: number, code: number): number {
  switch (code) {
    case 0x40: // @
      return AT;
    case 0x25: // %
      return PERCENT | ASSIGNMENT;
    case 0x2b: // +
      return PLUS;
    case 0x2f: // the second slash of ://
      return text.charCodeAt(i - 1) === 0x2f && text.charCodeAt(i - 2) === 0x3a ? URL_SCHEME | BREAK : BREAK;
    case 0x3a: // :
      return isDigit(text.charCodeAt(i - 1)) ? afterDigit(text, i) : ASSIGNMENT;
    case 0x3d: // =
      return ASSIGNMENT;
    default: // J of eyJ
      return text.startsWith('ey', i - 2) ? JWT : 0;
  }
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

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

function delimited(text: string, i: number, code: number): number {
  if (code === 0x20) return endsScheme(text, i) ? BEARER : 0;
  if (code === 0x2d && text.charCodeAt(i - 1) === 0x2d) return text.startsWith('----', i - 4) ? DASHES : 0;
  return endsHint(text, i) ? VENDOR : 0;
}

/** After `bearer`, `basic` or `digest`: two characters decide for nearly every space. */
function endsScheme(text: string, i: number): boolean {
  const last = text.charCodeAt(i - 1) | 0x20;
  const second = text.charCodeAt(i - 2) | 0x20;
  const third = text.charCodeAt(i - 3) | 0x20;
  if (last === 0x72) return second === 0x65 && third === 0x72;
  if (last === 0x63) return second === 0x69 && third === 0x73;
  return last === 0x74 && second === 0x73 && third === 0x65;
}

/** In this order: what names itself first, then what a name says, then what only looks like something. */
function detect(text: string, bits: number, { digits, longest }: { digits: number; longest: number }): string {
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
  if (digits >= MIN_ID_DIGITS && (bits & BREAK) !== 0) out = personIds(namedPositions(out));
  return out;
}

/**
 * Secrets and personal values inside text, whatever field it stands in. One pass over the characters sets trigger
 * bits; an expression runs only when its trigger was seen, so clean text costs about a nanosecond a character.
 * Every expression is bounded, and none nests a repetition in a repetition over the same characters.
 */
import {
  assignments,
  bearers,
  cards,
  coordinates,
  emails,
  logins,
  phones,
  privateKeys,
  vendorKeys,
} from './detectors.ts';

const AT = 1;
const URL_SCHEME = 2;
const DASHES = 4;
const JWT = 8;
const BEARER = 16;
const ASSIGNMENT = 32;
const LONG_TOKEN = 64;
const PERCENT = 128;

const DIGIT_CLASS = 1;
const TOKEN_CLASS = 2;
const SPECIAL_CLASS = 4;

/** What a character can mean: digit, part of a token, or the end of a trigger. */
const CLASSES = new Uint8Array(128);
for (let code = 0; code < 128; code++) {
  const char = String.fromCharCode(code);
  if (/[0-9]/.test(char)) CLASSES[code] = DIGIT_CLASS | TOKEN_CLASS;
  else if (/[A-Za-z_-]/.test(char)) CLASSES[code] = TOKEN_CLASS;
}
for (const char of '@:=J -_%/') {
  const code = char.charCodeAt(0);
  CLASSES[code] = (CLASSES[code] as number) | SPECIAL_CLASS;
}

/** The shortest run of token characters that a vendor's key has. */
const LONG = 16;
const MIN_POSITION_DIGITS = 4;
const MIN_PHONE_DIGITS = 7;
const MIN_CARD_DIGITS = 13;
/** Longer text is cut: what was not looked at is not let out. */
const MAX_TEXT = 65_536;

/** The text with every find replaced by its word in brackets; the same string when there is none. */
export function scan(text: string): string {
  if (text.length > MAX_TEXT) return `${scan(text.slice(0, MAX_TEXT))}…`;
  let bits = 0;
  let digits = 0;
  let run = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const kind = code < 128 ? (CLASSES[code] as number) : 0;
    if ((kind & TOKEN_CLASS) !== 0) {
      run += 1;
      if (run === LONG) bits |= LONG_TOKEN;
    } else run = 0;
    if ((kind & DIGIT_CLASS) !== 0) digits += 1;
    if ((kind & SPECIAL_CLASS) !== 0) bits |= special(text, i, code);
  }
  return bits === 0 && digits < MIN_POSITION_DIGITS ? text : detect(text, bits, digits);
}

function special(text: string, i: number, code: number): number {
  const before = text.charCodeAt(i - 1) | 0x20;
  switch (code) {
    case 0x40: // @
      return AT;
    case 0x25: // %
      return PERCENT;
    case 0x2f: // the second slash of ://
      return before === 0x2f && text.charCodeAt(i - 2) === 0x3a ? URL_SCHEME : 0;
    case 0x3a: // :
    case 0x3d: // =
      return ASSIGNMENT;
    case 0x2d: // the fifth dash
      return text.startsWith('----', i - 4) ? DASHES : 0;
    case 0x4a: // J of eyJ
      return text.startsWith('ey', i - 2) ? JWT : 0;
    case 0x5f: // _ of r8_
      return text.startsWith('r8', i - 2) ? LONG_TOKEN : 0;
    default: // a space
      return endsScheme(text, i, before) ? BEARER : 0;
  }
}

/** After `bearer`, `basic` or `digest`: two characters decide for nearly every space. */
function endsScheme(text: string, i: number, last: number): boolean {
  const second = text.charCodeAt(i - 2) | 0x20;
  if (last === 0x72) return second === 0x65 && (text.charCodeAt(i - 3) | 0x20) === 0x72;
  if (last === 0x63) return second === 0x69 && (text.charCodeAt(i - 3) | 0x20) === 0x73;
  return last === 0x74 && second === 0x73 && (text.charCodeAt(i - 3) | 0x20) === 0x65;
}

function detect(text: string, bits: number, digits: number): string {
  let out = text;
  if ((bits & DASHES) !== 0) out = privateKeys(out);
  if ((bits & URL_SCHEME) !== 0 && (bits & (AT | PERCENT)) !== 0) out = logins(out);
  if ((bits & (LONG_TOKEN | JWT)) !== 0) out = vendorKeys(out);
  if ((bits & ASSIGNMENT) !== 0) out = assignments(out);
  if ((bits & BEARER) !== 0) out = bearers(out);
  if ((bits & (AT | PERCENT)) !== 0) out = emails(out);
  if (digits >= MIN_CARD_DIGITS) out = cards(out);
  if (digits >= MIN_POSITION_DIGITS) out = coordinates(out);
  if (digits >= MIN_PHONE_DIGITS) out = phones(out);
  return out;
}

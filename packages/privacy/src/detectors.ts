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

/** `scheme://user:password@host`. */
export function logins(text: string): string {
  return text.replace(LOGIN, '$1[redacted]@');
}

/** The first eight are host B's, with its words; the table is data so that docs can show it. */
const VENDOR_KEYS: readonly (readonly [RegExp, string])[] = [
  [/\bsk-[A-Za-z0-9_-]{20,}/g, '[OPENAI_KEY_REDACTED]'],
  [/\br8_[A-Za-z0-9]+/g, '[REPLICATE_TOKEN_REDACTED]'],
  [/api\.telegram\.org\/bot[^/\s]+/g, 'api.telegram.org/bot[REDACTED]'],
  [/(?<![A-Za-z0-9])\d{6,}:[A-Za-z0-9_-]{20,}/g, '[TELEGRAM_TOKEN_REDACTED]'],
  [/\bsl\.[A-Za-z0-9_-]{100,}/g, '[DROPBOX_TOKEN_REDACTED]'],
  [/secret_access_key["'\s:=]{1,8}[A-Za-z0-9/+=]{20,}/gi, '[S3_SECRET_KEY_REDACTED]'],
  [/access_key_id["'\s:=]{1,8}[A-Za-z0-9]{16,}/gi, '[S3_ACCESS_KEY_REDACTED]'],
  [/https:\/\/[0-9a-f]{32}\.r2\.cloudflarestorage\.com/gi, '[R2_ENDPOINT_REDACTED]'],
  [/\beyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){0,3}/g, '[jwt]'],
  [/\b(?:AKIA|ASIA|AROA|AIDA)[0-9A-Z]{16}\b/g, '[aws_key]'],
  [/\bgh[opusr]_[A-Za-z0-9]{20,}|\bgithub_pat_[A-Za-z0-9_]{22,}/g, '[github_token]'],
  [/\bglpat-[A-Za-z0-9_-]{20,}/g, '[gitlab_token]'],
  [/\bxox[abeoprs]-[A-Za-z0-9-]{10,}/g, '[slack_token]'],
  [/\b[srp]k_(?:live|test)_[A-Za-z0-9]{10,}/g, '[stripe_key]'],
  [/\bAIza[A-Za-z0-9_-]{35}/g, '[google_key]'],
  [/\bya29\.[A-Za-z0-9_-]{20,}/g, '[google_token]'],
  [/\bnpm_[A-Za-z0-9]{36}/g, '[npm_token]'],
  [/\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}/g, '[sendgrid_key]'],
  [/\bhf_[A-Za-z0-9]{20,}/g, '[huggingface_token]'],
  [/\bwhsec_[A-Za-z0-9+/=]{16,}/g, '[webhook_secret]'],
  [/\bdop_v1_[a-f0-9]{64}/g, '[digitalocean_token]'],
  [/\bpypi-[A-Za-z0-9_-]{16,}/g, '[pypi_token]'],
];
/** One look for any of their beginnings, before the list is walked. */
const VENDOR_HINT =
  /sk-|r8_|telegram|\d{6}:|\bsl\.|access_key|cloudflarestorage|eyJ|A(?:KIA|SIA|ROA|IDA)|gh[opusr]_|github_pat_|glpat-|xox|k_(?:live|test)_|AIza|ya29|npm_|SG\.|hf_|whsec_|dop_v1_|pypi-/i;

export function vendorKeys(text: string): string {
  if (!VENDOR_HINT.test(text)) return text;
  let out = text;
  for (const [pattern, word] of VENDOR_KEYS) out = out.replace(pattern, word);
  return out;
}

const SCHEME = /\b(bearer|basic|digest)\s{1,4}([A-Za-z0-9._~+/=-]{6,})/gi;
// The name may have a prefix (access_token, X-Api-Key), the value may be quoted.
const ASSIGNED =
  /((?:pass(?:word|wd|phrase)?|pwd|secret|token|jwt|api[_-]?key|access[_-]?key|private[_-]?key|account[_-]?key|credentials?|authorization|cookie|session[_-]?id)["']?\s{0,2}[=:]\s{0,2})("[^"]{1,4096}"|'[^']{1,4096}'|(?!\[)(?:(?:bearer|basic)\s)?[^\s"',;&)\]}]{3,4096})/gi;

/** `password=…` in all its spellings. */
export function assignments(text: string): string {
  return text.replace(ASSIGNED, '$1[redacted]');
}

/** `Bearer …` and `Basic …`. */
export function bearers(text: string): string {
  return text.replace(SCHEME, (all, scheme: string, value: string) =>
    isToken(value) ? `${scheme} [redacted]` : all,
  );
}

/** Words follow `basic` in prose, so a token must look like one. */
function isToken(value: string): boolean {
  return value.length >= 24 || /[0-9=]/.test(value) || (/[a-z]/.test(value) && /[A-Z]/.test(value.slice(1)));
}

const EMAIL = /[\p{L}\p{N}._%+'-]{1,64}(?:@|%40)[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8}/gu;

export function emails(text: string): string {
  return text.replace(EMAIL, '[email]');
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

const PAIR =
  /(?<![\w.-])([+-]?\d{1,2}\.\d{3,15})(\s{0,2}(?:[,;/|]|%2C| )\s{0,2})([+-]?\d{1,3}\.\d{3,15})(?![\w]|\.\d)/gi;
const NAMED_POSITION =
  /\b((?:lat(?:itude)?|lon(?:gitude)?|lng)["']?\s{0,2}[=:]\s{0,2}["']?)[+-]?\d{1,3}\.\d{1,15}/gi;

/** A latitude and a longitude with three decimals or more (100 m), or one that says its name. */
export function coordinates(text: string): string {
  if (!text.includes('.')) return text;
  const unnamed = text.replace(PAIR, (all, lat: string, _between, lon: string) =>
    Math.abs(Number(lat)) <= 90 && Math.abs(Number(lon)) <= 180 ? '[position]' : all,
  );
  return unnamed.replace(NAMED_POSITION, '$1[position]');
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

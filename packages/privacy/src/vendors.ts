/**
 * Keys with a shape of their own. The first eight are host B's, with its words; the table is data so that docs can
 * show it. A `hint` ends in a delimiter and stands at the head of a key: only where it was seen are expressions run.
 */
interface Vendor {
  readonly hints: readonly string[];
  readonly pattern: RegExp;
  readonly word: string;
}

const vendor = (hints: string, pattern: RegExp, word: string): Vendor => ({
  hints: hints.split(' '),
  pattern,
  word,
});

export const VENDORS: readonly Vendor[] = [
  vendor('sk-', /(?<![A-Za-z0-9])sk-[A-Za-z0-9_-]{20,}/g, '[OPENAI_KEY_REDACTED]'),
  vendor('r8_', /(?<![A-Za-z0-9])r8_[A-Za-z0-9]+/g, '[REPLICATE_TOKEN_REDACTED]'),
  vendor('telegram.', /api\.telegram\.org\/bot[^/\s]+/g, 'api.telegram.org/bot[REDACTED]'),
  vendor('sl.', /(?<![A-Za-z0-9])sl\.[A-Za-z0-9_-]{100,}/g, '[DROPBOX_TOKEN_REDACTED]'),
  vendor('access_key_', /access_key_id["'\s:=\\]{1,8}(?!\[)[A-Za-z0-9]{16,}/gi, '[S3_ACCESS_KEY_REDACTED]'),
  vendor(
    'secret_access_',
    /secret_access_key["'\s:=\\]{1,8}[A-Za-z0-9/+=]{20,}/gi,
    '[S3_SECRET_KEY_REDACTED]',
  ),
  vendor('r2.', /https:\/\/[0-9a-f]{32}\.r2\.cloudflarestorage\.com/gi, '[R2_ENDPOINT_REDACTED]'),
  vendor('gho_ ghp_ ghu_ ghs_ ghr_', /(?<![A-Za-z0-9])gh[opusr]_[A-Za-z0-9]{20,}/g, '[github_token]'),
  vendor('github_', /(?<![A-Za-z0-9])github_pat_[A-Za-z0-9_]{22,}/g, '[github_token]'),
  vendor('glpat-', /(?<![A-Za-z0-9])glpat-[A-Za-z0-9_-]{20,}/g, '[gitlab_token]'),
  vendor(
    'xoxa- xoxb- xoxe- xoxo- xoxp- xoxr- xoxs- xapp-',
    /(?<![A-Za-z0-9])(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,}/g,
    '[slack_token]',
  ),
  vendor('sk_ rk_ pk_', /(?<![A-Za-z0-9])[srp]k_(?:live|test)_[A-Za-z0-9]{10,}/g, '[stripe_key]'),
  vendor('ya29.', /(?<![A-Za-z0-9])ya29\.[A-Za-z0-9_-]{20,}/g, '[google_token]'),
  vendor('npm_', /(?<![A-Za-z0-9])npm_[A-Za-z0-9]{36}/g, '[npm_token]'),
  vendor('sg.', /(?<![A-Za-z0-9])SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}/g, '[sendgrid_key]'),
  vendor('hf_', /(?<![A-Za-z0-9])hf_[A-Za-z0-9]{20,}/g, '[huggingface_token]'),
  vendor('whsec_', /(?<![A-Za-z0-9])whsec_[A-Za-z0-9+/=]{16,}/g, '[webhook_secret]'),
  vendor('dop_', /(?<![A-Za-z0-9])do[op]_v1_[a-f0-9]{64}/g, '[digitalocean_token]'),
  vendor('pypi-', /(?<![A-Za-z0-9])pypi-[A-Za-z0-9_-]{16,}/g, '[pypi_token]'),
];

export function vendorKeys(text: string): string {
  let out = text;
  for (const { pattern, word } of VENDORS) out = out.replace(pattern, word);
  return out;
}

const TELEGRAM = /(?<![A-Za-z0-9_-])(bot)?\d{6,}:[A-Za-z0-9_-]{20,}/g;

/** Six digits or more, a colon, and twenty characters or more. */
export function telegramTokens(text: string): string {
  return text.replace(TELEGRAM, '$1[TELEGRAM_TOKEN_REDACTED]');
}

const AWS = /(?<![A-Za-z0-9])(?:AKIA|ASIA|AROA|AIDA)[0-9A-Z]{16}(?![A-Za-z0-9])/g;
const GOOGLE = /(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{35}/g;

/** Keys that begin with a capital A and no delimiter. */
export function capitalKeys(text: string): string {
  return text.replace(AWS, '[aws_key]').replace(GOOGLE, '[google_key]');
}

/** What has no second part matches as well, so that a long run of `eyJ-` is walked once and not from each of them. */
const JWT = /(?<![A-Za-z0-9])eyJ[A-Za-z0-9_-]{4,}(\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){0,3})?/g;

export function jwts(text: string): string {
  return text.replace(JWT, (all, more: string | undefined) => (more === undefined ? all : '[jwt]'));
}

/** Whether the delimiter at `at` ends a vendor's hint that begins a word. */
export function endsHint(text: string, at: number): boolean {
  const head = text.slice(Math.max(0, at - 15), at + 1).toLowerCase();
  for (const hint of HINTS) {
    if (!head.endsWith(hint)) continue;
    const before = head.charCodeAt(head.length - hint.length - 1);
    if (hint.length > 4 || !isLetterOrDigit(before)) return true;
  }
  return false;
}

const HINTS: readonly string[] = VENDORS.flatMap(({ hints }) => hints);

function isLetterOrDigit(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39);
}

/** How hints end, a character and a delimiter: what the scan looks up for each delimiter. */
export const HINT_TAILS: readonly (readonly [before: string, delimiter: string])[] = HINTS.map(hint => [
  hint.at(-2) as string,
  hint.at(-1) as string,
]);

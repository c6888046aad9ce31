import type { Privacy } from '@plimsoll/privacy';

/** Always the same row of stars, so that the length of a secret is not told. */
export const MASK = '********';

/** Wider than the policy's words: in a provider's settings, whatever is called a key is one. */
const SECRET = /key|secret|token|passw|pwd|auth|credential|cookie|bearer|signature|session|login|private/i;
/** Of request headers, what never holds a credential. */
const PLAIN_HEADERS =
  /^(accept|accept-(language|encoding)|content-type|user-agent|openai-(organization|project|beta))$/i;

interface Walk {
  readonly privacy: Privacy;
  /** What stands for a secret; undefined leaves its name out. */
  readonly mask: string | undefined;
  readonly found?: Set<string>;
}

/** A copy with every secret masked at every depth, and every text under the policy. */
export function masked<T>(value: T, privacy: Privacy): T {
  return copy({ privacy, mask: MASK }, value, { depth: 0, inside: 'plain' }) as T;
}

/** A copy without what is secret. */
export function withoutSecrets<T>(value: T, privacy: Privacy): T {
  return copy({ privacy, mask: undefined }, value, { depth: 0, inside: 'plain' }) as T;
}

/** The texts and numbers that must not be in any answer, however they got there; longest first. */
export function secretsOf(value: unknown, privacy: Privacy): readonly string[] {
  const found = new Set<string>();
  copy({ privacy, mask: MASK, found }, value, { depth: 0, inside: 'plain' });
  return [...found].filter(text => text.length >= MIN_SECRET).sort((a, b) => b.length - a.length);
}

/** Shorter ones are parts of ordinary words and numbers. */
const MIN_SECRET = 4;
const MAX_DEPTH = 12;

/** Text of others, which may repeat what they were sent: secrets out, then the policy. */
export function scrub(text: string, secrets: readonly string[], privacy: Privacy): string {
  let clean = text;
  for (const secret of secrets) clean = clean.replaceAll(secret, MASK);
  return privacy.text(clean);
}

/** The same for a value that was masked by its names already. */
export function scrubDeep(value: unknown, secrets: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map(item => scrubDeep(item, secrets));
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).map(([key, item]) => [
      scrubDeep(key, secrets),
      scrubDeep(item, secrets),
    ]);
    return Object.fromEntries(pairs);
  }
  if (typeof value === 'number') return secrets.includes(String(value)) ? MASK : value;
  if (typeof value !== 'string') return value;
  return secrets.reduce((text, secret) => text.replaceAll(secret, MASK), value);
}

type Inside = 'plain' | 'headers' | 'secret';
interface Place {
  readonly depth: number;
  readonly inside: Inside;
}

function copy(walk: Walk, value: unknown, place: Place): unknown {
  if (place.depth > MAX_DEPTH) return MASK;
  const below = { ...place, depth: place.depth + 1 };
  if (Array.isArray(value)) return list(walk, value, below);
  if (typeof value === 'object' && value !== null)
    return fields(walk, value as Record<string, unknown>, below);
  if (place.inside !== 'plain') return hidden(walk, value);
  return typeof value === 'string' ? plain(walk, value) : value;
}

function list(walk: Walk, items: readonly unknown[], place: Place): unknown[] {
  // `['Authorization', 'Bearer …']`: the first is the name of a header, the second its value.
  if (place.inside === 'headers' && items.length === 2 && items.every(item => typeof item === 'string')) {
    const [name, text] = items as [string, string];
    return [name, PLAIN_HEADERS.test(name) ? plain(walk, text) : hidden(walk, text)];
  }
  return items.map(item => copy(walk, item, place));
}

function fields(walk: Walk, object: Record<string, unknown>, place: Place): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  const named = place.inside === 'headers' && typeof object['name'] === 'string';
  for (const [key, value] of Object.entries(object)) {
    const inside = insideOf(walk.privacy, place.inside, { key, value, named });
    const kept = copy(walk, value, { ...place, inside });
    if (kept !== undefined) Object.defineProperty(out, walk.privacy.text(key), { value: kept, ...OWN });
  }
  return out;
}

const OWN = { enumerable: true, configurable: true, writable: true };

function insideOf(
  privacy: Privacy,
  above: Inside,
  { key, value, named }: { key: string; value: unknown; named: boolean },
): Inside {
  if (above === 'secret') return 'secret';
  if (above === 'headers') return PLAIN_HEADERS.test(key) || (named && key === 'name') ? 'plain' : 'headers';
  if (/headers?$/i.test(key)) return 'headers';
  const kind = privacy.classify(key);
  if (kind === 'credential') return 'secret';
  // `max_tokens: 4096` is a size; a text under such a name is whatever it is.
  return SECRET.test(key) && !(kind === 'size' && typeof value === 'number') ? 'secret' : 'plain';
}

function hidden(walk: Walk, value: unknown): unknown {
  if (value === '' || value === null || value === undefined || typeof value === 'boolean') return value;
  walk.found?.add(String(value));
  // `Bearer abc` is also abc.
  const word = /^\s*\S+\s+(\S+)\s*$/.exec(String(value))?.[1];
  if (word !== undefined) walk.found?.add(word);
  return walk.mask;
}

function plain({ privacy, found }: Walk, text: string): string {
  const [, login] = /^[a-z][a-z0-9+.-]*:\/\/([^/?#\s]*)@/i.exec(text) ?? [];
  if (found !== undefined && URL.canParse(text)) {
    const url = new URL(text);
    const query = [...url.searchParams].filter(([name]) => SECRET.test(name)).map(([, value]) => value);
    for (const part of [login ?? '', decoded(url.password), ...query]) if (part !== '') found.add(part);
  }
  return privacy.text(login === undefined ? text : text.replace(`${login}@`, `${MASK}@`));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

import type { ObservedResponse, RateLimit } from './gate.ts';

/** What an answer's headers say of the future. */
export interface Told {
  /** Epoch milliseconds before which the provider asked not to be called. */
  readonly retryAt?: number;
  readonly limits: readonly (RateLimit & { readonly resetAt?: number })[];
}

export type ReadHeader = (name: string) => string | undefined;

export function headerReader(headers: ObservedResponse['headers']): ReadHeader {
  if (typeof (headers as Headers).get === 'function') {
    return name => (headers as Headers).get(name) ?? undefined;
  }
  const plain = headers as Readonly<Record<string, string | readonly string[] | undefined>>;
  const byName = new Map(Object.entries(plain).map(([name, value]) => [name.toLowerCase(), value]));
  return name => {
    const value = byName.get(name);
    return value === undefined ? undefined : [value].flat().join(', ');
  };
}

/** `Retry-After` (RFC 9110, 10.2.3), `x-ratelimit-*` in its dialects, and the drafts of `RateLimit`. */
export function readTold(header: ReadHeader, now: number): Told {
  const retryAt = retryAfter(header('retry-after'), now);
  const found = [...drafted(header, now), ...vendor(header, now)];
  return { ...(retryAt !== undefined && { retryAt }), limits: found };
}

function retryAfter(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\s*\d+(\.\d+)?\s*$/.test(text)) return now + Math.min(Number(text), LONGEST_S) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) || at <= now ? undefined : Math.min(at, now + LONGEST_S * 1000);
}

/** A provider that says longer is asked again after a day. */
const LONGEST_S = 86_400;
const WINDOWS_AT_MOST = 16;

/** Draft 8 and later: `"name";r=50;t=30` with `RateLimit-Policy: "name";q=100;w=60`; draft 7: `limit=…, remaining=…`. */
function drafted(header: ReadHeader, now: number): Told['limits'] {
  const text = header('ratelimit');
  const policies = new Map(items(header('ratelimit-policy')).map(item => [item.name, item.values]));
  if (text !== undefined && /(^|,)\s*(limit|remaining|reset)\s*=/.test(text)) {
    const of = (name: string) => new RegExp(`(?:^|,)\\s*${name}\\s*=\\s*(\\d+)`).exec(text)?.[1];
    return [window('default', { limit: of('limit'), remaining: of('remaining'), reset: of('reset') }, now)];
  }
  if (text !== undefined) {
    return items(text)
      .slice(0, WINDOWS_AT_MOST)
      .map(({ name, values }) =>
        window(name, { limit: policies.get(name)?.['q'], remaining: values['r'], reset: values['t'] }, now),
      );
  }
  const old = ['limit', 'remaining', 'reset'].map(name => header(`ratelimit-${name}`));
  if (old.every(value => value === undefined)) return [];
  return [window('default', { limit: first(old[0]), remaining: first(old[1]), reset: first(old[2]) }, now)];
}

const first = (text: string | undefined) => text?.split(',')[0]?.trim();

function items(text: string | undefined): { name: string; values: Record<string, string> }[] {
  return (text ?? '').split(',').flatMap(item => {
    const [head = '', ...rest] = item.split(';').map(part => part.trim());
    const name = head.replace(/^"|"$/g, '');
    if (!/^[\w.:-]{1,64}$/.test(name)) return [];
    const pairs = rest.map(part => part.split('=').map(word => word.trim().replace(/^"|"$/g, '')));
    return [{ name, values: Object.fromEntries(pairs) as Record<string, string> }];
  });
}

/** `x-ratelimit-limit`, `x-ratelimit-limit-requests`, `…-tokens`: what others send since before the draft. */
function vendor(header: ReadHeader, now: number): Told['limits'] {
  return ['', 'requests', 'tokens', 'input-tokens', 'output-tokens'].flatMap(kind => {
    const tail = kind === '' ? '' : `-${kind}`;
    const said = ['limit', 'remaining', 'reset'].map(
      name => header(`x-ratelimit-${name}${tail}`) ?? header(`anthropic-ratelimit-${kind}-${name}`),
    );
    if (said.every(value => value === undefined)) return [];
    return [window(kind || 'default', { limit: said[0], remaining: said[1], reset: said[2] }, now)];
  });
}

function window(
  name: string,
  { limit, remaining, reset }: Readonly<Record<'limit' | 'remaining' | 'reset', string | undefined>>,
  now: number,
): Told['limits'][number] {
  const resetAt = resetTime(reset, now);
  return {
    name,
    ...whole('limit', limit),
    ...whole('remaining', remaining),
    ...(resetAt !== undefined && { resetAt, reset_s: Math.max(0, Math.ceil((resetAt - now) / 1000)) }),
  };
}

function whole(name: 'limit' | 'remaining', text: string | undefined): { [key: string]: number } {
  const value = Number(text);
  return text === undefined || text.trim() === '' || !Number.isFinite(value) || value < 0
    ? {}
    : { [name]: value };
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Seconds from now, an epoch in seconds or milliseconds, a date, or `1h2m3.5s`. */
function resetTime(text: string | undefined, now: number): number | undefined {
  const word = text?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(word)) {
    const value = Number(word);
    if (value > 1e12) return value;
    return value > 1e9 ? value * 1000 : now + value * 1000;
  }
  if (/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(word)) {
    const parts = [...word.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
    return (
      now + parts.reduce((sum, [, value, unit]) => sum + Number(value) * (UNITS[unit as string] ?? 0), 0)
    );
  }
  const at = Date.parse(word);
  return Number.isNaN(at) ? undefined : at;
}

import { type Answer, ask } from './fetch.ts';
import type { Provider, ProviderTemplate } from './gate.ts';
import { signS3 } from './sigv4.ts';

/** What a probe found. A text of the provider's own (`error`, extras) is scrubbed by the caller. */
export interface Probed {
  readonly ok: boolean;
  readonly error?: string;
  readonly answer?: Answer;
  readonly extra?: Readonly<Record<string, unknown>>;
}

export interface Quoted {
  readonly quota: Readonly<Record<string, unknown>>;
  readonly endpoint: string;
  readonly answer: Answer;
}

/** How one kind of service is probed. `quota` gives undefined where no path of it told anything. */
export interface Adapter {
  readonly template: ProviderTemplate;
  probe(provider: Provider, signal: AbortSignal): Promise<Probed>;
  quota?(provider: Provider, signal: AbortSignal): Promise<Quoted | undefined>;
}

export function adapterOf(provider: Pick<Provider, 'service' | 'kind'>): Adapter {
  return ADAPTERS[provider.service] ?? ADAPTERS[provider.kind] ?? (ADAPTERS['generic'] as Adapter);
}

export const TEMPLATES: () => readonly ProviderTemplate[] = () =>
  Object.values(ADAPTERS).map(({ template }) => template);

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The first text of these names in the provider's config. */
function text(provider: Provider, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = provider.config[name];
    if (typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}

/** `base_url` and a path below it. */
function below(provider: Provider, path: string): URL {
  const url = new URL(provider.base_url);
  const [name = '', query] = path.split('?');
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${name.replace(/^\/+/, '')}`;
  if (query !== undefined) url.search = query;
  return url;
}

/** The headers that the config asks for: `headers` as a map, and a key as a bearer token. */
function headersOf(provider: Provider): Record<string, string> {
  const given = isObject(provider.config['headers']) ? provider.config['headers'] : {};
  const own = Object.entries(given).filter(([, value]) => typeof value === 'string') as [string, string][];
  const key = text(provider, 'api_key', 'apiKey', 'token', 'key');
  return {
    ...(key !== undefined && { authorization: `Bearer ${key}` }),
    ...Object.fromEntries(own.map(([name, value]) => [name.toLowerCase(), value])),
  };
}

const REFUSED = new Set([401, 403]);

/** A word for a status that is no success. */
export function statusError(status: number): string {
  if (REFUSED.has(status)) return 'credentials rejected';
  if (status === 429) return 'rate limited';
  return status >= 500 ? `server error ${status}` : `unexpected status ${status}`;
}

function judged(answer: Answer, extra: Readonly<Record<string, unknown>> = {}): Probed {
  const ok = answer.status < 400;
  return { ok, answer, extra, ...(!ok && { error: statusError(answer.status) }) };
}

function countOf(body: unknown, ...names: readonly string[]): number | undefined {
  if (Array.isArray(body)) return body.length;
  if (!isObject(body)) return undefined;
  for (const name of names) if (Array.isArray(body[name])) return (body[name] as unknown[]).length;
  return undefined;
}

async function probeList(provider: Provider, signal: AbortSignal, list: { path: string; name: string }) {
  const url = below(provider, text(provider, 'health_path') ?? list.path);
  const answer = await ask({ url, headers: headersOf(provider), signal });
  const count = countOf(answer.body, 'data', list.name, 'items', 'results');
  return judged(answer, count === undefined ? {} : { [list.name]: count });
}

/** Where account APIs tell what is left, in the order in which they are asked. */
const ACCOUNT_PATHS = ['/user', '/account', '/billing', '/credits'];

async function quotaFrom(provider: Provider, signal: AbortSignal, paths: readonly string[]) {
  const own = provider.config['quota_paths'];
  const asked = Array.isArray(own) ? own.filter(path => typeof path === 'string').slice(0, 8) : paths;
  for (const path of asked) {
    const answer = await ask({ url: below(provider, path), headers: headersOf(provider), signal });
    const quota = answer.status < 300 && isObject(answer.body) ? creditsOf(answer.body) : undefined;
    if (quota !== undefined) return { quota, endpoint: path, answer };
    if (REFUSED.has(answer.status) || answer.status === 429) return undefined;
  }
  return undefined;
}

const REMAINING = ['credits_remaining', 'clientBalance', 'balance', 'credits', 'remaining', 'credit_balance'];
const TOTAL = ['credits_total', 'total_credits', 'limit', 'monthly_limit', 'total', 'hard_limit_usd'];
const USED = ['credits_used', 'total_usage', 'used', 'spent', 'usage'];

/** Credits under the names that account APIs give them, at the top or one level down. */
export function creditsOf(body: Json): Json | undefined {
  const inner = ['data', 'user', 'account', 'myself', 'billing', 'quota', 'credits'].map(name => body[name]);
  const places = [
    body,
    ...inner.filter(isObject),
    ...inner.filter(isObject).flatMap(Object.values).filter(isObject),
  ];
  const number = (names: readonly string[]): number | undefined => {
    for (const place of places) {
      for (const name of names) {
        const value = place[name];
        const amount = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
        if (typeof amount === 'number' && Number.isFinite(amount)) return amount;
      }
    }
    return undefined;
  };
  const [total, used] = [number(TOTAL), number(USED)];
  const left = number(REMAINING) ?? (total !== undefined && used !== undefined ? total - used : undefined);
  if (left === undefined && total === undefined && used === undefined) return undefined;
  const first = (name: string) => places.map(place => place[name]).find(value => value !== undefined);
  const spent = used ?? (total !== undefined && left !== undefined ? total - left : undefined);
  const [currency, plan] = [first('currency'), first('plan')];
  return {
    credits_remaining: left ?? null,
    credits_total: total ?? null,
    credits_used: spent ?? null,
    currency: typeof currency === 'string' ? currency : 'USD',
    plan: isObject(plan) ? plan : typeof plan === 'string' ? { name: plan } : {},
    raw: body,
  };
}

async function probeS3(provider: Provider, signal: AbortSignal): Promise<Probed> {
  const bucket = text(provider, 'bucket') ?? '';
  const url = below(provider, bucket);
  // HEAD on a bucket tells whether it is there and ours; without one, a list of buckets does.
  const method = bucket === '' ? 'GET' : 'HEAD';
  if (provider.config['list'] === true && bucket !== '') url.search = '?list-type=2&max-keys=1';
  const listed = url.search !== '';
  const session = text(provider, 'session_token', 'sessionToken');
  const keys = {
    accessKey: text(provider, 'access_key', 'access_key_id', 'accessKeyId') ?? '',
    secretKey: text(provider, 'secret_key', 'secret_access_key', 'secretAccessKey') ?? '',
    region: text(provider, 'region') ?? 'us-east-1',
    ...(session !== undefined && { sessionToken: session }),
  };
  const verb = listed ? 'GET' : method;
  const headers = keys.accessKey === '' ? {} : signS3(verb, url, keys, new Date());
  const answer = await ask({ url, method: verb, headers, signal });
  const probed = judged(answer, bucket === '' ? {} : { bucket });
  return answer.status === 404 && bucket !== '' ? { ...probed, error: 'bucket not found' } : probed;
}

function template(id: string, name: string, more: Partial<ProviderTemplate> = {}): ProviderTemplate {
  return { id, name, kind: 'remote', service: id, base_url: '', meta: {}, ...more };
}

const ADAPTERS: Readonly<Record<string, Adapter>> = {
  openai: {
    template: template('openai', 'OpenAI-compatible API', {
      base_url: 'https://api.openai.com/v1',
      meta: { config: ['api_key'] },
    }),
    probe: (provider, signal) => probeList(provider, signal, { path: '/models', name: 'models' }),
    quota: (provider, signal) => quotaFrom(provider, signal, ['/credits']),
  },
  runpod: {
    template: template('runpod', 'RunPod, or another cloud GPU account', {
      base_url: 'https://rest.runpod.io/v1',
      meta: { config: ['api_key', 'quota_paths'] },
    }),
    probe: (provider, signal) => probeList(provider, signal, { path: '/templates', name: 'templates' }),
    quota: (provider, signal) => quotaFrom(provider, signal, ACCOUNT_PATHS),
  },
  s3: {
    template: template('s3', 'S3-compatible store', {
      base_url: 'https://s3.us-east-1.amazonaws.com',
      meta: { config: ['bucket', 'region', 'access_key', 'secret_key', 'session_token', 'list'] },
    }),
    probe: probeS3,
  },
  generic: {
    template: template('generic', 'Any URL', { meta: { config: ['health_path', 'headers', 'api_key'] } }),
    async probe(provider, signal) {
      const path = text(provider, 'health_path');
      const url = path === undefined ? new URL(provider.base_url) : below(provider, path);
      return judged(await ask({ url, headers: headersOf(provider), signal }));
    },
  },
};

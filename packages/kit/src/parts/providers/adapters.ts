import {
  type Adapter,
  type Asking,
  isObject,
  type Json,
  type Offered,
  type Probed,
  type Quoted,
  REFUSED,
  statusError,
  template,
  text,
} from './adapter.ts';
import { creditsOf } from './credits.ts';
import { type Answer, ask } from './fetch.ts';
import type { OfferedTemplate, Provider, ProviderTemplate } from './gate.ts';
import { signS3 } from './sigv4.ts';
import { sshAdapter } from './ssh.ts';

export function adapterOf(provider: Pick<Provider, 'service' | 'kind'>): Adapter {
  const name = [provider.service, provider.kind].find(one => Object.hasOwn(ADAPTERS, one)) ?? 'generic';
  return ADAPTERS[name] as Adapter;
}

export const TEMPLATES: () => readonly ProviderTemplate[] = () =>
  Object.values(ADAPTERS).map(({ template }) => template);

/** Whether what asks this kind of service can reach such an address. */
export function isAddress(base_url: string, of: Pick<Provider, 'service' | 'kind'>): boolean {
  return (adapterOf(of).address ?? /^https?:\/\/[^/?#\s]/i).test(base_url) && URL.canParse(base_url);
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

function judged(answer: Answer, extra: Readonly<Record<string, unknown>> = {}): Probed {
  const ok = answer.status < 400;
  return { ok, answer, extra, ...(!ok && { error: statusError(answer.status) }) };
}

function listIn(body: unknown, ...names: readonly string[]): readonly unknown[] | undefined {
  if (Array.isArray(body)) return body;
  if (!isObject(body)) return undefined;
  return names.map(name => body[name]).find(value => Array.isArray(value)) as readonly unknown[] | undefined;
}

async function probeList(provider: Provider, { signal }: Asking, list: { path: string; name: string }) {
  const url = below(provider, text(provider, 'health_path') ?? list.path);
  const answer = await ask({ url, headers: headersOf(provider), signal });
  const found = listIn(answer.body, 'data', list.name, 'items', 'results');
  return judged(answer, found === undefined ? {} : { [list.name]: found.length });
}

/** What can be started from; of each template the words that tell one from another, and nothing else of it. */
async function offeredBy(provider: Provider, { signal }: Asking): Promise<Offered> {
  const answer = await ask({ url: below(provider, '/templates'), headers: headersOf(provider), signal });
  if (answer.status >= 400) return { templates: [], answer };
  const found = listIn(answer.body, 'data', 'templates', 'podTemplates', 'items', 'results') ?? [];
  return { templates: found.filter(isObject).flatMap(offered), answer };
}

const OFFERED: Readonly<Record<string, readonly string[]>> = {
  image: ['imageName', 'image', 'dockerImage', 'containerImage'],
  gpu: ['gpu', 'gpuName', 'gpuType'],
  gpu_count: ['gpu_count', 'gpuCount', 'numGPUs'],
  memory_gb: ['memory_gb', 'memoryInGb', 'memory'],
  storage_gb: ['storage_gb', 'storageInGb', 'containerDiskInGb', 'disk'],
  region: ['region', 'availabilityZone'],
  hourly_usd: ['hourly_usd', 'hourlyUsd', 'costPerHour', 'hourlyPrice', 'price'],
};

function offered(item: Json): readonly OfferedTemplate[] {
  const first = (names: readonly string[]) =>
    names.map(name => item[name]).find(value => typeof value === 'string' || typeof value === 'number');
  const id = first(['id', 'templateId', 'podTemplateId', 'name']);
  if (id === undefined) return [];
  const known = Object.entries(OFFERED).map(([name, names]) => [name, first(names)] as const);
  return [
    {
      ...{ id: String(id), name: String(first(['name', 'label']) ?? id) },
      ...Object.fromEntries(known.filter(([, value]) => value !== undefined)),
    },
  ];
}

/** Where account APIs tell what is left, in the order in which they are asked. */
const ACCOUNT_PATHS = ['/user', '/account', '/billing', '/credits'];

async function quotaFrom(
  provider: Provider,
  { signal }: Asking,
  paths: readonly string[],
): Promise<Quoted | undefined> {
  const own = provider.config['quota_paths'];
  const asked = Array.isArray(own) ? own.filter(path => typeof path === 'string').slice(0, 8) : paths;
  for (const path of asked) {
    const answer = await ask({ url: below(provider, path), headers: headersOf(provider), signal });
    const quota = answer.status < 300 && isObject(answer.body) ? creditsOf(answer.body) : undefined;
    if (quota !== undefined) return { ok: true, quota, endpoint: path, answer };
    if (REFUSED.has(answer.status) || answer.status === 429) return undefined;
  }
  return undefined;
}

async function probeS3(provider: Provider, { signal }: Asking): Promise<Probed> {
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

function answerOf(provider: Provider, { signal }: Asking): Promise<Answer> {
  const path = text(provider, 'health_path');
  const url = path === undefined ? new URL(provider.base_url) : below(provider, path);
  return ask({ url, headers: headersOf(provider), signal });
}

const HTTP_CONFIG = ['health_path', 'headers', 'api_key'];
const PAYLOAD_AT_MOST = 4096;

/** Whatever answers is well, and what it answers is shown; a `stub:` address answers by itself. */
async function probeEcho(provider: Provider, asking: Asking): Promise<Probed> {
  if (/^stub:/i.test(provider.base_url)) return { ok: true, extra: { echo: true } };
  const answer = await answerOf(provider, asking);
  const ok = answer.status < 500;
  const body = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? null);
  const whole = isObject(answer.body) && body.length <= PAYLOAD_AT_MOST;
  const payload = whole ? answer.body : { body: body.slice(0, PAYLOAD_AT_MOST) };
  return { ok, answer, extra: { payload }, ...(!ok && { error: statusError(answer.status) }) };
}

const ADAPTERS: Readonly<Record<string, Adapter>> = {
  openai: {
    template: template('openai', 'OpenAI-compatible API', {
      base_url: 'https://api.openai.com/v1',
      meta: { config: ['api_key'] },
    }),
    probe: (provider, asking) => probeList(provider, asking, { path: '/models', name: 'models' }),
    quota: (provider, asking) => quotaFrom(provider, asking, ['/credits']),
  },
  runpod: {
    template: template('runpod', 'RunPod, or another cloud GPU account', {
      base_url: 'https://rest.runpod.io/v1',
      meta: { config: ['api_key', 'quota_paths'] },
    }),
    probe: (provider, asking) => probeList(provider, asking, { path: '/templates', name: 'templates' }),
    quota: (provider, asking) => quotaFrom(provider, asking, ACCOUNT_PATHS),
    templates: offeredBy,
    prepare: async () => [],
  },
  s3: {
    template: template('s3', 'S3-compatible store', {
      base_url: 'https://s3.us-east-1.amazonaws.com',
      meta: { config: ['bucket', 'region', 'access_key', 'secret_key', 'session_token', 'list'] },
    }),
    probe: probeS3,
  },
  ssh: sshAdapter,
  echo: {
    template: template('echo', 'A stub that answers, for tests of what uses it', {
      base_url: 'stub://echo',
      meta: { config: HTTP_CONFIG },
    }),
    address: /^(https?|stub):\/\/[^/?#\s]/i,
    probe: probeEcho,
    prepare: async () => [],
  },
  generic: {
    template: template('generic', 'Any URL', { meta: { config: HTTP_CONFIG } }),
    probe: async (provider, asking) => judged(await answerOf(provider, asking)),
  },
};

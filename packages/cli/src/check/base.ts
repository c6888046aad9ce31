import { ask, baseUrl, under } from '../doctor/probe.ts';
import { isObject } from './profile.ts';
import { Refusal } from './refusal.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Where a local host of the seed's kind listens when nobody says otherwise; the doctor asks for 8000. */
const PORTS = [8001, 8000];

export interface BaseInput {
  /** The only candidate where it is given. */
  readonly base: string | undefined;
  /** The variable that may name one. */
  readonly variable: string;
  readonly env: Env;
  /** The flags file: `public_base`, or `hosts` and `ports`, at its top or under `server`. */
  readonly config: Readonly<Record<string, unknown>>;
}

export interface Found {
  readonly base: URL | undefined;
  readonly tried: readonly string[];
  readonly missed: readonly { readonly url: string; readonly why: string }[];
}

/** The first candidate at which anything answers GET /health, whatever it answers. */
export async function findBase(input: BaseInput): Promise<Found> {
  const tried: string[] = [];
  const missed: { url: string; why: string }[] = [];
  for (const text of candidates(input)) {
    const url = baseUrl(text);
    tried.push(text);
    const answer = url === undefined ? { error: 'no http URL' } : await ask(under(url, '/health'));
    if (url !== undefined && !('error' in answer)) return { base: url, tried, missed };
    missed.push({ url: text, why: 'error' in answer ? answer.error : 'no answer' });
  }
  return { base: undefined, tried, missed };
}

function candidates({ base, variable, env, config }: BaseInput): readonly string[] {
  if (base !== undefined) {
    if (baseUrl(base) === undefined) throw new Refusal('bad_base', base, 'not the URL of a service');
    return [base];
  }
  const server = isObject(config['server']) ? config['server'] : {};
  const strings = (value: unknown): readonly string[] =>
    (Array.isArray(value) ? value : [value])
      .filter(one => typeof one === 'string' || typeof one === 'number')
      .map(String);
  const places = [config, server];
  const hosts = places.flatMap(place => [...strings(place['hosts']), ...strings(place['host'])]);
  const ports = places.flatMap(place => [...strings(place['ports']), ...strings(place['port'])]);
  const own = ports.flatMap(port =>
    (hosts.length > 0 ? hosts : ['127.0.0.1']).map(host => `http://${host}:${port}`),
  );
  const all = [
    ...strings(env[variable] || undefined),
    ...places.flatMap(place => strings(place['public_base'])),
    ...own,
    ...PORTS.map(port => `http://127.0.0.1:${port}`),
  ];
  return [...new Set(all.map(url => url.replace(/\/$/, '')))];
}

import { consoleUrl } from '../console/running.ts';
import { printable } from '../output/table.ts';

/** A value of a parameter; several for one that may stand more than once. */
export type Params = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/** An expected failure of a command, already in words for a person. */
export class Failure extends Error {
  /** 1: there is no such thing. 2: called wrongly. 3: no console answered, or it did not let us in. */
  readonly code: 1 | 2 | 3;

  constructor(code: 1 | 2 | 3, message: string) {
    super(message);
    this.name = 'Failure';
    this.code = code;
  }
}

export interface Client {
  get<T>(path: string, params?: Params): Promise<T>;
  /** Opens the live tail; WebSocket is the platform's. */
  live(params: Params): WebSocket;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Speaks to a running console; throws `Failure` for all that can go wrong. */
export function createClient(given: string | undefined, env: Env): Client {
  const base = apiBase(consoleUrl(given, env));
  const token = env['PLIMSOLL_CONSOLE_TOKEN'];
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  return {
    get: (path, params = {}) => getJson(address(base, path, params), headers),
    live(params) {
      const url = address(base, 'live', params);
      url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
      // Node's WebSocket takes headers, which the browser's type does not know.
      const options = { headers } as unknown as string[];
      return new WebSocket(url, options);
    },
  };
}

function apiBase(given: string): URL {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new Failure(2, `${given} is not the URL of a console, such as http://127.0.0.1:4600`);
  }
  return new URL(`${url.pathname.replace(/\/$/, '')}/api/console/`, url.origin);
}

function address(base: URL, path: string, params: Params): URL {
  const url = new URL(path, base);
  for (const [name, value] of Object.entries(params)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined) url.searchParams.append(name, String(one));
    }
  }
  return url;
}

async function getJson<T>(url: URL, headers: Readonly<Record<string, string>>): Promise<T> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, { headers, redirect: 'error', signal: AbortSignal.timeout(60_000) });
    text = await response.text();
  } catch (error) {
    throw new Failure(3, noConsole(url, error));
  }
  const body = parse(text);
  if (response.ok && body !== undefined) return body as T;
  throw refused(url, response.status, body);
}

export function noConsole(url: URL, error?: unknown): string {
  const { name, cause } = (error ?? {}) as { name?: string; cause?: { code?: string } };
  const why = name === 'TimeoutError' ? 'no answer within a minute' : (cause?.code ?? '');
  return [
    `No console answers at ${url.origin}${why ? ` (${why})` : ''}.`,
    'Start one with: npx plimsoll console, or name it with --console URL.',
  ].join('\n');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface Problem {
  readonly code?: unknown;
  readonly hint?: unknown;
  readonly errors?: readonly { readonly field?: unknown; readonly code?: unknown }[];
}

function refused(url: URL, status: number, body: unknown): Failure {
  const { code, hint, errors } = (typeof body === 'object' && body !== null ? body : {}) as Problem;
  if (typeof code !== 'string')
    return new Failure(3, `${url.origin} is no console: it answered ${status} to ${url.pathname}.`);
  const fields = Array.isArray(errors)
    ? errors.map(({ field, code: wrong }) => `${field} (${wrong})`).join(', ')
    : '';
  const text = `${code}${fields ? `: ${fields}` : ''}. ${typeof hint === 'string' ? hint : ''}`;
  return new Failure(exitOf(status), printable(text.trim()));
}

function exitOf(status: number): 1 | 2 | 3 {
  if (status === 404) return 1;
  return status === 422 || status === 400 ? 2 : 3;
}

import { Refusal } from './problem.ts';
import type { Target } from './targets.ts';

const TIMEOUT_MS = 10_000;
const REQUEST_AT_MOST = 1024 * 1024;
const ANSWER_AT_MOST = 16 * 1024 * 1024;
/** The ops API's paths; what else a service serves is its own business. */
const PATHS = /^\/(?:health(?:\/|$)|metrics$|ops(?:\/|$)|openapi\.json$|api\/)/;

/**
 * Asks a service's ops API with that service's token. Nothing of the browser's headers goes on but the type of the
 * body, nothing of the answer's comes back but its type; a redirect is not followed, since it could lead the token away.
 */
export async function askOps(target: Target, path: string, request: Request): Promise<Response> {
  const url = opsUrl(target, path, new URL(request.url).search);
  const headers: Record<string, string> = { accept: request.headers.get('accept') ?? 'application/json' };
  if (target.token) headers['x-admin-token'] = target.token;
  const init: RequestInit = { method: request.method, headers, redirect: 'manual' };
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    const body = await readBounded(request.body, REQUEST_AT_MOST, 'payload_too_large');
    if (body.length > 0) {
      headers['content-type'] = request.headers.get('content-type') ?? 'application/json';
      init.body = new Uint8Array(body);
    }
  }
  return answerOf(await ask(url, init), target);
}

/** The path is normalised first, so that `..`, `//host` and encoded slashes can't leave the ops API. */
export function opsUrl(target: Target, path: string, search: string): URL {
  const base = new URL(target.url);
  const url = new URL(base.origin);
  url.pathname = path;
  if (url.pathname.includes('//') || /%2f|%5c|%2e/i.test(url.pathname) || !PATHS.test(url.pathname)) {
    throw new Refusal('ops_path_not_allowed');
  }
  url.pathname = base.pathname.replace(/\/$/, '') + url.pathname;
  url.search = search;
  return url;
}

async function ask(url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch {
    throw new Refusal('ops_unreachable');
  }
}

async function answerOf(response: Response, target: Target): Promise<Response> {
  if (response.status >= 300 && response.status < 400) {
    await response.body?.cancel();
    throw new Refusal('ops_answer_refused');
  }
  const body = await readBounded(response.body, ANSWER_AT_MOST, 'ops_answer_refused');
  if (target.token && body.includes(target.token)) throw new Refusal('ops_answer_refused');
  const type = response.headers.get('content-type') ?? 'application/octet-stream';
  // A page of a service would run as one of ours.
  const safe = /^(application\/(problem\+)?json|text\/plain|application\/openmetrics-text)\b/.test(type);
  const empty = response.status === 204 || response.status === 205;
  return new Response(empty ? null : new Uint8Array(body), {
    status: response.status,
    headers: { 'content-type': safe ? type : 'application/octet-stream' },
  });
}

async function readBounded(
  body: ReadableStream<Uint8Array> | null,
  atMost: number,
  code: 'payload_too_large' | 'ops_answer_refused',
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  if (body === null) return Buffer.alloc(0);
  try {
    for await (const chunk of body) {
      length += chunk.length;
      if (length > atMost) throw new Refusal(code);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal('ops_unreachable');
  }
  return Buffer.concat(chunks);
}

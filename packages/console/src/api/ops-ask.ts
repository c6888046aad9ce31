import { Refusal } from './problem.ts';
import type { Target } from './targets.ts';

export interface Asked {
  readonly path: string;
  readonly search: string;
  readonly method: string;
  readonly accept?: string | undefined;
  readonly type?: string | undefined;
  readonly body?: Uint8Array | ReadableStream<Uint8Array>;
  /** Until the head of the answer, and again between two pieces of its body. */
  readonly timeoutMs: number;
  /** Bytes of the answer. */
  readonly atMost: number;
}

/** Answers of these types, and of none, are read as a whole before a byte goes on: one that is refused is refused cleanly. */
const WHOLE = /^(?:application\/(?:problem\+)?json|text\/)/;
const WHOLE_AT_MOST = 16 * 1024 * 1024;
/** What a browser may show as what it is; a page or a script of a service would run as one of ours. */
const SHOWN =
  /^(?:application\/(?:(?:problem\+)?json|openmetrics-text|x-ndjson|zip|gzip|octet-stream)|text\/(?:plain|csv)|image\/(?:png|jpeg|webp|gif|avif))\b/;
/** Besides the type; none of them can carry a script or a cookie. */
const PASSED = ['retry-after', 'allow', 'etag', 'last-modified', 'x-request-id'];

/**
 * Asks a service's ops API with that service's token. A redirect is not followed, since it could lead the token away,
 * and an answer with the token in it goes no further.
 */
export async function askTarget(target: Target, asked: Asked): Promise<Response> {
  const url = opsUrl(target, asked.path, asked.search);
  const watch = new Watch(asked.timeoutMs);
  const response = await open(url, { target, asked, watch });
  const { status } = response;
  if (status >= 300 && status < 400 && status !== 304) {
    watch.end();
    await response.body?.cancel().catch(() => {});
    throw new Refusal('ops_answer_refused');
  }
  const headers = headersOf(response.headers);
  if (response.body === null || status === 204 || status === 205 || status === 304) {
    watch.end();
    return new Response(null, { status, headers });
  }
  const whole = WHOLE.test(response.headers.get('content-type') ?? 'text/');
  const atMost = whole ? Math.min(WHOLE_AT_MOST, asked.atMost) : asked.atMost;
  const declared = Number(response.headers.get('content-length') ?? 0);
  if (declared > atMost) {
    watch.end();
    await response.body.cancel().catch(() => {});
    throw new Refusal('ops_answer_refused');
  }
  const checked = response.body.pipeThrough(checker({ atMost, token: target.token, watch }));
  if (!whole) return new Response(checked, { status, headers });
  try {
    return new Response(await new Response(checked).arrayBuffer(), { status, headers });
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal('ops_unreachable');
  }
}

/** The path is normalised first, so that `..`, `//host` and encoded slashes can't leave the ops API. */
export function opsUrl(target: Target, path: string, search: string): URL {
  const base = new URL(target.url);
  const url = new URL(base.origin);
  url.pathname = base.pathname.replace(/\/$/, '') + normalPath(path);
  url.search = search;
  return url;
}

export function normalPath(path: string): string {
  const url = new URL('http://service');
  url.pathname = path;
  if (url.pathname.includes('//') || /%2f|%5c|%2e/i.test(url.pathname)) {
    throw new Refusal('ops_path_not_allowed');
  }
  return url.pathname;
}

async function open(
  url: URL,
  { target, asked, watch }: { target: Target; asked: Asked; watch: Watch },
): Promise<Response> {
  const { method, accept, type, body } = asked;
  const headers: Record<string, string> = { accept: accept ?? 'application/json' };
  if (target.token) headers['x-admin-token'] = target.token;
  if (body !== undefined) headers['content-type'] = type ?? 'application/json';
  const init = { method, headers, redirect: 'manual', signal: watch.signal } as RequestInit;
  if (body !== undefined) Object.assign(init, { body, duplex: 'half' });
  try {
    return await fetch(url, init);
  } catch (error) {
    watch.end();
    const cause = (error as { cause?: unknown }).cause ?? error;
    throw cause instanceof Refusal ? cause : new Refusal('ops_unreachable');
  }
}

/** Cuts an exchange in which nothing happens. */
class Watch {
  readonly #abort = new AbortController();
  readonly #ms: number;
  #timer: NodeJS.Timeout;

  constructor(ms: number) {
    this.#ms = ms;
    this.#timer = setTimeout(() => this.#abort.abort(), ms).unref();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  moved(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#abort.abort(), this.#ms).unref();
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

interface Check {
  readonly atMost: number;
  readonly token: string | undefined;
  readonly watch: Watch;
}

/** Counts the bytes and looks for the token in them, also where it lies across two pieces. */
function checker({ atMost, token, watch }: Check): TransformStream<Uint8Array, Uint8Array> {
  const needle = token ? Buffer.from(token) : undefined;
  const kept = needle ? needle.length - 1 : 0;
  let held = Buffer.alloc(0);
  let length = 0;
  watch.moved();
  return new TransformStream({
    transform(piece, out) {
      watch.moved();
      length += piece.length;
      if (length > atMost) throw new Refusal('ops_answer_refused');
      if (needle === undefined) return out.enqueue(piece);
      const all = held.length > 0 ? Buffer.concat([held, piece]) : Buffer.from(piece);
      if (all.includes(needle)) throw new Refusal('ops_answer_refused');
      const go = Math.max(0, all.length - kept);
      if (go > 0) out.enqueue(new Uint8Array(all.subarray(0, go)));
      held = Buffer.from(all.subarray(go));
    },
    flush(out) {
      watch.end();
      if (held.length > 0) out.enqueue(new Uint8Array(held));
    },
  });
}

function headersOf(from: Headers): Headers {
  const headers = new Headers();
  const type = from.get('content-type') ?? 'application/octet-stream';
  const shown = SHOWN.test(type);
  headers.set('content-type', shown ? type : 'application/octet-stream');
  const name = fileNameOf(from.get('content-disposition'));
  if (name !== undefined) headers.set('content-disposition', `attachment; filename="${name}"`);
  else if (!shown) headers.set('content-disposition', 'attachment');
  for (const one of PASSED) {
    const value = from.get(one);
    if (value !== null) headers.set(one, value);
  }
  return headers;
}

/** Only what is safe in every file system and header; undefined where no file is meant. */
function fileNameOf(disposition: string | null): string | undefined {
  if (disposition === null || !/^\s*attachment/i.test(disposition)) return undefined;
  const given = /filename\s*=\s*(?:"([^"]*)"|([^;\s]+))/i.exec(disposition);
  const name = (given?.[1] ?? given?.[2] ?? '').replaceAll(/[^\w.-]+/g, '_').replace(/^\.+/, '');
  return name.slice(0, 120) || 'download';
}

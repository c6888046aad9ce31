/** What a probe brought home; `body` is undefined where it was no JSON, or longer than `BODY_AT_MOST`. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
  readonly latencyMs: number;
}

/** Why there is no answer, in a word that holds nothing of the address. */
export type Failure =
  | 'timeout'
  | 'connection failed'
  | 'redirect refused'
  | 'invalid address'
  | 'credentials rejected'
  | 'host key not known'
  | 'ssh not installed'
  | 'docker not available';
export class ProbeError extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure);
    this.failure = failure;
  }
}

export interface Ask {
  readonly url: URL;
  readonly method?: 'GET' | 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

const BODY_AT_MOST = 256 * 1024;
const REDIRECTS_AT_MOST = 3;

/**
 * One bounded request. A redirect is followed on the same origin alone: elsewhere it would carry the credentials to a
 * host that nobody registered. The latency is the time to the last answer's headers.
 */
export async function ask({ url, method = 'GET', headers = {}, signal }: Ask): Promise<Answer> {
  const began = performance.now();
  const target = new URL(url);
  const own: Record<string, string> = { accept: 'application/json', ...headers };
  if (target.username !== '' || target.password !== '') {
    own['authorization'] ??=
      `Basic ${Buffer.from(`${word(target.username)}:${word(target.password)}`).toString('base64')}`;
    target.username = '';
    target.password = '';
  }
  for (let hop = 0; ; hop += 1) {
    const response = await send(target, { method, headers: own, redirect: 'manual', signal });
    const latencyMs = Math.round((performance.now() - began) * 100) / 100;
    const to = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null;
    if (to === null) {
      const body = method === 'HEAD' ? undefined : await bounded(response, signal);
      return { status: response.status, headers: response.headers, body, latencyMs };
    }
    await response.body?.cancel().catch(() => {});
    const next = URL.canParse(to, target.href) ? new URL(to, target.href) : undefined;
    if (next === undefined || next.origin !== target.origin || hop === REDIRECTS_AT_MOST) {
      throw new ProbeError('redirect refused');
    }
    target.pathname = next.pathname;
    target.search = next.search;
  }
}

function word(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function send(url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch {
    throw new ProbeError(init.signal?.aborted ? 'timeout' : 'connection failed');
  }
}

async function bounded(response: Response, signal: AbortSignal): Promise<unknown> {
  if (response.body === null) return undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      size += chunk.byteLength;
      // Leaving the loop cancels the stream.
      if (size > BODY_AT_MOST) return undefined;
      chunks.push(chunk);
    }
  } catch {
    throw new ProbeError(signal.aborted ? 'timeout' : 'connection failed');
  }
  const text = Buffer.concat(chunks).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

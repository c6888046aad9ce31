import type { Agent, IncomingMessage } from 'node:http';
import { decodeResponse, responseFromJson } from '@plimsoll/wire';
import { builtin } from '../../base/builtin.ts';
import { gzip } from '../../base/gzip.ts';
import { UNOBSERVED } from '../../base/unobserved.ts';
import type { TlsFiles } from './tls.ts';
import type { ExportResult, Transport } from './transport.ts';

export interface HttpTransportOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly json: boolean;
  readonly gzip: boolean;
  readonly timeoutMs: number;
  readonly tls: TlsFiles;
  /** Runs a function outside of any request's context. */
  outside<R>(fn: () => R): R;
}

type Http = Pick<typeof import('node:http'), 'Agent' | 'request'>;

/** The OTLP specification's list; everything else that is not 2xx is final. */
const RETRYABLE = new Set([429, 502, 503, 504]);
/** An answer is a few hundred bytes; what is longer is not one. */
const MAX_ANSWER = 64 * 1024;

/** OTLP/HTTP over a connection that is kept, and that never keeps the process alive by itself. */
export class HttpTransport implements Transport {
  readonly #options: HttpTransportOptions;
  readonly #url: URL;
  #agent: Agent | undefined;
  readonly #headers: Record<string, string>;
  #aborts = 0;

  constructor(options: HttpTransportOptions) {
    this.#options = options;
    this.#url = new URL(options.url);
    this.#headers = {
      'user-agent': 'plimsoll-otlp',
      ...options.headers,
      'content-type': options.json ? 'application/json' : 'application/x-protobuf',
    };
    if (options.gzip) this.#headers['content-encoding'] = 'gzip';
  }

  async send(body: Uint8Array): Promise<ExportResult> {
    const aborts = this.#aborts;
    try {
      const bytes = this.#options.gzip ? await gzip(body) : body;
      if (aborts !== this.#aborts) return { ok: false, code: 'aborted', retryable: false };
      return await this.#options.outside(() => this.#post(bytes));
    } catch (error) {
      // A header that can't be sent, for one.
      return { ok: false, code: codeOf(error as Error), retryable: false };
    }
  }

  abort(): void {
    this.#aborts++;
    this.#agent?.destroy();
  }

  #newAgent({ Agent }: Http): Agent {
    const pool = { keepAlive: true, maxSockets: 2, maxFreeSockets: 1, ...this.#options.tls };
    return Object.assign(new Agent(pool), { [UNOBSERVED]: true });
  }

  #post(body: Uint8Array): Promise<ExportResult> {
    const aborts = this.#aborts;
    // Loaded when something is sent: most services have it by then, and none waits for it at its start.
    const https = this.#url.protocol === 'https:';
    const http = https ? (builtin('node:https') as unknown as Http) : builtin('node:http');
    this.#agent ??= this.#newAgent(http);
    const agent = this.#agent;
    return new Promise(resolve => {
      const { username, password } = this.#url;
      const request = http.request(this.#url, {
        method: 'POST',
        agent,
        headers: { ...this.#headers, 'content-length': String(body.length) },
        ...(username && { auth: `${decodeURIComponent(username)}:${decodeURIComponent(password)}` }),
      });
      const timer = setTimeout(() => request.destroy(new Timeout()), this.#options.timeoutMs).unref();
      const settle = (result: ExportResult): void => {
        clearTimeout(timer);
        resolve(aborts === this.#aborts ? result : { ok: false, code: 'aborted', retryable: false });
      };
      // Whoever waits for a flush holds the process; a collector that hangs must not.
      request.on('socket', socket => socket.unref());
      request.on('error', error => settle({ ok: false, code: codeOf(error), retryable: true }));
      request.on('response', response => readAnswer(response, answer => settle(resultOf(response, answer))));
      request.end(body);
    });
  }
}

class Timeout extends Error {
  readonly code = 'timeout';
}

function codeOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' && /^\w{1,40}$/.test(code) ? code : 'error';
}

/** The status is what counts: an answer that breaks off, or is too long, counts as an empty one. */
function readAnswer(response: IncomingMessage, done: (answer: Buffer) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MAX_ANSWER) chunks.push(chunk);
    else response.destroy();
  });
  response.on('error', () => {});
  response.on('close', () =>
    done(response.complete && size <= MAX_ANSWER ? Buffer.concat(chunks) : Buffer.alloc(0)),
  );
}

function resultOf(response: IncomingMessage, answer: Buffer): ExportResult {
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300)
    return { ok: true, ...partialSuccess(response.headers['content-type'], answer) };
  const retryable = RETRYABLE.has(status);
  const retryAfterMs = retryable ? retryAfter(response.headers['retry-after']) : undefined;
  return { ok: false, code: String(status), retryable, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** Seconds or an HTTP date (RFC 9110, 10.2.3). */
function retryAfter(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

function partialSuccess(type: string | undefined, answer: Buffer): { rejected: number; message: string } {
  try {
    const partial = type?.includes('json')
      ? responseFromJson(JSON.parse(answer.toString()))
      : decodeResponse(answer);
    if (partial && Number.isSafeInteger(partial.rejected) && partial.rejected >= 0) return partial;
  } catch {
    // 2xx means taken, whatever nonsense the body holds.
  }
  return { rejected: 0, message: '' };
}

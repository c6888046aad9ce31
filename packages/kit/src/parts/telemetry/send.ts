import { builtin } from '../../base/builtin.ts';
import { UNOBSERVED } from '../../base/unobserved.ts';
import { CONTENT_TYPE } from './batch.ts';

export type Sent =
  | { readonly ok: true; readonly status: string }
  | { readonly ok: false; readonly status: string; readonly again: boolean; readonly afterMs?: number };

/** What the OTLP specification lets a client try again; any other answer is final. */
const AGAIN = new Set([429, 502, 503, 504]);
const TIMEOUT_MS = 15_000;
const MAX_AFTER_MS = 60 * 60_000;

/** One POST, on a connection of its own that keeps no process alive; never follows a redirect, never rejects. */
export function post(
  endpoint: string,
  body: Uint8Array,
  { headers, signal }: { headers: Readonly<Record<string, string>>; signal: AbortSignal },
): Promise<Sent> {
  const url = new URL(endpoint);
  const http = url.protocol === 'https:' ? builtin('node:https') : builtin('node:http');
  const agent = Object.assign(new http.Agent({ keepAlive: false }), {
    [UNOBSERVED]: true,
  });
  return new Promise(resolve => {
    const failed = (error: NodeJS.ErrnoException): void => {
      const code = error.code ?? error.name;
      resolve({ ok: false, status: /^\w{1,40}$/.test(code) ? code : 'error', again: true });
    };
    try {
      const request = http.request(url, {
        ...{ method: 'POST', agent, signal, timeout: TIMEOUT_MS },
        headers: {
          'user-agent': 'plimsoll-telemetry',
          ...headers,
          ...{ 'content-type': CONTENT_TYPE, 'content-length': String(body.length) },
        },
      });
      request.on('timeout', () => request.destroy(Object.assign(new Error('timeout'), { code: 'timeout' })));
      request.on('socket', socket => socket.unref());
      request.on('error', failed);
      request.on('response', response => {
        response.resume();
        response.on('error', () => {});
        resolve(sentOf(response.statusCode ?? 0, response.headers['retry-after']));
      });
      request.end(body);
    } catch (error) {
      // A header that can't be sent, for one.
      failed(error as NodeJS.ErrnoException);
    }
  });
}

function sentOf(code: number, retryAfter: string | undefined): Sent {
  const status = String(code);
  if (code >= 200 && code < 300) return { ok: true, status };
  const again = AGAIN.has(code);
  const afterMs = again ? wait(retryAfter) : undefined;
  return { ok: false, status, again, ...(afterMs !== undefined && { afterMs }) };
}

/** Seconds or an HTTP date (RFC 9110, 10.2.3). */
function wait(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(MAX_AFTER_MS, Math.max(0, ms));
}

import type { IncomingMessage } from 'node:http';
import { builtin } from '../../../base/builtin.ts';
import { AddressRules, createResolve, guardedLookup, webhookUrl } from './addresses.ts';

/** What came of one attempt. `code` is a word for people and metrics, never text of the receiver. */
export interface Outcome {
  readonly ok: boolean;
  readonly status?: number;
  readonly code?: string;
  /** The receiver asked for this much patience. */
  readonly retryAfterMs?: number;
  /** Never to be tried again. */
  readonly final?: 'gone' | 'address_not_allowed';
}

export interface Parcel {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

export interface Sender {
  readonly rules: AddressRules;
  send(parcel: Parcel): Promise<Outcome>;
  close(): void;
}

export interface SenderOptions {
  readonly allow: readonly string[];
  readonly resolver: readonly string[];
  readonly timeoutMs: number;
}

/** Of an answer's body, which nobody reads; a longer one costs its connection. */
const BODY_AT_MOST = 65_536;
const DAY_MS = 86_400_000;

/** Posts webhooks: no redirects, no proxy, no cookies, and no address that is not allowed. */
export function createSender({ allow, resolver, timeoutMs }: SenderOptions): Sender {
  const rules = new AddressRules(allow);
  const lookup = guardedLookup(rules, createResolve(resolver));
  const settings = { keepAlive: true, maxFreeSockets: 16, timeout: 30_000 };
  const [http, https] = [builtin('node:http'), builtin('node:https')];
  const agents = { 'http:': new http.Agent(settings), 'https:': new https.Agent(settings) };

  const send = (parcel: Parcel, again = false): Promise<Outcome> => {
    const { url: text, headers, body, signal } = parcel;
    // Asked again: the rules may have changed since it was registered.
    const url = webhookUrl(text, rules);
    if (url === undefined)
      return Promise.resolve({ ok: false, code: 'address_not_allowed', final: 'address_not_allowed' });
    return new Promise(resolve => {
      const secure = url.protocol === 'https:';
      const request = (secure ? https : http).request(url, {
        ...{ method: 'POST', lookup, signal, headers: { ...headers } },
        agent: agents[secure ? 'https:' : 'http:'],
      });
      const timer = setTimeout(() => request.destroy(TIMEOUT), timeoutMs);
      const settle = (outcome: Outcome | Promise<Outcome>): void => {
        clearTimeout(timer);
        resolve(outcome);
      };
      request.on('error', (error: NodeJS.ErrnoException) => {
        // The receiver closed an idle connection as we took it: it never saw this request.
        const stale = request.reusedSocket && error.code === 'ECONNRESET' && !again;
        settle(stale ? send(parcel, true) : failureOf(error));
      });
      request.on('response', response => {
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > BODY_AT_MOST) response.destroy();
        });
        response.on('error', () => {});
        response.on('close', () => settle(outcomeOf(response)));
      });
      request.end(body);
    });
  };
  return {
    rules,
    send: parcel => send(parcel),
    close: () => {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

const TIMEOUT = Object.assign(new Error('no answer in time'), { code: 'timeout' });

function failureOf(error: NodeJS.ErrnoException): Outcome {
  if (error.code === 'PLIMSOLL_WEBHOOK_ADDRESS')
    return { ok: false, code: 'address_not_allowed', final: 'address_not_allowed' };
  return { ok: false, code: /^[A-Za-z_]{1,40}$/.test(error.code ?? '') ? (error.code as string) : 'failed' };
}

function outcomeOf(response: IncomingMessage): Outcome {
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return { ok: true, status };
  if (status === 410) return { ok: false, status, code: 'gone', final: 'gone' };
  const code = status >= 300 && status < 400 ? 'redirect' : `status_${status}`;
  const retryAfterMs = patience(response.headers['retry-after']);
  return { ok: false, status, code, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** RFC 9110, 10.2.3: seconds or a date. More than a day is a day. */
function patience(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(DAY_MS, Math.max(0, ms));
}

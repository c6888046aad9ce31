import { randomUUID } from 'node:crypto';
import { builtin } from '../base/builtin.ts';
import { OpsError } from '../base/ops-error.ts';
import { tokenOf } from '../base/tokens.ts';
import type { UpgradeHandler } from '../kernel/part.ts';
import type { Guard } from './access.ts';
import { isForeign } from './loopback.ts';
import { problemResponse } from './problem.ts';
import type { Handshake } from './router.ts';

export type UpgradeServer = (handshake: Handshake, handler: UpgradeHandler) => Promise<void>;

/** How a browser, which can set no header of a handshake, says the token: `bearer.` and its base64url. */
const BEARER = /(?:^|,)\s*bearer\.([A-Za-z0-9_-]+)\s*(?=,|$)/;

/** Lets a handshake through to its taker, or answers the refusal that a request at this path would get. */
export function upgradeServer(guard: Guard): UpgradeServer {
  return async (handshake, handler) => {
    const { request, socket, head } = handshake;
    let admin: boolean;
    try {
      admin = admit(guard, handshake, handler);
    } catch (error) {
      return refuse(handshake, error);
    }
    await handler.accept({ request, socket, head, admin });
  };
}

function admit(guard: Guard, { web, peer }: Handshake, { access }: UpgradeHandler): boolean {
  const headers = withToken(web.headers);
  const asked = new Request(web.url, { headers });
  const route = { method: 'GET', path: new URL(web.url).pathname, access };
  const { admin } = guard(route, asked, peer);
  // With the token in it, it is nobody's but the token's owner's; without it, a page elsewhere could have sent it.
  if (!admin && access !== 'open' && isForeign(asked)) {
    throw new OpsError('forbidden', { hint: 'A stream from a browser needs an Origin that is this server.' });
  }
  return admin;
}

function withToken(given: Headers): Headers {
  const headers = new Headers(given);
  if (tokenOf(headers) !== undefined) return headers;
  const encoded = BEARER.exec(headers.get('sec-websocket-protocol') ?? '')?.[1];
  const token = encoded === undefined ? '' : Buffer.from(encoded, 'base64url').toString('utf8');
  if (/^[\x21-\x7e]+$/.test(token)) headers.set('x-admin-token', token);
  return headers;
}

/** What has no response object: the same problem+json, written by hand. */
async function refuse({ socket }: Handshake, error: unknown): Promise<void> {
  const onBug = (bug: unknown): never => {
    throw bug;
  };
  const response = problemResponse(error, { requestId: randomUUID(), style: 'standard', onBug });
  const body = await response.text();
  const { status } = response;
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.end(
    `HTTP/1.1 ${status} ${builtin('node:http').STATUS_CODES[status] ?? ''}\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n` +
      `cache-control: no-store\r\nconnection: close\r\n\r\n${body}`,
  );
}

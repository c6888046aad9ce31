import ipaddr from 'ipaddr.js';
import type { Peer } from '../kernel/part.ts';

/**
 * True for a request that can only come from this machine: a loopback peer that says a loopback `Host` (a page
 * of another site that had its name point here says that name), and that no proxy forwarded.
 */
export function isLocal(request: Request, peer: Peer): boolean {
  if (peer.address === undefined || !isLoopback(peer.address)) return false;
  if (forwarded(request.headers)) return false;
  const host = hostOf(request);
  return host !== undefined && isLoopbackName(host.hostname);
}

/** A browser's write must come from a page of this very origin. Tools send neither of the two headers. */
export function isForeignWrite(request: Request): boolean {
  if (request.method === 'GET' || request.method === 'HEAD') return false;
  return isForeign(request);
}

/** A WebSocket handshake is a GET that any page may send, and it opens a way in both directions. */
export function isForeign(request: Request): boolean {
  const origin = request.headers.get('origin');
  if (origin === null) return request.headers.has('sec-fetch-site');
  const host = hostOf(request);
  if (host === undefined || !URL.canParse(origin)) return true;
  const { protocol, host: from } = new URL(origin);
  return (protocol !== 'http:' && protocol !== 'https:') || from !== host.host;
}

function forwarded(headers: Headers): boolean {
  for (const name of headers.keys()) if (name === 'forwarded' || name.startsWith('x-forwarded-')) return true;
  return false;
}

function hostOf(request: Request): URL | undefined {
  const host = request.headers.get('host') ?? new URL(request.url).host;
  const url = `http://${host}`;
  return URL.canParse(url) ? new URL(url) : undefined;
}

function isLoopbackName(hostname: string): boolean {
  return hostname === 'localhost' || isLoopback(hostname.replace(/^\[|\]$/g, ''));
}

function isLoopback(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback';
}

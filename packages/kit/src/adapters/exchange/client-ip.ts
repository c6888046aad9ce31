import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

/**
 * Who called: the socket's peer, or behind trusted proxies the last address in X-Forwarded-For
 * that is not one of them.
 */
export function clientIp(trusted: readonly string[]): (req: IncomingMessage) => string | undefined {
  const ranges = trusted.map(text => (text.includes('/') ? ipaddr.parseCIDR(text) : whole(text)));
  return req => {
    let address = plain(req.socket.remoteAddress);
    const forwarded = req.headers['x-forwarded-for'];
    if (ranges.length === 0 || typeof forwarded !== 'string') return address;
    const hops = forwarded.split(',').map(hop => hop.trim());
    while (address !== undefined && hops.length > 0 && isTrusted(address, ranges))
      address = plain(hops.pop());
    return address;
  };
}

function whole(text: string): Range {
  const address = ipaddr.parse(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

function plain(text: string | undefined): string | undefined {
  return text !== undefined && ipaddr.isValid(text) ? ipaddr.process(text).toString() : undefined;
}

function isTrusted(text: string, ranges: readonly Range[]): boolean {
  const address = ipaddr.process(text);
  return ranges.some(
    range => address.kind() === range[0].kind() && address.match(range as [ipaddr.IPv4, number]),
  );
}

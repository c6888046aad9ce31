import { lookup, Resolver } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { PlimsollError } from '../../../base/errors.ts';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = [Address, number];

/** On the public internet by the bits, and not for what anybody could call. RFC 6890 and IANA's two registries. */
const NOT_PUBLIC: readonly Range[] = [
  ...['192.0.0.0/24', '192.31.196.0/24', '192.52.193.0/24', '192.88.99.0/24', '192.175.48.0/24'],
  ...['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '198.18.0.0/15', '240.0.0.0/4', '100.64.0.0/10'],
  // Tunnels, benchmarks and documentation: some of them hold an IPv4 address of any kind.
  ...['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20', '2620:4f:8000::/48'],
].map(range => ipaddr.parseCIDR(range));
const PUBLIC_IPV6: Range = ipaddr.parseCIDR('2000::/3');

/** Which addresses webhooks may reach: the public internet, and what the operator lists. */
export class AddressRules {
  readonly #ranges: readonly Range[];
  readonly #hosts: ReadonlySet<string>;

  /** Entries are addresses, CIDR ranges and host names. */
  constructor(allow: readonly string[]) {
    const entries = allow.map(entry => entry.trim().toLowerCase()).filter(entry => entry !== '');
    this.#ranges = entries.map(rangeOf).filter(range => range !== undefined);
    this.#hosts = new Set(entries.filter(entry => rangeOf(entry) === undefined));
  }

  allowsHost(hostname: string): boolean {
    return this.#hosts.has(hostname.toLowerCase().replace(/\.$/, ''));
  }

  allows(text: string): boolean {
    if (!ipaddr.isValid(text)) return false;
    // An IPv4 address in IPv6 clothes is judged as the IPv4 address that is connected to.
    const address = ipaddr.process(text);
    if (this.#ranges.some(range => isIn(address, range))) return true;
    if (address.range() !== 'unicast' || NOT_PUBLIC.some(range => isIn(address, range))) return false;
    return address.kind() === 'ipv4' || isIn(address, PUBLIC_IPV6);
  }
}

function rangeOf(entry: string): Range | undefined {
  const bare = entry.replace(/^\[|\]$/g, '');
  if (ipaddr.isValidCIDR(bare)) return ipaddr.parseCIDR(bare);
  // What the URL's own grammar makes of it, so that nothing short such as `10` means an address here.
  if (isIP(bare) === 0) return undefined;
  const address = ipaddr.process(bare);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

function isIn(address: Address, range: Range): boolean {
  return address.kind() === range[0].kind() && address.match(range as [ipaddr.IPv4, number]);
}

export type Resolve = (hostname: string) => Promise<readonly string[]>;

/** The system's way, hosts file included, or DNS servers of the option. */
export function createResolve(servers: readonly string[]): Resolve {
  if (servers.length === 0) {
    return async hostname => (await lookup(hostname, { all: true })).map(({ address }) => address);
  }
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  resolver.setServers([...servers]);
  return async hostname => {
    const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    const found = answers.flatMap(answer => (answer.status === 'fulfilled' ? answer.value : []));
    if (found.length === 0) throw (answers[0] as PromiseRejectedResult).reason;
    return found;
  };
}

/**
 * The check stands where the connection is made: a name is resolved once, every address of it is judged, and one of
 * these is connected to. Checking first and connecting later would let the name point elsewhere in between.
 */
export function guardedLookup(rules: AddressRules, resolve: Resolve): LookupFunction {
  return (hostname, options, callback) => {
    const answer = async (): Promise<void> => {
      const addresses = await resolve(hostname);
      if (!rules.allowsHost(hostname) && !addresses.every(address => rules.allows(address))) {
        throw new PlimsollError('PLIMSOLL_WEBHOOK_ADDRESS');
      }
      const wanted = addresses
        .map(address => ({ address, family: isIP(address) }))
        .filter(({ family }) => !options.family || family === options.family);
      const first = wanted[0];
      if (first === undefined) throw Object.assign(new Error('no address'), { code: 'ENOTFOUND' });
      if (options.all) callback(null, wanted);
      else callback(null, first.address, first.family);
    };
    answer().catch((error: NodeJS.ErrnoException) => callback(error, '', 4));
  };
}

/** What can be said of a URL before a name is resolved; undefined for one that no webhook may have. */
export function webhookUrl(text: string, rules: AddressRules): URL | undefined {
  if (!URL.canParse(text) || text.length > 2048) return undefined;
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  if (url.username !== '' || url.password !== '' || url.hostname === '') return undefined;
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(literal) !== 0 && !rules.allows(literal)) return undefined;
  // Never the public internet, whatever a resolver says of it (RFC 6761).
  const local = /(?:^|\.)localhost\.?$/.test(url.hostname);
  if (local && !rules.allowsHost(url.hostname) && !rules.allows('127.0.0.1')) return undefined;
  url.hash = '';
  return url;
}

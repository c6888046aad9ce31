import { Refusal } from './problem.ts';

/** True for `localhost`, 127.0.0.0/8 and ::1, as a URL or a listener writes them. */
export function isLoopbackName(hostname: string): boolean {
  const name = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (name === 'localhost' || name.endsWith('.localhost') || name === '::1') return true;
  return /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(name) || /^::ffff:(127\.|7f[0-9a-f]{2}:)/.test(name);
}

/**
 * Refuses what a page of another site could send here. A site that points its name at this machine still says that
 * name in `Host`; a script of another origin says so in `Origin` or `Sec-Fetch-Site`; tools send neither.
 */
export function createOriginGuard(hosts: readonly string[]): (request: Request, upgrade?: boolean) => void {
  const allowed = new Set(hosts.map(host => host.toLowerCase()));
  return (request, upgrade = false) => {
    const url = new URL(
      `http://${request.headers.get('host') ?? ''}/`.replace('http:///', 'http://invalid/'),
    );
    if (!isLoopbackName(url.hostname) && !allowed.has(url.hostname)) throw new Refusal('host_not_allowed');
    const origin = request.headers.get('origin');
    const site = request.headers.get('sec-fetch-site');
    if (site !== null && site !== 'same-origin' && site !== 'none' && !isPage(request)) {
      throw new Refusal('foreign_origin');
    }
    const writes = request.method !== 'GET' && request.method !== 'HEAD';
    if (!writes && !upgrade) return;
    if (origin === null) {
      if (writes && site !== null && site !== 'same-origin') throw new Refusal('foreign_origin');
      return;
    }
    if (!URL.canParse(origin) || new URL(origin).host !== url.host) throw new Refusal('foreign_origin');
  };
}

/** A link from elsewhere may open the page; it may not read the API. */
function isPage(request: Request): boolean {
  return request.method === 'GET' && !new URL(request.url).pathname.startsWith('/api/');
}

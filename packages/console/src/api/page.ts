import { existsSync, globSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** No inline code or style, nothing from elsewhere, and nobody frames us. */
const SECURITY: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** Every answer of the console carries these, those of the API too: a JSON text opened as a page runs nothing. */
export function secure(response: Response): Response {
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(SECURITY)) headers.set(name, value);
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
  return new Response(response.body, { status: response.status, headers });
}

const UNBUILT = `<!doctype html><html lang="en"><title>Plimsoll</title><p>The page is not built; run <code>npm run build</code>.`;

/** Serves the built page out of memory. A path without a file is a view of the page: its script reads the address. */
export function createPage(folder: string): (path: string) => Response | undefined {
  const files = new Map<string, Buffer>();
  if (existsSync(folder)) {
    for (const path of globSync('**/*.*', { cwd: folder })) {
      files.set(`/${path.replaceAll('\\', '/')}`, readFileSync(join(folder, path)));
    }
  }
  return path => {
    const file = files.get(path);
    if (file !== undefined && path !== '/index.html') {
      const cache = path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
      const headers = {
        'content-type': TYPES[extname(path)] ?? 'application/octet-stream',
        'cache-control': cache,
      };
      return new Response(new Uint8Array(file), { headers });
    }
    if (path.startsWith('/assets/') || path.startsWith('/api/')) return undefined;
    const index = files.get('/index.html');
    return new Response(index ? new Uint8Array(index) : UNBUILT, {
      status: index ? 200 : 503,
      headers: { 'content-type': TYPES['.html']! },
    });
  };
}

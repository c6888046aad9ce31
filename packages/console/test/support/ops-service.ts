import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { WebSocketServer } from 'ws';

export const TOKEN = 'the-admin-token-of-the-service';

export interface OpsService {
  readonly url: string;
  /** Requests to anything but the index, in order. */
  readonly asked: {
    readonly method: string;
    readonly url: string;
    readonly headers: IncomingMessage['headers'];
    body: string;
  }[];
  /** Bytes that `/api/shop/pack` gives. */
  readonly pack: Buffer;
}

const ROUTES = [
  { method: 'GET', path: '/ops/', access: 'admin', summary: 'The routes' },
  { method: 'GET', path: '/api/shop/items/:id', access: 'local' },
  { method: 'PUT', path: '/api/shop/items/:id', access: 'admin' },
  { method: 'DELETE', path: '/api/shop/items/:id', access: 'admin' },
  { method: 'GET', path: '/api/shop/pack', access: 'admin' },
  { method: 'POST', path: '/api/shop/upload', access: 'admin' },
  { method: 'GET', path: '/api/shop/hooks/history', access: 'admin' },
];

/** A service with an ops API of its own, in node:http alone: it lists its routes to who has the token. */
export async function opsService(t: TestContext, name = 'shop'): Promise<OpsService> {
  const asked: OpsService['asked'] = [];
  // Above one piece of a stream by far, and nothing that compresses.
  const pack = randomBytes(20 * 1024 * 1024);
  const server = createServer((req, res) => {
    if (req.headers['x-admin-token'] !== TOKEN) return problem(res, 403, 'forbidden');
    if (req.url === '/ops/') return json(res, { service: name, routes: ROUTES });
    let body = '';
    req.setEncoding('latin1').on('data', text => {
      body += text;
    });
    req.on('end', () => {
      asked.push({ method: req.method ?? '', url: req.url ?? '', headers: req.headers, body });
      answer(req, res, pack);
    });
  });
  sockets(server);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, pack };
}

function answer(req: IncomingMessage, res: ServerResponse, pack: Buffer): void {
  if (req.url?.startsWith('/api/shop/pack')) {
    const leak = req.url.endsWith('?leak');
    res.setHeader('content-type', 'application/zip');
    res.setHeader('content-disposition', 'attachment; filename="../pack 1.zip"');
    res.setHeader('set-cookie', 'theirs=1');
    res.write(pack.subarray(0, 1_000_000));
    // In two pieces, so that neither has the whole token.
    if (leak) res.write(TOKEN.slice(0, 9), () => res.end(TOKEN.slice(9)));
    else res.end(pack.subarray(1_000_000));
    return;
  }
  if (req.url === '/api/shop/items/none') problem(res, 404, 'unknown_item');
  else json(res, { method: req.method, url: req.url });
}

function json(res: ServerResponse, value: unknown): void {
  res.setHeader('content-type', 'application/json').end(JSON.stringify(value));
}

function problem(res: ServerResponse, status: number, code: string): void {
  res.writeHead(status, { 'content-type': 'application/problem+json', 'retry-after': '7' });
  res.end(JSON.stringify({ status, code, detail: code, hint: 'Ask for another.' }));
}

/** Echoes, says the token when asked for it, and refuses who has none. */
function sockets(server: Server): void {
  const upgrades = new WebSocketServer({ noServer: true });
  server.on('upgrade', (req, socket, head) => {
    if (req.headers['x-admin-token'] !== TOKEN) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    upgrades.handleUpgrade(req, socket, head, ws => {
      ws.send(JSON.stringify({ hello: req.url }));
      ws.on('message', (data, binary) => {
        const text = String(data);
        if (text === 'end') ws.close(4001, 'asked to');
        else ws.send(text === 'leak' ? `it is ${TOKEN}` : data, { binary });
      });
    });
  });
}

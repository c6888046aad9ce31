import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { getRequestListener } from '@hono/node-server';

export type Fetch = (request: Request, ...rest: never[]) => Response | Promise<Response>;

/** Serves a fetch handler on @hono/node-server, which hands on the node request and answer. */
export function onNodeServer(fetch: Fetch): Promise<Server> {
  return listening(createServer(getRequestListener(fetch as never, { overrideGlobalObjects: false })));
}

/** Serves a fetch handler as a runtime that hands on nothing but the request. */
export function alone(fetch: Fetch): Promise<Server> {
  return listening(
    createServer(async (req, res) => {
      const headers = new Headers();
      for (const [name, value] of Object.entries(req.headers)) headers.set(name, String(value));
      const body = req.method === 'GET' || req.method === 'HEAD' ? null : Readable.toWeb(req);
      const init = { method: req.method, headers, body, duplex: 'half' } as RequestInit;
      const response = await fetch(new Request(`http://${req.headers.host}${req.url}`, init));
      res.writeHead(response.status, Object.fromEntries(response.headers));
      if (response.body === null) return res.end();
      const reader = response.body.getReader();
      res.on('close', () => void reader.cancel().catch(() => {}));
      for (let part = await reader.read(); !part.done; part = await reader.read()) res.write(part.value);
      return res.end();
    }),
  );
}

async function listening(server: Server): Promise<Server> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return server;
}

export const urlOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

export async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise(resolve => server.close(resolve));
}

/** Sends `a`, and 60 ms later `b` unless it hangs. */
export function slowBody(hangs: boolean): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(Buffer.from('a'));
      if (hangs) return;
      setTimeout(() => {
        controller.enqueue(Buffer.from('b'));
        controller.close();
      }, 60);
    },
  });
}

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isIPv6 } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { toStandardError } from '../store/error.ts';
import type { Api } from './app.ts';

export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

/** Opens the console's port; one that is taken falls back to a free one, which `url` says. */
export async function listen(api: Api, { host, port }: { host: string; port: number }): Promise<Listening> {
  const handle = getRequestListener(
    (request, { incoming }) => api.fetch(request, incoming.socket.remoteAddress ?? ''),
    { overrideGlobalObjects: false, hostname: host },
  );
  const server = createServer({ requestTimeout: 30_000 }, (req: IncomingMessage, res: ServerResponse) => {
    void handle(req, res);
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    api.upgrade(request, socket, head);
  });
  const tryPort = (wanted: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port: wanted }, () => {
        server.off('error', reject);
        resolve();
      });
    });
  await tryPort(port).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE' || port === 0) throw error;
    await tryPort(0);
  });
  const address = server.address();
  const real = typeof address === 'object' && address !== null ? address.port : port;
  const url = `http://${isIPv6(host) ? `[${host}]` : host}:${real}`;
  if (port !== 0 && real !== port) toStandardError('PLIMSOLL_PORT_TAKEN', `${port}; listening at ${url}`);
  return {
    url,
    close: () => {
      api.close();
      server.closeAllConnections();
      return new Promise(resolve => server.close(() => resolve()));
    },
  };
}

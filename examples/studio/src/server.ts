import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { createStudio, type StudioApp, type StudioOptions } from './app.ts';

export interface RunningStudio extends StudioApp {
  readonly origin: string;
}

export interface ListenOptions extends StudioOptions {
  /** 0 takes a free one. */
  readonly port: number;
}

const HOST = '127.0.0.1';

/** studio on a port of the loopback. Rejects with EADDRINUSE where that is taken; closing is safe twice. */
export async function listen({ port, ...options }: ListenOptions): Promise<RunningStudio> {
  const studio = await createStudio(options);
  const server = createAdaptorServer({ fetch: studio.app.fetch, overrideGlobalObjects: false }) as Server;
  try {
    server.listen(port, HOST);
    await once(server, 'listening');
  } catch (error) {
    await studio.close();
    throw error;
  }
  let closing: Promise<void> | undefined;
  const close = async () => {
    await stop(server);
    await studio.close();
  };
  const { port: real } = server.address() as AddressInfo;
  return { ...studio, origin: `http://${HOST}:${real}`, close: () => (closing ??= close()) };
}

/** No new connections, and the idle ones are closed; what is under way is answered. */
async function stop(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  await closed;
}

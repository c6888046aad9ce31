import type { Server } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Exchanges } from '../adapters/exchange.ts';
import { ATTACHED, type NodeHandler, nodeHandler, type OpsSurface } from '../adapters/node.ts';
import { PlimsollError } from '../base/errors.ts';

export interface AttachInput {
  readonly exchanges: Exchanges;
  readonly ops: OpsSurface | undefined;
}

export async function attach(app: object, { exchanges, ops }: AttachInput): Promise<void> {
  const marked = app as { [ATTACHED]?: true };
  if (marked[ATTACHED]) return;
  if (isFastify(app)) {
    assertEarly(app);
    const { attachFastify } = await import('../adapters/fastify.ts');
    attachFastify(app, exchanges, ops);
  } else if (isServer(app)) attachServer(app, exchanges, ops);
  else throw new PlimsollError('PLIMSOLL_UNKNOWN_APP');
  Object.defineProperty(app, ATTACHED, { value: true });
}

function isFastify(app: object): app is FastifyInstance {
  const { addHook, setChildLoggerFactory } = app as Record<string, unknown>;
  return typeof addHook === 'function' && typeof setChildLoggerFactory === 'function';
}

function isServer(app: object): app is Server {
  const { listeners, requestTimeout } = app as Record<string, unknown>;
  return typeof listeners === 'function' && requestTimeout !== undefined;
}

/** Hooks reach only what comes after them, so an app with routes would be observed in part. */
function assertEarly(app: FastifyInstance): void {
  if (app.server.listening) throw new PlimsollError('PLIMSOLL_LATE', 'the server listens already');
  const routes = app.printRoutes({ commonPrefix: false }).trim();
  if (routes !== '' && routes !== '(empty tree)') {
    throw new PlimsollError('PLIMSOLL_LATE', `${routes.split('\n').length} routes are there`);
  }
}

/** The listeners that the server has are wrapped as one; ones that are added later run unobserved. */
function attachServer(server: Server, exchanges: Exchanges, ops: OpsSurface | undefined): void {
  const listeners = server.listeners('request') as (NodeHandler & { [ATTACHED]?: true })[];
  if (listeners.some(listener => listener[ATTACHED])) return;
  server.removeAllListeners('request');
  const all: NodeHandler = (req, res) => {
    const results = listeners.map(listener => listener.call(server, req, res));
    return results.length === 1 ? results[0] : Promise.all(results);
  };
  const notFound: NodeHandler = (_req, res) => res.writeHead(404).end();
  server.on('request', nodeHandler(exchanges, ops, listeners.length > 0 ? all : notFound));
}

import type { Server } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Exchanges } from '../adapters/exchange.ts';
import type { Hono } from '../adapters/hono.ts';
import { ATTACHED, type NodeHandler, nodeHandler, type OpsSurface } from '../adapters/node.ts';
import { PlimsollError } from '../base/errors.ts';

export interface AttachInput {
  readonly exchanges: Exchanges;
  readonly ops: OpsSurface | undefined;
  /** What these exchanges listen to already, however many apps are attached. */
  readonly listening: Set<string>;
  /** Where the app's server is known before it listens, or after. */
  readonly upgrades: { add(server: Server): void } | undefined;
}
type Express = Parameters<typeof import('../adapters/express.ts').attachExpress>[0];

export async function attach(app: object, input: AttachInput): Promise<void> {
  const marked = app as { [ATTACHED]?: true };
  if (marked[ATTACHED]) return;
  const { exchanges, ops } = input;
  if (isFastify(app)) {
    assertEarly(app);
    const { attachFastify } = await import('../adapters/fastify.ts');
    attachFastify(app, exchanges, ops);
  } else if (isExpress(app)) await toExpress(app, input);
  else if (isHono(app)) {
    assertEmpty(app.routes);
    const { attachHono } = await import('../adapters/hono.ts');
    attachHono(app, exchanges, ops);
  } else if (isServer(app)) {
    attachServer(app, exchanges, ops);
    input.upgrades?.add(app);
  } else throw new PlimsollError('PLIMSOLL_UNKNOWN_APP');
  Object.defineProperty(app, ATTACHED, { value: true });
}

async function toExpress(app: Express, { exchanges, ops, listening }: AttachInput): Promise<void> {
  assertEmpty(app.router.stack);
  const { attachExpress, listenExpressErrors } = await import('../adapters/express.ts');
  attachExpress(app, exchanges, ops);
  if (listening.has('express')) return;
  listening.add('express');
  await exchanges.kit.use({ name: 'express-errors', setup: () => listenExpressErrors(exchanges) });
}

function isFastify(app: object): app is FastifyInstance {
  const { addHook, setChildLoggerFactory } = app as Record<string, unknown>;
  return typeof addHook === 'function' && typeof setChildLoggerFactory === 'function';
}

/** Express 5: in Express 4, `app.router` throws, and its router is not the one that is read here. */
function isExpress(app: object): app is Express {
  const { use, handle, set, lazyrouter } = app as Record<string, unknown>;
  return [use, handle, set].every(method => typeof method === 'function') && lazyrouter === undefined;
}

function isHono(app: object): app is Hono {
  const { fetch, use, routes } = app as Record<string, unknown>;
  return typeof fetch === 'function' && typeof use === 'function' && Array.isArray(routes);
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

/** A middleware reaches only what comes after it. */
function assertEmpty(layers: readonly unknown[]): void {
  if (layers.length > 0) throw new PlimsollError('PLIMSOLL_LATE', `${layers.length} layers are there`);
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

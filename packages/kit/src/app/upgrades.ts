import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { pathOf, peerOf, webRequest } from '../adapters/node.ts';
import { builtin } from '../base/builtin.ts';
import { UNOBSERVED } from '../base/unobserved.ts';
import type { KitCore } from '../kernel/kit.ts';
import type { Part, Teardown } from '../kernel/part.ts';
import type { Ops } from '../ops/router.ts';

const LISTEN = 'tracing:net.server.listen:asyncEnd';
const REQUEST = 'http.server.request.start';

interface Taken {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}
/** Node 24.9 asks this before it takes a request for a handshake. */
type HttpServer = Server & {
  [UNOBSERVED]?: true;
  shouldUpgradeCallback?: (request: IncomingMessage) => boolean;
};

/** True where the handshake is the ops API's, which answers it from here on. */
export function takeUpgrade(ops: Ops, { request, socket, head }: Taken): boolean {
  if (!isOurs(ops, request)) return false;
  void ops.upgrade({ request, socket, head, web: webRequest(request), peer: peerOf(request) });
  return true;
}

function isOurs(ops: Ops, { url, headers }: IncomingMessage): boolean {
  return ops.upgrades(pathOf(url)) && headers.upgrade?.toLowerCase() === 'websocket';
}

/**
 * Takes the handshakes of the ops API on the app's servers, and leaves all others to the app. Servers are learnt as
 * they listen; where one may have listened before, requests tell of it. None is touched until somebody wants
 * handshakes, and each is as it was when nobody does any more.
 */
export class Upgrades implements Part {
  readonly name = 'upgrades';
  readonly #kit: KitCore;
  readonly #ops: Ops;
  readonly #servers = new Set<HttpServer>();
  readonly #undo = new Map<HttpServer, () => void>();
  #on = false;

  constructor(kit: KitCore, ops: Ops) {
    this.#kit = kit;
    this.#ops = ops;
  }

  setup(): Teardown {
    subscribe(LISTEN, this.#onListen);
    this.#kit.core.onUpgrades = () => this.#settle();
    this.#settle();
    return () => {
      this.#kit.core.onUpgrades = undefined;
      unsubscribe(LISTEN, this.#onListen);
      this.#stop();
      this.#servers.clear();
    };
  }

  add(server: Server): void {
    // A process may open and close servers all day.
    for (const known of this.#servers) if (!known.listening && known !== server) this.#forget(known);
    this.#servers.add(server);
    if (this.#on) this.#take(server);
  }

  #forget(server: HttpServer): void {
    // One that was handed in, and is about to listen, comes back when it does.
    this.#servers.delete(server);
    this.#undo.get(server)?.();
    this.#undo.delete(server);
  }

  #settle(): void {
    const wanted = this.#kit.core.upgrades.size > 0;
    if (wanted === this.#on) return;
    if (!wanted) {
      this.#stop();
      return;
    }
    this.#on = true;
    for (const server of this.#servers) this.#take(server);
    // Only where a server listens that was not seen to begin.
    if (process.getActiveResourcesInfo().includes('TCPServerWrap')) subscribe(REQUEST, this.#onRequest);
  }

  #stop(): void {
    this.#on = false;
    unsubscribe(REQUEST, this.#onRequest);
    for (const undo of this.#undo.values()) undo();
    this.#undo.clear();
  }

  #take(server: HttpServer): void {
    if (!this.#undo.has(server)) this.#undo.set(server, intercept(server, this.#ops));
  }

  readonly #onListen = (message: unknown): void => {
    const { server } = message as { server: HttpServer };
    if ('closeIdleConnections' in server && !server[UNOBSERVED]) this.add(server);
  };

  readonly #onRequest = (message: unknown): void => {
    const { server } = message as { server: HttpServer };
    if (!this.#undo.has(server) && !server[UNOBSERVED]) this.add(server);
  };
}

/**
 * A listener would not do: every listener gets every handshake, and those of `ws` and its like refuse the paths that
 * they do not know. So our paths are taken before the event, on this one server, and no listener sees them.
 */
function intercept(server: HttpServer, ops: Ops): () => void {
  const { emit, shouldUpgradeCallback: should } = server;
  let active = true;
  const own = Object.hasOwn(server, 'emit');
  const taking = function (this: HttpServer, ...args: Parameters<typeof emit>): boolean {
    if (args[0] === 'upgrade' && active) {
      const [, request, socket, head] = args as unknown as [string, IncomingMessage, Duplex, Buffer];
      if (takeUpgrade(ops, { request, socket, head })) return true;
    }
    return emit.apply(this, args);
  } as typeof emit;
  server.emit = taking;
  // Node takes a request for a handshake only where somebody listens.
  const rest = (request: IncomingMessage, socket: Duplex): void => plain(server, request, socket);
  const asked = (request: IncomingMessage): boolean => {
    if (active && isOurs(ops, request)) return true;
    // By default it counts the listeners, and ours is none of the app's.
    server.off('upgrade', rest);
    try {
      return should?.call(server, request) === true;
    } finally {
      if (active) server.on('upgrade', rest);
    }
  };
  if (should !== undefined) server.shouldUpgradeCallback = asked;
  server.on('upgrade', rest);
  return () => {
    active = false;
    server.off('upgrade', rest);
    if (should !== undefined && server.shouldUpgradeCallback === asked) server.shouldUpgradeCallback = should;
    if (server.emit !== taking) return;
    if (own) server.emit = emit;
    else delete (server as { emit?: unknown }).emit;
  };
}

/** Before Node 24.9 a listener of ours makes every `Upgrade` a handshake; where nobody else listens it is a request. */
function plain(server: HttpServer, request: IncomingMessage, socket: Duplex): void {
  if (server.listenerCount('upgrade') > 1) return;
  const { ServerResponse } = builtin('node:http');
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as Socket);
  response.on('finish', () => {
    response.detachSocket(socket as Socket);
    (socket as Socket).destroySoon();
  });
  socket.on('error', () => socket.destroy());
  server.emit('request', request, response);
}

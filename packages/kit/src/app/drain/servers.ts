import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Server as AnyServer } from 'node:net';

export const LISTEN = 'tracing:net.server.listen:asyncEnd';
const REQUEST = 'http.server.request.start';
const RESPONSE = 'http.server.response.finish';

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly server: Server;
}

/**
 * The HTTP servers of this process, learnt as they listen, so that no request pays for it. While the process
 * drains, requests tell of servers that listened before us.
 */
export class Servers {
  readonly #known = new Set<Server>();
  /** Each stopped server, until its last connection is gone. */
  readonly #stopped = new Map<Server, Promise<void>>();
  readonly #keep: (server: Server) => boolean;
  #announced = false;
  #stopping = false;

  /** `keep` names servers that go on until the end, such as the ops port, which probes ask. */
  constructor(keep: (server: Server) => boolean) {
    this.#keep = keep;
    subscribe(LISTEN, this.#onListen);
  }

  /** Those that listen and are to be stopped. */
  get listening(): readonly Server[] {
    return [...this.#known].filter(server => server.listening && !this.#keep(server));
  }

  /** True where somebody may be waiting for an answer: also where a server listened before we could learn of it. */
  get any(): boolean {
    return this.listening.length > 0 || process.getActiveResourcesInfo().includes('TCPServerWrap');
  }

  /** From now on every answer closes its connection: clients come back on a new one, which may go elsewhere. */
  announce(): void {
    if (this.#announced) return;
    this.#announced = true;
    subscribe(REQUEST, this.#onRequest);
  }

  /** No new connections, no idle ones; what is under way goes on. Gives the number of servers. */
  stop(): number {
    this.announce();
    if (!this.#stopping) subscribe(RESPONSE, this.#onResponse);
    this.#stopping = true;
    const servers = this.listening;
    for (const server of servers) this.#stop(server);
    return servers.length;
  }

  /** Resolves when the last connection of the stopped servers is gone. */
  async finished(): Promise<void> {
    await Promise.all(this.#stopped.values());
  }

  /** Connections that are still there, upgraded ones included. */
  async connections(): Promise<number> {
    const counts = await Promise.all([...this.#stopped.keys()].map(countOf));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** Cuts what did not finish. */
  cut(): void {
    for (const server of this.#stopped.keys()) server.closeAllConnections?.();
  }

  forget(): void {
    unsubscribe(LISTEN, this.#onListen);
    unsubscribe(REQUEST, this.#onRequest);
    unsubscribe(RESPONSE, this.#onResponse);
    this.#known.clear();
  }

  #stop(server: Server): void {
    if (this.#stopped.has(server)) return;
    this.#stopped.set(server, new Promise(resolve => server.close(() => resolve())));
  }

  readonly #onListen = (message: unknown): void => {
    const { server } = message as { server: AnyServer };
    if (!isHttp(server)) return;
    // A process may open and close servers all day.
    for (const known of this.#known) if (!known.listening) this.#known.delete(known);
    this.#known.add(server);
  };

  readonly #onRequest = (message: unknown): void => {
    const { request, response, server } = message as Exchange;
    if (request.httpVersionMajor === 1 && !response.headersSent) response.setHeader('Connection', 'close');
    if (this.#known.has(server)) return;
    this.#known.add(server);
    if (this.#stopping && server.listening && !this.#keep(server)) this.#stop(server);
  };

  /** An answer that began before `announce` kept its connection, which is idle now. */
  readonly #onResponse = (message: unknown): void => {
    const { server } = message as Exchange;
    if (this.#stopped.has(server)) setImmediate(() => server.closeIdleConnections?.());
  };
}

/** HTTP/1 servers, and HTTP/2 ones by the method that only they have. */
export function isHttp(server: AnyServer): server is Server {
  return 'closeIdleConnections' in server || 'updateSettings' in server;
}

function countOf(server: Server): Promise<number> {
  return new Promise(resolve => server.getConnections((error, count) => resolve(error ? 0 : count)));
}

import type { Duplex } from 'node:stream';
import { HOOK_CLIENTS, HOOK_OVERFLOW } from '@plimsoll/wire';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Kit, Upgrade } from '../../../kernel/part.ts';
import type { BusSink, Raised } from '../bus.ts';
import type { Catalogue } from '../catalogue.ts';
import type { History } from '../history.ts';
import { Client, type ClientHost } from './client.ts';
import { askedByQuery } from './topics.ts';

/** Clients say a few names, or an id. */
const MESSAGE_BYTES = 16_384;
/** Protocol testers send large messages. */
const ECHO_BYTES = 16 * 1024 * 1024;
/** In a loop that raises without an end, this many are the most that wait for the next turn. */
const AT_ONCE = 256;
const TICKS_A_PING = 20;
const LONGEST_TICK_MS = 1000;
/** The one protocol that is selected: the other that a browser offers is its token. */
export const PROTOCOL = 'plimsoll.v1';
const GOING_AWAY = 1001;

export interface StreamOptions {
  readonly catalogue: Catalogue;
  readonly history: History;
}

/** The live stream: every hook to every client that wants it. Loaded with the first client. */
export class Stream implements BusSink {
  readonly name = 'stream';
  readonly #server: WebSocketServer;
  readonly #clients = new Set<Client>();
  readonly #echoes = new Set<WebSocket>();
  readonly #host: ClientHost;
  readonly #kit: Kit;
  /** Raised in this turn of the event loop, for the next one. */
  #raised: Raised[] = [];
  readonly #gauge;
  readonly #most: number;
  #echoServer: WebSocketServer | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(kit: Kit, options: StreamOptions) {
    this.#kit = kit;
    const { config, metrics } = kit;
    this.#most = config.get('hooks.maxClients');
    this.#gauge = metrics.gauge(HOOK_CLIENTS.name, HOOK_CLIENTS);
    const overflow = metrics.counter(HOOK_OVERFLOW.name, HOOK_OVERFLOW);
    this.#host = {
      ...options,
      pingMs: config.get('hooks.pingMs'),
      missed: count => overflow.inc(count),
      flush: () => this.#flush(),
    };
    this.#server = new WebSocketServer({
      ...{ noServer: true, clientTracking: false, maxPayload: MESSAGE_BYTES },
      perMessageDeflate: config.get('hooks.deflate'),
      handleProtocols: offered => (offered.has(PROTOCOL) ? PROTOCOL : false),
    });
  }

  get size(): number {
    return this.#clients.size + this.#echoes.size;
  }

  accept({ request, socket, head }: Upgrade): void {
    if (this.size >= this.#most) {
      socket.end(
        'HTTP/1.1 503 Service Unavailable\r\nretry-after: 10\r\ncontent-length: 0\r\nconnection: close\r\n\r\n',
      );
      return;
    }
    const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
    const echo = query.get('echo') === '1' && this.#kit.config.development;
    if (echo) this.#echoing().handleUpgrade(request, socket, head, ws => this.#echo(ws));
    else this.#server.handleUpgrade(request, socket, head, ws => this.#join(ws, socket, query));
  }

  /**
   * Whoever raises a hook pays for a push. Clients get what one turn raised in the next, in one write for each: a
   * write is a system call, which costs more than all else here.
   */
  take(raised: Raised): void {
    if (this.#clients.size === 0) return;
    this.#raised.push(raised);
    if (this.#raised.length === 1) setImmediate(this.#flush);
    else if (this.#raised.length >= AT_ONCE) this.#flush();
  }

  readonly #flush = (): void => {
    const raised = this.#raised;
    if (raised.length === 0) return;
    this.#raised = [];
    for (const client of this.#clients) client.takeAll(raised);
  };

  /** The process stops: clients come back elsewhere. */
  drain(): void {
    for (const client of this.#clients) client.close(GOING_AWAY, 'going away');
    for (const ws of this.#echoes) ws.close(GOING_AWAY, 'going away');
  }

  close(): void {
    clearInterval(this.#timer);
    this.drain();
    for (const client of this.#clients) client.terminate();
    for (const ws of this.#echoes) ws.terminate();
  }

  #join(ws: WebSocket, socket: Duplex, query: URLSearchParams): void {
    // What is on its way is in the history already, from which this client may ask to be served.
    this.#flush();
    const client = new Client({ ws, socket }, this.#host, askedByQuery(query, this.#host.catalogue));
    this.#clients.add(client);
    this.#gauge.set(this.size);
    const { pingMs } = this.#host;
    const tick = (): void => {
      for (const one of this.#clients) one.tick(performance.now());
    };
    this.#timer ??= setInterval(tick, Math.min(LONGEST_TICK_MS, Math.ceil(pingMs / TICKS_A_PING))).unref();
    ws.on('close', () => {
      this.#clients.delete(client);
      this.#gauge.set(this.size);
      if (this.#clients.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    });
  }

  #echoing(): WebSocketServer {
    this.#echoServer ??= new WebSocketServer({
      ...{ noServer: true, clientTracking: false, maxPayload: ECHO_BYTES },
      perMessageDeflate: this.#kit.config.get('hooks.deflate'),
    });
    return this.#echoServer;
  }

  /** For those who test their client against the protocol itself: what comes in goes out. */
  #echo(ws: WebSocket): void {
    this.#echoes.add(ws);
    ws.on('error', () => ws.terminate());
    ws.on('message', (data, binary) => ws.send(data, { binary }));
    ws.on('close', () => this.#echoes.delete(ws));
  }
}

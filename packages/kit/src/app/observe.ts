import diagnostics from 'node:diagnostics_channel';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Exchanges } from '../adapters/exchange.ts';
import { keepContext, observe, ownExchange } from '../adapters/node.ts';
import { UNOBSERVED } from '../base/unobserved.ts';
import type { Part } from '../kernel/part.ts';

/** Requests that may end before the sinks are there; what ends beyond it is counted and leaves no line. */
const MAX_HELD = 10_000;

/** Exchanges that keep their ends until the parts that write and export are there. */
export class HeldExchanges extends Exchanges {
  #held: (() => void)[] | undefined = [];

  override finish(...end: Parameters<Exchanges['finish']>): void {
    const [exchange] = end;
    if (this.#held === undefined || this.#held.length >= MAX_HELD) super.finish(...end);
    else if (exchange.end === undefined) {
      exchange.end = this.kit.clock.monotonic();
      this.#held.push(() => super.finish(...end));
    }
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const end of held) end();
  }
}

/** The adapter of Express finds a route from the answer alone; it is loaded like every adapter, once it may be. */
export interface Routes {
  find: ((answer: unknown) => Exchanges['table']['unmatched'] | undefined) | undefined;
}

/**
 * Observes every node:http server of the process through what Node, Fastify and Express publish: nothing is wrapped.
 * A request without a router that says its template stays `unmatched`: a path with ids in it is no label.
 */
export function observeServers(exchanges: Exchanges, routes: Routes): Part {
  const listeners: Readonly<Record<string, (message: unknown) => void>> = {
    'http.server.request.start': message => onRequest(exchanges, routes, message as NodeMessage),
    'tracing:fastify.request.handler:start': message => onFastify(exchanges, message as FastifyMessage),
    'tracing:fastify.request.handler:error': message => onError(exchanges, routes, message as ErrorMessage),
    'tracing:express.router.request:error': message => onError(exchanges, routes, message as ErrorMessage),
  };
  return {
    name: 'observe-servers',
    setup: () => {
      for (const [name, listener] of Object.entries(listeners)) diagnostics.subscribe(name, listener);
      return () => {
        for (const [name, listener] of Object.entries(listeners)) diagnostics.unsubscribe(name, listener);
      };
    },
  };
}

interface NodeMessage {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly server: Server & { [UNOBSERVED]?: true };
}

function onRequest(exchanges: Exchanges, routes: Routes, message: NodeMessage): void {
  const { request, response, server } = message;
  if (server[UNOBSERVED]) return;
  const exchange = observe(exchanges, request, response);
  if (exchange === undefined) return;
  exchange.routeOf = answer => routes.find?.(answer);
  exchange.source = response;
  keepContext(request, exchanges.kit, exchange);
  // Node publishes in the callback of one request, whose context ends with it.
  exchanges.kit.context.enter(exchange);
}

interface FastifyMessage {
  readonly reply: { readonly raw: ServerResponse };
  readonly route: { readonly url?: string };
}

function onFastify(exchanges: Exchanges, { reply, route }: FastifyMessage): void {
  const exchange = ownExchange(exchanges, reply.raw);
  if (exchange === undefined || route.url === undefined) return;
  exchanges.route(exchange, exchanges.table.route(route.url));
}

interface ErrorMessage {
  readonly res?: ServerResponse;
  readonly reply?: { readonly raw: ServerResponse };
  readonly error: unknown;
}

function onError(exchanges: Exchanges, routes: Routes, { res, reply, error }: ErrorMessage): void {
  const answer = res ?? reply?.raw;
  const exchange = answer && ownExchange(exchanges, answer);
  if (answer === undefined || exchange === undefined) return;
  exchange.handles ??= routes.find?.(answer);
  if (answer.headersSent) exchanges.failLate(exchange, error);
  else exchanges.fail(exchange, error);
}

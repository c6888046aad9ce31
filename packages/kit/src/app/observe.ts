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
  const { kit } = exchanges;
  const onRequest = (message: unknown): void => {
    const { request, response, server } = message as {
      request: IncomingMessage;
      response: ServerResponse;
      server: Server & { [UNOBSERVED]?: true };
    };
    if (server[UNOBSERVED]) return;
    const exchange = observe(exchanges, request, response);
    if (exchange === undefined) return;
    exchange.routeOf = answer => routes.find?.(answer);
    exchange.source = response;
    keepContext(request, kit, exchange);
    kit.context.enter(exchange);
  };
  const onFastify = (message: unknown): void => {
    const { reply, route } = message as { reply: { raw: ServerResponse }; route: { url?: string } };
    const exchange = ownExchange(exchanges, reply.raw);
    if (exchange === undefined || route.url === undefined) return;
    exchanges.route(exchange, exchanges.table.route(route.url));
  };
  const onError = (message: unknown): void => {
    const { res, reply, error } = message as {
      res?: ServerResponse;
      reply?: { raw: ServerResponse };
      error: unknown;
    };
    const answer = res ?? reply?.raw;
    const exchange = answer && ownExchange(exchanges, answer);
    if (answer === undefined || exchange === undefined) return;
    exchange.handles ??= routes.find?.(answer);
    if (answer.headersSent) exchanges.failLate(exchange, error);
    else exchanges.fail(exchange, error);
  };
  const listeners: Readonly<Record<string, (message: unknown) => void>> = {
    'http.server.request.start': onRequest,
    'tracing:fastify.request.handler:start': onFastify,
    'tracing:fastify.request.handler:error': onError,
    'tracing:express.router.request:error': onError,
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

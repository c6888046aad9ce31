import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RouteHandles } from './exchange/handles.ts';
import type { Exchange, Exchanges } from './exchange.ts';
import { failureBody, headersAtHead, type OpsSurface, open, peerOf } from './node.ts';

export type FetchHandler<A extends unknown[]> = (
  request: Request,
  ...rest: A
) => Response | Promise<Response>;
export interface FetchOptions {
  /** The template of every request, or of each: `/users/:id`, never a path. */
  readonly route?: string | ((request: Request) => string | undefined);
}

/** What @hono/node-server hands on: the node request and answer below a Web request. */
export interface NodePair {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}
/** On a Web request, so that a handler inside an observed one counts once. */
const SEEN = Symbol.for('plimsoll.exchange');

/** Wraps a fetch handler: ops paths first, then the exchange. What it throws becomes 500 problem+json. */
export function fetchHandler<A extends unknown[]>(
  exchanges: Exchanges,
  ops: OpsSurface | undefined,
  { fn, route }: FetchOptions & { fn: FetchHandler<A> },
): (request: Request, ...rest: A) => Promise<Response> {
  const { context } = exchanges.kit;
  const routeOf = router(exchanges, route);
  return async (request, ...rest) => {
    const pair = nodePair(rest[0]);
    const isOps = ops?.owns(pathOfUrl(request.url)) === true;
    const run = isOps ? () => answerOps(ops as OpsSurface, request, pair) : fn;
    const exchange = isOps && !exchanges.observeOps ? undefined : begin(exchanges, request, pair);
    if (exchange === undefined) return run(request, ...rest);
    try {
      const handles = routeOf(request);
      if (handles !== undefined) exchanges.route(exchange, handles);
      const response = await context.run(exchange, run, request, ...rest);
      return pair === undefined ? answered(exchanges, exchange, { request, response }) : response;
    } catch (error) {
      exchanges.fail(exchange, error);
      const headers = { 'content-type': 'application/problem+json' };
      const response = new Response(failureBody(exchange), { status: 500, headers });
      return pair === undefined ? answered(exchanges, exchange, { request, response }) : response;
    }
  };
}

function router({ table }: Exchanges, route: FetchOptions['route']) {
  if (typeof route === 'function') {
    return (request: Request): RouteHandles | undefined => {
      const template = route(request);
      return template === undefined ? undefined : table.route(template);
    };
  }
  const handles = route === undefined ? undefined : table.route(route);
  return () => handles;
}

export function nodePair(env: unknown): NodePair | undefined {
  const { incoming, outgoing } = (env ?? {}) as Partial<NodePair>;
  return incoming?.headers !== undefined && typeof outgoing?.setHeader === 'function'
    ? { incoming, outgoing }
    : undefined;
}

/**
 * Begins the exchange of a Web request; undefined where one is under way. On Node it ends with the node answer, so
 * that streams and clients that leave are seen as they are; elsewhere `answered` ends it.
 */
export function begin(
  exchanges: Exchanges,
  request: Request,
  pair: NodePair | undefined,
): Exchange | undefined {
  if (pair !== undefined) {
    const exchange = open(exchanges, pair.incoming, pair.outgoing);
    if (exchange !== undefined && exchanges.headKey !== '') headersAtHead(pair.outgoing, exchange);
    return exchange;
  }
  const seen = request as { [SEEN]?: true };
  if (seen[SEEN]) return undefined;
  seen[SEEN] = true;
  return exchanges.begin(request.method, headersOf(exchanges, request.headers));
}

function headersOf(exchanges: Exchanges, from: Headers): Record<string, string | undefined> {
  const headers: Record<string, string | undefined> = {};
  const names = ['traceparent', 'tracestate', 'baggage', exchanges.requestIdHeader];
  for (const name of [...names, exchanges.correlationIdHeader]) {
    if (name !== '') headers[name.toLowerCase()] = from.get(name) ?? undefined;
  }
  return headers;
}

/** The answer with its ids, whose body counts until its last byte or until the client leaves. */
export function answered(
  exchanges: Exchanges,
  exchange: Exchange,
  { request, response }: { request: Request; response: Response },
): Response {
  const { status, statusText, body } = response;
  const finish = (complete: boolean, error?: unknown): void => {
    if (error !== undefined) exchanges.failLate(exchange, error);
    exchanges.finish(exchange, status, complete);
  };
  // Upgrades can't be built anew, and have no body that would end.
  if (status < 200) {
    finish(true);
    return response;
  }
  // The given headers may be immutable.
  const headers = new Headers(response.headers);
  const add = (name: string, value: string | undefined): void => {
    if (name !== '' && value !== undefined && !headers.has(name)) headers.set(name, value);
  };
  add(exchanges.requestIdHeader, exchange.requestId);
  add(exchanges.correlationIdHeader, exchange.correlationId);
  if (exchanges.traceparentHeader) add('traceparent', exchanges.traceparent(exchange));
  if (body !== null && request.method !== 'HEAD') {
    return new Response(counted(body, finish), { status, statusText, headers });
  }
  finish(true);
  return new Response(body, { status, statusText, headers });
}

function counted(
  body: ReadableStream<Uint8Array>,
  finish: (complete: boolean, error?: unknown) => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (!done) return controller.enqueue(value);
          finish(true);
          controller.close();
        } catch (error) {
          finish(false, error);
          controller.error(error);
        }
      },
      cancel(reason) {
        finish(false);
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

export async function answerOps(
  ops: OpsSurface,
  request: Request,
  pair: NodePair | undefined,
): Promise<Response> {
  // An unknown peer is not loopback.
  const response = await ops.handle(request, pair === undefined ? {} : peerOf(pair.incoming));
  return response ?? new Response(null, { status: 404 });
}

/** The path of a URL that is whole: a Web request's always is. */
export function pathOfUrl(url: string): string {
  const start = url.indexOf('/', url.indexOf('://') + 3);
  if (start < 0) return '/';
  const end = url.slice(start).search(/[?#]/);
  return end < 0 ? url.slice(start) : url.slice(start, start + end);
}

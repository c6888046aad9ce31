import type { IncomingMessage, ServerResponse } from 'node:http';
import { builtin } from '../base/builtin.ts';
import type { KitCore } from '../kernel/kit.ts';
import type { Peer } from '../kernel/part.ts';
import { addHeaders, EXCHANGE, headersAtHead, type Observed } from './exchange/answer.ts';
import type { Exchange, Exchanges } from './exchange.ts';

export { exchangeOf, headersAtHead, ownExchange } from './exchange/answer.ts';

/** The ops API as adapters see it: a synchronous question first, then Web in and out. */
export interface OpsSurface {
  owns(path: string): boolean;
  handle(request: Request, peer: Peer): Promise<Response | undefined>;
}

export type NodeHandler = (req: IncomingMessage, res: ServerResponse) => unknown;

/** Marks an app or a listener that is observed, across copies of this library. */
export const ATTACHED = Symbol.for('plimsoll.attached');
/** Begins the exchange of this answer and listens for its end; undefined where one is under way already. */
export function observe(
  exchanges: Exchanges,
  req: IncomingMessage,
  res: ServerResponse,
): Exchange | undefined {
  const exchange = open(exchanges, req, res);
  if (exchange !== undefined) addHeaders(res, exchange);
  return exchange;
}

/** As `observe`, and the answer's headers are left to the caller. */
export function open(
  exchanges: Exchanges,
  req: IncomingMessage,
  res: ServerResponse,
  requestId?: string,
): Exchange | undefined {
  const observed = res as Observed;
  if (observed[EXCHANGE] !== undefined) return undefined;
  const exchange = exchanges.begin(req.method, req.headers, requestId);
  observed[EXCHANGE] = exchange;
  if (exchanges.clientIp) exchange.ip = exchanges.clientIp(req);
  // `close` comes after `finish`, and also when the client leaves: one listener for both, shared by all answers.
  res.on('close', onClose);
  return exchange;
}

function onClose(this: ServerResponse): void {
  const exchange = (this as Observed)[EXCHANGE];
  exchange?.owner.finish(exchange, this.statusCode, this.writableFinished, this.headersSent);
}

/** Wraps a node:http listener: ops paths first, then the exchange. What it throws becomes 500 problem+json. */
export function nodeHandler(exchanges: Exchanges, ops: OpsSurface | undefined, fn: NodeHandler): NodeHandler {
  const observeOps = exchanges.observeOps;
  const handler: NodeHandler & { [ATTACHED]?: true } = (req, res) => {
    const isOps = ops?.owns(pathOf(req.url)) === true;
    if (isOps && !observeOps) {
      return serveOps(ops as OpsSurface, req, res).catch(error => {
        exchanges.kit.log.error({ err: error }, 'ops_failed');
        res.destroy();
      });
    }
    const exchange = open(exchanges, req, res);
    if (exchange !== undefined && exchanges.headKey !== '') headersAtHead(res, exchange);
    const run = isOps ? () => serveOps(ops as OpsSurface, req, res) : fn;
    if (exchange === undefined) return run(req, res);
    keepContext(req, exchanges.kit, exchange);
    return inExchange(exchange, req, () => guarded({ exchanges, exchange, run }, req, res));
  };
  handler[ATTACHED] = true;
  return handler;
}

/** Runs what answers a request as a part of its exchange. */
export function inExchange<R>(exchange: Exchange, req: IncomingMessage, fn: () => R): R {
  const { context } = exchange.owner.kit;
  if (!ownsTurn(req)) return context.run(exchange, fn);
  context.enter(exchange);
  return fn();
}

let Socket: typeof import('node:net').Socket | undefined;

/**
 * True where Node called for this request alone, as it does for one from a socket: what is entered ends with that
 * call, so that nothing has to be put back, which costs as much as entering. Not for an injected request, whose
 * caller goes on in the same turn.
 */
function ownsTurn({ httpVersionMajor, socket }: IncomingMessage): boolean {
  Socket ??= builtin('node:net').Socket;
  return httpVersionMajor === 1 && socket instanceof Socket;
}

/**
 * Node emits a body's events in the context of the connection, which is none. Callbacks of the handler belong to
 * its request; code that awaits the body does without this, and requests without a body never come here.
 */
export function keepContext(req: IncomingMessage, kit: KitCore, exchange: Exchange): void {
  if (!exchange.hasBody) return;
  const emit = req.emit;
  req.emit = function (this: IncomingMessage, ...args: Parameters<typeof emit>): boolean {
    if (kit.context.current() !== undefined) return emit.apply(this, args);
    return kit.context.run(exchange, () => emit.apply(this, args));
  } as typeof emit;
}

interface Guard {
  exchanges: Exchanges;
  exchange: Exchange;
  run: NodeHandler;
}

function guarded(guard: Guard, req: IncomingMessage, res: ServerResponse): unknown {
  try {
    const result = guard.run(req, res);
    if (typeof (result as PromiseLike<unknown> | undefined)?.then !== 'function') return result;
    return (result as Promise<unknown>).then(undefined, error => refuse(guard, res, error));
  } catch (error) {
    return refuse(guard, res, error);
  }
}

/** The client sees a code and the request id; the error goes into the log. */
function refuse({ exchanges, exchange }: Guard, res: ServerResponse, error: unknown): void {
  if (res.headersSent) {
    exchanges.failLate(exchange, error);
    // An answer that is whole is on its way to the client; only half of one must not look like all of it.
    if (!res.writableEnded) res.destroy();
    return;
  }
  exchanges.fail(exchange, error);
  const body = failureBody(exchange);
  for (const name of res.getHeaderNames()) if (name.startsWith('content-')) res.removeHeader(name);
  res.writeHead(500, {
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(body),
  });
  res.end(body);
}

export function pathOf(url: string | undefined): string {
  if (url === undefined) return '/';
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

/** The problem+json that a caller gets for a handler's failure. */
export function failureBody({ requestId }: Exchange): string {
  const code = 'internal_error';
  return JSON.stringify({ status: 500, code, detail: code, request_id: requestId });
}

export function peerOf(req: IncomingMessage): Peer {
  const socket = req.socket as IncomingMessage['socket'] & { encrypted?: boolean };
  return {
    ...(socket.remoteAddress !== undefined && { address: socket.remoteAddress }),
    encrypted: socket.encrypted === true,
  };
}

/** Serves one ops request: node in, Web through, node out. */
export async function serveOps(ops: OpsSurface, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const response = await ops.handle(webRequest(req), peerOf(req));
  if (response === undefined) {
    res.writeHead(404).end();
    return;
  }
  // What says its length is a file, which may be larger than memory; it goes out as it comes in.
  const streams = response.body !== null && response.headers.has('content-length');
  const body = streams ? Buffer.alloc(0) : Buffer.from(await response.arrayBuffer());
  const headers: Record<string, string | string[]> = Object.fromEntries(response.headers);
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) headers['set-cookie'] = cookies;
  // HEAD has no body here, and must not claim that GET had none either.
  if (req.method !== 'HEAD' && !streams) headers['content-length'] = String(body.length);
  res.writeHead(response.status, headers);
  if (streams) {
    const { Readable, promises } = builtin('node:stream');
    await promises.pipeline(Readable.fromWeb(response.body as never), res).catch(() => res.destroy());
    return;
  }
  res.end(req.method === 'HEAD' ? undefined : body);
}

/** A request the Web way. A Host that is no host gives `localhost`: routes don't depend on it. */
export function webRequest(req: IncomingMessage): Request {
  const method = req.method ?? 'GET';
  const headers = new Headers();
  for (let i = 0; i + 1 < req.rawHeaders.length; i += 2) {
    try {
      headers.append(req.rawHeaders[i] as string, req.rawHeaders[i + 1] as string);
    } catch {
      // A header that the Web's grammar refuses is as good as absent.
    }
  }
  const path = req.url?.startsWith('/') ? req.url : '/';
  const authority = `http://${req.headers.host}`;
  // The host alone: a Host header may hold a login or a path as well, and neither is part of what was asked for.
  const host = URL.canParse(authority) ? new URL(authority).host : 'localhost';
  const withBody = method !== 'GET' && method !== 'HEAD';
  return new Request(`http://${host}${path}`, {
    // The Web refuses these two; the ops API answers 405 to what it does not know.
    method: method === 'TRACE' || method === 'CONNECT' ? 'OPTIONS' : method,
    headers,
    ...(withBody && { body: builtin('node:stream').Readable.toWeb(req), duplex: 'half' }),
  } as RequestInit);
}

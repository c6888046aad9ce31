import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isLogOf } from '../signals/log/logger.ts';
import type { Log } from '../signals/log/types.ts';
import type { Exchange, Exchanges } from './exchange.ts';
import {
  exchangeOf,
  headersAtHead,
  inExchange,
  keepContext,
  type OpsSurface,
  open,
  pathOf,
  serveOps,
} from './node.ts';

/** Translates Fastify 5: ids and context in `onRequest`, the route from the router, errors from `onError`. */
export function attachFastify(app: FastifyInstance, exchanges: Exchanges, ops: OpsSurface | undefined): void {
  const { kit } = exchanges;
  const { context, log } = kit;
  const templateOf = routeTemplates();
  // Fastify makes a child of the logger that it is handed.
  if (isLogOf(kit.core.log, app.log)) app.setChildLoggerFactory(requestLogs(app.log) as never);
  let given = '';
  app.setGenReqId(raw => {
    given = exchanges.requestId(raw.headers);
    return given;
  });

  app.addHook('onRequest', (request: FastifyRequest, reply: FastifyReply, done) => {
    const isOps = ops?.owns(pathOf(request.raw.url)) === true;
    if (isOps && !exchanges.observeOps) return answerOps(request, reply);
    const exchange = open(exchanges, request.raw, reply.raw, idOf(request));
    if (exchange === undefined) return isOps ? answerOps(request, reply) : done();
    if (exchanges.headKey !== '') giveHeaders(reply, exchange);
    const template = templateOf(request);
    if (template !== undefined) exchanges.route(exchange, exchanges.table.route(template));
    keepContext(request.raw, kit, exchange);
    if (isOps) return context.run(exchange, answerOps, request, reply);
    inExchange(exchange, request.raw, done);
  });
  /** With the option `requestIdHeader` Fastify takes what the client sent as it is: then we ask whether it is safe. */
  const idOf = ({ id }: FastifyRequest): string | undefined =>
    id === given || exchanges.isSafe(id) ? id : undefined;
  app.addHook('onError', (_request, reply, error, done) => {
    const exchange = exchangeOf(reply.raw);
    if (exchange !== undefined) exchanges.fail(exchange, error);
    done();
  });

  function answerOps(request: FastifyRequest, reply: FastifyReply): void {
    reply.hijack();
    serveOps(ops as OpsSurface, request.raw, reply.raw).catch(error => {
      log.error({ err: error }, 'ops_failed');
      reply.raw.destroy();
    });
  }
}

function giveHeaders(reply: FastifyReply, exchange: Exchange): void {
  const { owner, requestId, correlationId } = exchange;
  if (owner.requestIdHeader !== '') reply.header(owner.requestIdHeader, requestId);
  if (correlationId !== undefined) reply.header(owner.correlationIdHeader, correlationId);
  if (owner.traceparentHeader) reply.header('traceparent', owner.traceparent(exchange));
  headersAtHead(reply.raw, exchange);
}

interface RouteContext {
  readonly config?: { readonly url?: string };
}
type Routed = FastifyRequest & { readonly [context: symbol]: RouteContext | undefined };

/**
 * Undefined where no route matched. `routeOptions` builds an object at each look, for a microsecond; what it reads
 * hangs on the request under a symbol, and where that is not so in some version, we look the long way.
 */
function routeTemplates(): (request: FastifyRequest) => string | undefined {
  let symbol: symbol | undefined;
  return request => {
    symbol ??= Object.getOwnPropertySymbols(request).find(own => own.description === 'fastify.context');
    const context = symbol && (request as Routed)[symbol];
    return context?.config === undefined ? request.routeOptions.url : context.config.url;
  };
}

/**
 * What Fastify writes about a request of its own accord is dropped: ours says it once, with the template.
 * Lines of the service through `request.log` pass, without the request and answer objects: a line has their ids.
 */
function requestLogs(log: Log) {
  const lines = requestLog(log);
  const byLevel = new Map<string, Log>();
  // A line has the request's id already; what varies between requests of a route is nothing.
  return (_logger: Log, _bindings: object, { level }: { level?: string }): Log => {
    if (level === undefined || level === '') return lines;
    const known = byLevel.get(level) ?? requestLog(log.child({}, { level }));
    byLevel.set(level, known);
    return known;
  };
}

function requestLog(log: Log): Log {
  const methods = Object.create(null) as Record<string, unknown>;
  for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const) {
    methods[level] = (first: unknown, ...rest: [never]) => {
      if (!isFrameworkLine(first, rest[0])) log[level](withoutRaw(first), ...rest);
    };
  }
  return Object.assign(methods, {
    ...{ name: log.name, level: log.level, silent: () => {}, bindings: () => log.bindings() },
    isLevelEnabled: (level: never) => log.isLevelEnabled(level),
    flush: (done?: () => void) => log.flush(done),
    named: (name: string, fields?: object) => requestLog(log.named(name, fields as never)),
    child: (fields: object, options?: object) => requestLog(log.child(fields as never, options)),
    bind: (fields: object) => requestLog(log.bind(fields as never)),
    unbind: (...keys: string[]) => requestLog(log.unbind(...keys)),
  }) as unknown as Log;
}

const ROUTE_NOT_FOUND = /^Route [A-Z]+:.* not found$/s;

function isFrameworkLine(first: unknown, message: unknown): boolean {
  if (typeof first === 'string') return ROUTE_NOT_FOUND.test(first);
  const { req, res } = (first ?? {}) as { req?: Raw; res?: Raw };
  return res?.raw !== undefined || (req?.raw !== undefined && message === 'incoming request');
}

interface Raw {
  raw?: unknown;
}

function withoutRaw(first: unknown): never {
  if ((first as { req?: Raw } | undefined)?.req?.raw === undefined) return first as never;
  const { req: _request, ...fields } = first as { req: unknown };
  return fields as never;
}

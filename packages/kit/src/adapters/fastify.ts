import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '../signals/log/types.ts';
import type { Exchanges } from './exchange.ts';
import type { RouteHandles } from './handles.ts';
import { exchangeOf, type OpsSurface, observe, pathOf, serveOps } from './node.ts';

/** Translates Fastify 5: ids and context in `onRequest`, the route from the router, errors from `onError`. */
export function attachFastify(app: FastifyInstance, exchanges: Exchanges, ops: OpsSurface | undefined): void {
  const { context, log } = exchanges.kit;
  // Per route object: Fastify builds `routeOptions` anew at each look.
  const routes = new WeakMap<object, RouteHandles>();
  if ((app.log as unknown) === log) {
    const lines = requestLog(log);
    app.setChildLoggerFactory(() => lines as never);
  }
  app.setGenReqId(raw => exchanges.requestId(raw.headers));

  app.addHook('onRequest', (request: FastifyRequest, reply: FastifyReply, done) => {
    const isOps = ops?.owns(pathOf(request.raw.url)) === true;
    if (isOps && !exchanges.observeOps) return answerOps(request, reply);
    const exchange = observe(exchanges, request.raw, reply.raw, request.id);
    if (exchange === undefined) return isOps ? answerOps(request, reply) : done();
    const { config } = request.routeOptions;
    if (config.url !== undefined) {
      let handles = routes.get(config);
      if (handles === undefined) {
        handles = exchanges.table.route(config.url);
        routes.set(config, handles);
      }
      exchanges.route(exchange, handles);
    }
    if (isOps) return context.run(exchange, answerOps, request, reply);
    context.run(exchange, done);
  });
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

/**
 * What Fastify writes about a request of its own accord is dropped: ours says it once, with the template.
 * Lines of the service through `request.log` pass.
 */
function requestLog(log: Log): Log {
  const lines = Object.create(null) as Record<string, unknown>;
  for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const) {
    lines[level] = (...args: [never]) => {
      if (!isFrameworkLine(args)) log[level](...args);
    };
  }
  return Object.assign(lines, {
    ...{ name: log.name, silent: () => {}, child: () => lines, bindings: () => log.bindings() },
    isLevelEnabled: (level: never) => log.isLevelEnabled(level),
    ...{ level: log.level, flush: (done?: () => void) => log.flush(done) },
    ...{ named: (name: string) => log.named(name), bind: (f: object) => log.bind(f as never) },
    unbind: (...keys: string[]) => log.unbind(...keys),
  }) as unknown as Log;
}

const ROUTE_NOT_FOUND = /^Route [A-Z]+:.* not found$/s;

function isFrameworkLine(args: readonly unknown[]): boolean {
  const [first] = args;
  if (typeof first === 'string') return ROUTE_NOT_FOUND.test(first);
  const { req, res } = (first ?? {}) as { req?: { raw?: unknown }; res?: { raw?: unknown } };
  return req?.raw !== undefined || res?.raw !== undefined;
}

import diagnostics from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Teardown } from '../kernel/part.ts';
import type { Exchanges } from './exchange.ts';
import type { ExpressApp } from './express/templates.ts';
import { expressRoutes } from './express/templates.ts';
import { inExchange, keepContext, type OpsSurface, observe, ownExchange, pathOf, serveOps } from './node.ts';

export { expressRoutes };

type Next = (error?: unknown) => void;
interface Express extends ExpressApp {
  use(fn: (req: IncomingMessage, res: ServerResponse, next: Next) => unknown): unknown;
}

/** Translates Express 5: the exchange in a middleware before all others, the route once the handler ran. */
export function attachExpress(app: Express, exchanges: Exchanges, ops: OpsSurface | undefined): void {
  const { context, log } = exchanges.kit;
  const find = expressRoutes(exchanges, app);
  app.use(function plimsoll(req, res, next) {
    const isOps = ops?.owns(pathOf(req.url)) === true;
    if (isOps && !exchanges.observeOps) return answerOps(req, res);
    const exchange = observe(exchanges, req, res);
    const under = exchange ?? ownExchange(exchanges, res);
    if (under !== undefined) {
      under.routeOf = find;
      under.source = res;
    }
    if (exchange === undefined) return isOps ? answerOps(req, res) : next();
    if (isOps) return context.run(exchange, answerOps, req, res);
    keepContext(req, exchanges.kit, exchange);
    inExchange(exchange, req, next);
  });

  function answerOps(req: IncomingMessage, res: ServerResponse): void {
    serveOps(ops as OpsSurface, req, res).catch(error => {
      log.error({ err: error }, 'ops_failed');
      res.destroy();
    });
  }
}

/**
 * Hears of errors where they begin, which the router publishes: an app's own error handler may answer them, and the
 * mounts that lead there are still known. Express answers as it would without us.
 */
export function listenExpressErrors(exchanges: Exchanges): Teardown {
  const onError = (message: unknown): void => {
    const { res, error } = message as { res: ServerResponse; error: unknown };
    const exchange = ownExchange(exchanges, res);
    if (exchange === undefined) return;
    exchange.handles ??= exchange.routeOf?.(exchange.source);
    if (res.headersSent) exchanges.failLate(exchange, error);
    else exchanges.fail(exchange, error);
  };
  diagnostics.subscribe('tracing:express.router.request:error', onError);
  return () => void diagnostics.unsubscribe('tracing:express.router.request:error', onError);
}

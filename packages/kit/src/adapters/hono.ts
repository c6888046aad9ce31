import type { RouteHandles } from './exchange/handles.ts';
import type { Exchanges } from './exchange.ts';
import { answered, answerOps, begin, nodePair } from './fetch.ts';
import { inExchange, type OpsSurface } from './node.ts';

/** The slices of Hono 4 that are used here; it is handed in. */
interface HonoRoute {
  readonly path: string;
  readonly method: string;
}
interface HonoContext {
  readonly env: unknown;
  readonly error?: unknown;
  readonly finalized: boolean;
  readonly req: {
    readonly raw: Request;
    readonly path: string;
    readonly routeIndex: number;
    readonly matchedRoutes: readonly HonoRoute[];
  };
  get res(): Response;
  set res(response: Response | undefined);
}
export interface Hono {
  readonly routes: readonly HonoRoute[];
  use(
    path: string,
    fn: (c: HonoContext, next: () => Promise<void>) => Promise<Response | undefined>,
  ): unknown;
}

/** Translates Hono 4: the exchange in a middleware before all others, the route from what Hono matched. */
export function attachHono(app: Hono, exchanges: Exchanges, ops: OpsSurface | undefined): void {
  const { context } = exchanges.kit;
  const routeOf = honoRoutes(exchanges);
  app.use('*', async (c, next) => {
    const { raw: request, path } = c.req;
    const pair = nodePair(c.env);
    const isOps = ops?.owns(path) === true;
    const exchange = isOps && !exchanges.observeOps ? undefined : begin(exchanges, request, pair);
    if (exchange === undefined) {
      if (isOps) return answerOps(ops as OpsSurface, request, pair);
      await next();
      return undefined;
    }
    exchange.routeOf = routeOf;
    exchange.source = c;
    try {
      let response: Response | undefined;
      if (isOps) response = await context.run(exchange, answerOps, ops as OpsSurface, request, pair);
      else if (pair !== undefined) await inExchange(exchange, pair.incoming, next);
      else await context.run(exchange, next);
      if (c.error !== undefined) exchanges.fail(exchange, c.error);
      if (pair !== undefined) return response;
      const res = answered(exchanges, exchange, { request, response: response ?? c.res });
      // Hono merges the headers of an answer into the one that takes its place.
      c.res = undefined;
      c.res = res;
    } catch (error) {
      // Not an Error, so Hono hands it to whoever called it.
      exchanges.fail(exchange, error);
      if (pair === undefined) exchanges.finish(exchange, 500, true);
      throw error;
    }
    return undefined;
  });
}

/**
 * The template of what answered. A middleware is registered as `ALL` with a wildcard, as is a mounted app: where one
 * of these answered, the last match is the route, unless it is of that kind too and nothing was found.
 */
function honoRoutes({ table }: Exchanges) {
  const known = new WeakMap<HonoRoute, RouteHandles>();
  return (source: unknown): RouteHandles | undefined => {
    const { req, res, finalized } = source as HonoContext;
    const matched = req.matchedRoutes;
    let route = matched[req.routeIndex];
    if (route === undefined || isWildcard(route)) route = matched.at(-1);
    if (route === undefined || (isWildcard(route) && finalized && res.status === 404)) return undefined;
    let handles = known.get(route);
    if (handles === undefined) {
      handles = table.route(route.path);
      known.set(route, handles);
    }
    return handles;
  };
}

const isWildcard = ({ method, path }: HonoRoute): boolean => method === 'ALL' && path.endsWith('*');

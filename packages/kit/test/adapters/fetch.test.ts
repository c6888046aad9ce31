import { init, type Obs } from 'plimsoll';
import { adapterContract, SECRET } from '../../src/testing/contracts/adapter.ts';
import { alone, type Fetch, onNodeServer, slowBody, stop, urlOf } from './serve.ts';

const ROUTES: readonly (readonly [RegExp, string])[] = [
  [/^\/users\/[^/]+$/, '/users/:id'],
  [/^\/(echo|boom|reject|stream|hang)$/, ''],
  [/^\/api\/v1\/items\/[^/]+$/, '/api/v1/items/:item'],
  [/^\/mounted\/things\/[^/]+$/, '/mounted/things/:thing'],
];

/** The service's own table of routes: a fetch handler has no router. */
function routeOf(request: Request): string | undefined {
  const { pathname } = new URL(request.url);
  const row = ROUTES.find(([pattern]) => pattern.test(pathname));
  return row?.[1] === '' ? pathname : row?.[1];
}

function service(obs: Obs) {
  return async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    const [, first, id] = pathname.split('/');
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (first === 'users' && reads) {
      await new Promise(resolve => setImmediate(resolve));
      obs.log.info({ n: id }, 'seen');
      return Response.json({ id });
    }
    if (first === 'echo') return Response.json(await request.json());
    if (first === 'boom' || first === 'reject') throw new Error(`boom ${SECRET}`);
    if (first === 'stream' || first === 'hang') return new Response(slowBody(first === 'hang'));
    if (first === 'api' || first === 'mounted') return Response.json({ ok: true });
    return new Response(null, { status: 404 });
  };
}

for (const [runtime, serve] of [
  ['@hono/node-server', onNodeServer],
  ['a runtime without node', alone],
] as const) {
  let current: Obs;

  adapterContract({
    name: `fetch handler on ${runtime}`,
    async build(options) {
      const obs = await init(options);
      const inner = obs.fetch(service(obs), { route: routeOf });
      // An observed handler inside an observed one: it counts once.
      const server = await serve(obs.fetch(inner, { route: routeOf }) as Fetch);
      if (options.enabled !== false) current = obs;
      const close = async () => {
        await stop(server);
        await obs.close();
      };
      return { obs, url: urlOf(server), close };
    },
    async again() {
      current.fetch(async () => new Response(null));
    },
  });
}

import { randomUUID } from 'node:crypto';
import { Hono, type Context as HonoContext } from 'hono';
import { OpsError } from '../base/ops-error.ts';
import type { KitCore } from '../kernel/kit.ts';
import type { Peer, Route, RouteGroup } from '../kernel/part.ts';
import { RootContext } from '../signals/context/root.ts';
import { createGuard, type Guard } from './access.ts';
import { checkLength, readBody, readQuery } from './body.ts';
import { problemResponse } from './problem.ts';
import { type UpgradeServer, upgradeServer } from './upgrade.ts';

interface Env {
  readonly Bindings: { readonly peer: Peer; readonly requestId: string };
}

/** What an id may look like anywhere: safe in a log line and in a header. */
const REQUEST_ID = /^[A-Za-z0-9._:-]{1,128}$/;

export interface Served {
  fetch(request: Request, peer: Peer): Promise<Response>;
  upgrade: UpgradeServer;
}

/** The loaded ops API: a Hono app over the route groups, rebuilt when these change. */
export function createApp(kit: KitCore): Served {
  const guard = createGuard(kit);
  const log = kit.log.named('plimsoll.ops');
  const idHeader = kit.config.get('http.requestIdHeader');
  const style = kit.config.get('ops.problem');
  let version = -1;
  let app = new Hono<Env>();

  const answer = async (request: Request, peer: Peer, requestId: string): Promise<Response> => {
    if (version !== kit.core.groupsVersion()) {
      version = kit.core.groupsVersion();
      app = build(kit.core.groups(), guard);
    }
    try {
      return await app.fetch(request, { peer, requestId });
    } catch (error) {
      const onBug = (err: unknown) => log.error({ err }, 'ops_route_failed');
      return problemResponse(error, { requestId, style, onBug });
    }
  };
  const fetch: Served['fetch'] = async (request, peer) => {
    const current = kit.context.current();
    const requestId = current?.requestId ?? incoming(kit, request, idHeader) ?? randomUUID();
    const response = current
      ? await answer(request, peer, requestId)
      : await kit.context.run(contextOf(kit, requestId), () => answer(request, peer, requestId));
    return finish(response, { request, idHeader, requestId });
  };
  return { fetch, upgrade: upgradeServer(guard) };
}

function build(groups: readonly RouteGroup[], guard: Guard): Hono<Env> {
  const app = new Hono<Env>();
  // Hono would turn a throw into its own answer; the one place for that is problemResponse.
  app.onError(error => {
    throw error;
  });
  app.notFound(() => {
    throw new OpsError('not_found');
  });
  for (const group of groups) {
    let loading: Promise<readonly Route[]> | undefined;
    const load = (): Promise<readonly Route[]> => {
      loading ??= group.load().catch(error => {
        loading = undefined;
        throw error;
      });
      return loading;
    };
    for (const path of group.paths) {
      app.all(path, async c => serve(c, pick(await load(), path, c.req.raw.method), guard));
    }
  }
  return app;
}

/** HEAD is GET without the body; the wrong method says which ones are right (RFC 9110, 15.5.6). */
function pick(routes: readonly Route[], path: string, method: string): Route {
  const here = routes.filter(route => route.path === path);
  const wanted = method === 'HEAD' ? 'GET' : method;
  const route = here.find(candidate => candidate.method === wanted);
  if (route) return route;
  if (here.length === 0) throw new OpsError('not_found');
  const allowed = new Set(here.flatMap(({ method: own }) => (own === 'GET' ? ['GET', 'HEAD'] : [own])));
  throw new OpsError('method_not_allowed', { headers: { allow: [...allowed].join(', ') } });
}

async function serve(c: HonoContext<Env>, route: Route, guard: Guard): Promise<Response> {
  const request = c.req.raw;
  const { peer, requestId } = c.env;
  const { admin } = guard(route, request, peer);
  route.authorize?.(request, peer);
  checkLength(request, route.limit);
  const body = route.body ? await readBody(request, route.body, route.limit) : undefined;
  const params = c.req.param() as Record<string, string>;
  const query = new URL(request.url).searchParams;
  const search = route.query ? readQuery(query, route.query) : undefined;
  const result = await route.handle({ request, peer, params, query, search, body, requestId, admin });
  return result instanceof Response ? result : Response.json(result);
}

function finish(
  response: Response,
  { request, idHeader, requestId }: { request: Request; idHeader: string; requestId: string },
): Response {
  const headers = new Headers(response.headers);
  if (idHeader !== '') headers.set(idHeader, requestId);
  headers.set('x-content-type-options', 'nosniff');
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
  return new Response(request.method === 'HEAD' ? null : response.body, { status: response.status, headers });
}

function incoming(kit: KitCore, request: Request, header: string): string | undefined {
  const id = header === '' ? null : request.headers.get(header);
  return id !== null && REQUEST_ID.test(id) && kit.privacy.text(id) === id ? id : undefined;
}

/** Where the adapter made no context for this request, its lines and jobs still belong to one id. */
function contextOf(kit: KitCore, requestId: string): RootContext<never> {
  const root = new RootContext<never>();
  root.requestId = requestId;
  kit.core.trace.begin(root as never, undefined, undefined);
  return root;
}

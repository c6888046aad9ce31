import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ServiceAnswer } from '@plimsoll/wire';
import { type Context, Hono } from 'hono';
import type { Store } from '../store/types.ts';
import { toJson } from './encode.ts';
import { HealthWatch } from './health-watch.ts';
import { createLive, type Live } from './live.ts';
import { createOps, type Ops } from './ops-routes.ts';
import { createOriginGuard } from './origin.ts';
import { overview } from './overview.ts';
import { createPage, secure } from './page.ts';
import { problemResponse, Refusal } from './problem.ts';
import * as query from './query.ts';
import { Sessions } from './sessions.ts';
import { type Target, Targets } from './targets.ts';
import { traceOf } from './trace.ts';

const API = '/api/console';
const TOKEN_AT_MOST = 4096;

export interface ApiOptions {
  readonly store: Store;
  /** The built page. */
  readonly pageFolder: string;
  /** Where it is set, nothing but the page itself is answered without it. */
  readonly token?: string;
  /** Names beside the loopback ones that may stand in `Host`. */
  readonly hosts?: readonly string[];
  readonly targets?: Readonly<Record<string, Target>>;
  /** Milliseconds between two looks at a service's health; 5,000 by default. */
  readonly healthIntervalMs?: number;
  /** The secret by which an app that this console was started with says where its ops API is. */
  readonly announceKey?: string;
  readonly onBug?: (error: unknown) => void;
}

export interface Api {
  fetch(request: Request, address: string): Promise<Response>;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void;
}

interface Env {
  readonly Bindings: { readonly address: string };
}

/** The console's page and API as a fetch handler, and its live tail as an upgrade handler. Opens no socket. */
export function createApi(options: ApiOptions): Api {
  const { store, token, hosts = [], targets: configured = {}, healthIntervalMs = 5000 } = options;
  const onBug = options.onBug ?? (error => console.error('plimsoll console:', error));
  const guard = createOriginGuard(hosts);
  const sessions = new Sessions(token);
  const targets = new Targets(store, configured);
  const ops = createOps(targets, options.announceKey);
  const watch = new HealthWatch({ store, targets, intervalMs: healthIntervalMs });
  const page = createPage(options.pageFolder);
  const live = createLive(store);
  const app = routes({ store, sessions, targets, watch, ops });

  const answer = async (request: Request, address: string): Promise<Response> => {
    guard(request);
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith('/api/')) {
      const file = request.method === 'GET' || request.method === 'HEAD' ? page(pathname) : undefined;
      if (file) return file;
      throw new Refusal('not_found');
    }
    if (!isOpen(pathname) && !sessions.admits(request.headers, address)) {
      throw new Refusal('unauthorized');
    }
    return app.fetch(request, { address });
  };
  const upgrade = createUpgrade({ guard, sessions, live, ops, onBug });
  return {
    fetch: async (request, address) => {
      const response = await answer(request, address).catch(error => problemResponse(error, onBug));
      return secure(response);
    },
    upgrade,
    close() {
      watch.close();
      live.close();
      ops.sockets.close();
    },
  };
}

/** A session begins without one, and an announcement has a secret of its own. */
const isOpen = (pathname: string): boolean =>
  pathname === `${API}/session` || pathname.startsWith(`${API}/announce/`);

/** As it was sent: a decoded path would be another one. */
function opsPath(pathname: string): { readonly service: string; readonly path: string } | undefined {
  const [, service, path] = /^\/api\/console\/ops\/([^/]+)(\/.+)$/.exec(pathname) ?? [];
  if (service === undefined || path === undefined) return undefined;
  try {
    return { service: decodeURIComponent(service), path };
  } catch {
    throw new Refusal('no_ops_address');
  }
}

interface UpgradeParts {
  readonly guard: ReturnType<typeof createOriginGuard>;
  readonly sessions: Sessions;
  readonly live: Live;
  readonly ops: Ops;
  readonly onBug: (error: unknown) => void;
}

function createUpgrade({ guard, sessions, live, ops, onBug }: UpgradeParts): Api['upgrade'] {
  return (request, socket, head) => {
    const refuse = (error: unknown) => refuseUpgrade(socket, problemResponse(error, onBug).status);
    try {
      const asked = requestOf(request);
      guard(asked, true);
      const address = request.socket.remoteAddress ?? '';
      if (!sessions.admits(asked.headers, address)) throw new Refusal('unauthorized');
      const url = new URL(asked.url);
      const service = opsPath(url.pathname);
      if (service !== undefined) {
        follow(ops, request, { ...service, search: url.search, socket, head }).catch(refuse);
      } else if (url.pathname === `${API}/live`) {
        live.accept(request, socket, { head, filter: query.liveQuery(url) });
      } else throw new Refusal('not_found');
    } catch (error) {
      refuse(error);
    }
  };
}

interface Follow {
  readonly service: string;
  readonly path: string;
  readonly search: string;
  readonly socket: Duplex;
  readonly head: Buffer;
}

async function follow(ops: Ops, request: IncomingMessage, { service, ...rest }: Follow): Promise<void> {
  await ops.sockets.accept(request, { ...rest, target: await ops.socketTarget(service) });
}

function requestOf({ url, headers }: IncomingMessage): Request {
  const given = new Headers();
  for (const name of ['host', 'origin', 'sec-fetch-site', 'authorization', 'cookie']) {
    const value = headers[name];
    if (typeof value === 'string') given.set(name, value);
  }
  return new Request(new URL(url ?? '/', 'http://console'), { headers: given });
}

function refuseUpgrade(socket: Duplex, status: number): void {
  socket.on('error', () => {});
  socket.end(`HTTP/1.1 ${status} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

interface Parts {
  readonly store: Store;
  readonly sessions: Sessions;
  readonly targets: Targets;
  readonly watch: HealthWatch;
  readonly ops: Ops;
}

type Handler = (c: Context<Env>, url: URL) => Promise<unknown>;

function routes(parts: Parts): Hono<Env> {
  const { store, targets, watch, ops } = parts;
  const app = new Hono<Env>();
  app.onError(error => {
    throw error;
  });
  app.notFound(() => {
    throw new Refusal('not_found');
  });
  const get = (path: string, handler: Handler) =>
    app.get(`${API}${path}`, async c => json(await handler(c, new URL(c.req.url))));

  get('/services', async (): Promise<readonly ServiceAnswer[]> => {
    const rows = await store.services();
    return rows.map(row => ({ ...row, ops: ops.about(targets.of(row.service, row.resource)) }));
  });
  get('/overview', (_, url) => overview({ store, watch }, query.overviewQuery(url)));
  get('/requests', (_, url) => store.requests(query.requestQuery(url)));
  get('/traces', (_, url) => store.traces(query.traceQuery(url)));
  get('/traces/:id', (c, url) => traceOf(store, c.req.param('id') ?? '', query.waitQuery(url)));
  get('/logs', (_, url) => store.logs(query.logQuery(url)));
  get('/metrics', (_, url) => {
    const range = query.readQuery(url, query.rangeParams);
    query.checkRange(range);
    return store.metricNames(range);
  });
  get('/metrics/query', async (_, url) => {
    const answer = await store.metric(query.metricQuery(url));
    if (answer === undefined) throw new Refusal('unknown_metric');
    return answer;
  });
  get('/stats', () => store.stats());
  sessionRoutes(app, parts.sessions);
  get('/ops/:service', c => ops.describe(c.req.param('service') ?? ''));
  app.all(`${API}/ops/:service/:path{.+}`, c => {
    const { service = '', path = '' } = opsPath(new URL(c.req.url).pathname) ?? {};
    return ops.pass(service, path, c.req.raw);
  });
  app.post(`${API}/announce/:key`, c => ops.announce(c.req.param('key'), c.req.raw));
  return app;
}

function sessionRoutes(app: Hono<Env>, sessions: Sessions): void {
  const path = `${API}/session`;
  app.get(path, c => {
    return json({ required: sessions.required, signedIn: sessions.admits(c.req.raw.headers, c.env.address) });
  });
  app.post(path, async c => {
    const length = Number(c.req.header('content-length') ?? Number.NaN);
    if (!(length <= TOKEN_AT_MOST)) throw new Refusal('payload_too_large');
    const body = (await c.req.json().catch(() => undefined)) as { token?: unknown } | undefined;
    if (typeof body?.token !== 'string') {
      throw new Refusal('validation_error', { errors: [{ field: 'token', code: 'invalid_type' }] });
    }
    return json({ signedIn: true }, { 'set-cookie': sessions.open(body.token, c.env.address) });
  });
  app.delete(path, c => json({ signedIn: false }, { 'set-cookie': sessions.end(c.req.raw.headers) }));
}

function json(value: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(toJson(value), { headers: { 'content-type': 'application/json', ...headers } });
}

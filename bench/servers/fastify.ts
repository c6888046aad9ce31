/** One Fastify service in the variant that `argv[2]` names, measured through IPC. */
import { serve } from '../lib/measured.ts';
import { answerer, handlerOf, plimsoll, plimsollOff, sink, target, variant } from './service.ts';
import {
  datadog,
  type Handler,
  httpInstrumentation,
  otel,
  require,
  SILENT,
  sentry,
  tuned,
} from './stacks.ts';

interface Request {
  id: string;
  params: { id: string };
  method: string;
  routeOptions: { url: string };
  log: { info(fields: object, message: string): void };
}
interface App {
  addHook(name: string, hook: (request: Request, reply: Reply, done: () => void) => void): void;
  register(plugin: unknown, options: object): Promise<unknown>;
  get(path: string, handler: (request: Request) => unknown): unknown;
  listen(options: { port: number; host: string }): Promise<string>;
}
interface Reply {
  statusCode: number;
  elapsedTime: number;
}

let hooks: string[] = [];

const variants: Record<string, () => Promise<App>> = {
  bare: async () => routes(create(), SILENT),
  async on() {
    const app = create();
    return routes(app, handlerOf(await plimsoll(app)));
  },
  async off() {
    const app = create();
    const before = hooksOf(app);
    const obs = await plimsollOff(app);
    hooks = hooksOf(app).filter(hook => !before.includes(hook));
    return routes(app, handlerOf(obs));
  },
  /** pino as Fastify sets it up, fastify-metrics, OpenTelemetry with the HTTP and Fastify instrumentations. */
  async documented() {
    const query = otel(sink, [httpInstrumentation(), fastifyInstrumentation()]);
    const app = create({ logger: { file: target } });
    const metrics = require('fastify-metrics');
    await app.register(metrics.default ?? metrics, { endpoint: '/metrics' });
    return routes(app, { line: () => {}, query }, true);
  },
  /** The same by hand: buffered pino with one line, a prom-client hook, one span. */
  async tuned() {
    const query = otel(sink, [httpInstrumentation()]);
    const app = create();
    const { line, observe } = tuned(target);
    app.addHook('onResponse', (request, reply, done) => {
      observe({
        method: request.method,
        route: request.routeOptions.url,
        status: reply.statusCode,
        seconds: reply.elapsedTime / 1000,
      });
      done();
    });
    return routes(app, { line, query });
  },
  async otel() {
    const query = otel(sink, [httpInstrumentation(), fastifyInstrumentation()]);
    return routes(create(), { ...SILENT, query });
  },
  async datadog() {
    datadog(sink);
    return routes(create(), SILENT);
  },
  async sentry() {
    const Sentry = sentry(sink);
    const app = create();
    Sentry['setupFastifyErrorHandler']?.(app);
    return routes(app, SILENT);
  },
};

function create(options: object = {}): App {
  const fastify = require('fastify');
  return fastify(options) as App;
}

function fastifyInstrumentation(): unknown {
  const { FastifyOtelInstrumentation } = require('@fastify/otel');
  return new FastifyOtelInstrumentation({ registerOnInitialization: true });
}

/** Everything that Fastify keeps a list of hooks for. */
function hooksOf(app: object): string[] {
  const symbol = Object.getOwnPropertySymbols(app).find(({ description }) => description === 'fastify.hooks');
  if (symbol === undefined) throw new Error('Fastify keeps its hooks elsewhere now');
  const lists = (app as Record<symbol, Record<string, unknown>>)[symbol] as Record<string, unknown>;
  return Object.entries(lists).flatMap(([name, list]) =>
    Array.isArray(list) ? list.map((_, i) => `${name} ${i}`) : [],
  );
}

function routes(app: App, handler: Handler, ownLog = false): App {
  let current: Request | undefined;
  const line: Handler['line'] = ownLog
    ? (fields, message) => current?.log.info(fields, message)
    : handler.line;
  const answer = answerer({ ...handler, line });
  app.get('/users/:id', async request => {
    current = request;
    return answer(request.params.id);
  });
  return app;
}

const app = await (variants[variant] as () => Promise<App>)();
const url = await app.listen({ port: 0, host: '127.0.0.1' });
serve({ url, hooks });

/** One Express service in the variant that `argv[2]` names, measured through IPC. */
import type { AddressInfo } from 'node:net';
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
  params: { id: string };
  method: string;
  route: { path: string };
  log: { info(fields: object, message: string): void };
}
interface Answer {
  statusCode: number;
  json(value: unknown): void;
  on(event: 'finish', listener: () => void): void;
}
interface App {
  router: { stack: unknown[] };
  use(middleware: unknown): void;
  get(path: string, handler: (req: Request, res: Answer) => void): unknown;
  listen(port: number, host: string, done: () => void): { address(): AddressInfo };
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
    const obs = await plimsollOff(app);
    hooks = app.router.stack.map((_, i) => `layer ${i}`);
    return routes(app, handlerOf(obs));
  },
  /** pino-http, express-prom-bundle, OpenTelemetry with the HTTP and Express instrumentations. */
  async documented() {
    const query = otel(sink, [httpInstrumentation(), expressInstrumentation()]);
    const app = create();
    const pino = require('pino');
    const pinoHttp = require('pino-http');
    app.use(pinoHttp({ logger: pino(pino.destination(target)) }));
    const bundle = require('express-prom-bundle');
    app.use(bundle({ includeMethod: true, includePath: true }));
    return routes(app, { ...SILENT, query }, true);
  },
  /** The same by hand: buffered pino with one line, a prom-client hook, one span. */
  async tuned() {
    const query = otel(sink, [httpInstrumentation()]);
    const app = create();
    const { line, observe } = tuned(target);
    app.use((req: Request, res: Answer, next: () => void) => {
      const started = performance.now();
      res.on('finish', () => {
        const seconds = (performance.now() - started) / 1000;
        observe({ method: req.method, route: req.route.path, status: res.statusCode, seconds });
      });
      next();
    });
    return routes(app, { line, query });
  },
  async otel() {
    const query = otel(sink, [httpInstrumentation(), expressInstrumentation()]);
    return routes(create(), { ...SILENT, query });
  },
  async datadog() {
    datadog(sink);
    return routes(create(), SILENT);
  },
  async sentry() {
    const Sentry = sentry(sink);
    const app = routes(create(), SILENT);
    Sentry['setupExpressErrorHandler']?.(app);
    return app;
  },
};

function create(): App {
  const express = require('express');
  return express() as App;
}

function expressInstrumentation(): unknown {
  const { ExpressInstrumentation } = require('@opentelemetry/instrumentation-express');
  return new ExpressInstrumentation();
}

function routes(app: App, handler: Handler, ownLog = false): App {
  let current: Request | undefined;
  const line: Handler['line'] = ownLog
    ? (fields, message) => current?.log.info(fields, message)
    : handler.line;
  const answer = answerer({ ...handler, line });
  app.get('/users/:id', (req, res) => {
    current = req;
    res.json(answer(req.params.id));
  });
  return app;
}

const app = await (variants[variant] as () => Promise<App>)();
const server = app.listen(0, '127.0.0.1', () => {
  serve({ url: `http://127.0.0.1:${server.address().port}`, hooks });
});

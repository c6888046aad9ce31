import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { type InitOptions, init, type Obs } from 'plimsoll';
import { WebSocket } from 'ws';
import { EVERYTHING } from '../access/service.ts';
import { failure } from './corpus.ts';

export const TOKEN = 'the-admin-token';
export const WRITER = 'the-token-of-a-writer';

export interface Marked {
  readonly obs: Obs;
  readonly root: string;
  readonly url: string;
  readonly lines: string[];
  /** What a collector, the taker of telemetry and a webhook got: the head and the body. */
  readonly received: Record<'otlp' | 'telemetry' | 'webhooks', Buffer[]>;
  /** Messages of the stream. */
  readonly stream: string[];
  readonly webhook: string;
  close(): Promise<void>;
}

/** What the routes of the app do: logs what came, as a careless author would, and fails with it. */
const work = (obs: Obs, said: unknown) =>
  obs.log.info({ said, err: failure(String(said)) }, `asked for ${said}`);
const posted = (obs: Obs, body: unknown) => obs.log.info({ body, of: { body }, said: body }, 'posted');

const APPS: Readonly<Record<string, (options: InitOptions) => Promise<{ obs: Obs; server: Server }>>> = {
  async node(options) {
    const obs = await init(options);
    const server = createServer(
      obs.handler((req, res) => {
        const said = decodeURIComponent((req as IncomingMessage).url ?? '');
        work(obs, said);
        if (said.startsWith('/boom')) throw failure(said);
        (res as ServerResponse).end('ok');
      }),
    );
    await obs.attach(server);
    return { obs, server };
  },
  async fastify(options) {
    const app = fastify();
    const obs = await init(app, options);
    app.get('/items/:id', async request => work(obs, decodeURIComponent(request.url)) ?? 'ok');
    app.post('/items', async request => posted(obs, request.body) ?? 'ok');
    app.get('/boom/:id', async request => {
      throw failure(decodeURIComponent(request.url));
    });
    await app.ready();
    return { obs, server: app.server };
  },
  async express(options) {
    const app = express();
    app.set('env', 'test');
    const obs = await init(app, options);
    app.get('/items/:id', (req, res) => void res.send(work(obs, decodeURIComponent(req.url)) ?? 'ok'));
    app.post('/items', express.json(), (req, res) => void res.send(posted(obs, req.body) ?? 'ok'));
    app.get('/boom/:id', req => {
      throw failure(decodeURIComponent(req.url));
    });
    // Express prints what nobody handles, and shows it.
    const last: express.ErrorRequestHandler = (_error, _req, res, _next) =>
      void res.status(500).send('failed');
    app.use(last);
    return { obs, server: createServer(app) };
  },
  async hono(options) {
    const app = new Hono();
    app.onError((_error, c) => c.text('failed', 500));
    const obs = await init(app, options);
    routes(app, obs);
    return { obs, server: createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false })) };
  },
  async fetch(options) {
    const obs = await init(options);
    const app = new Hono();
    routes(app, obs);
    app.onError(error => {
      throw error;
    });
    const handler = obs.fetch((request: Request) => app.fetch(request), {
      route: ({ url }) => new URL(url).pathname.split('/')[1],
    });
    return {
      obs,
      server: createServer(getRequestListener(handler as never, { overrideGlobalObjects: false })),
    };
  },
};
export const ADAPTERS = Object.keys(APPS);

function routes(app: Hono, obs: Obs): void {
  app.get('/items/:id', c => c.text(work(obs, decodeURIComponent(c.req.url)) ?? 'ok'));
  app.post('/items', async c => c.text(posted(obs, await c.req.json()) ?? 'ok'));
  app.get('/boom/:id', c => {
    throw failure(decodeURIComponent(c.req.url));
  });
}

/** A service with every part on, telemetry sent, a webhook and a client of the stream; all of it on the loopback. */
export async function startMarked(t: TestContext, adapter: string): Promise<Marked> {
  const root = mkdtempSync(join(tmpdir(), 'plimsoll-whole-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  prepare(root);
  const received: Marked['received'] = { otlp: [], telemetry: [], webhooks: [] };
  const [collector, taker, hook] = await Promise.all(
    (['otlp', 'telemetry', 'webhooks'] as const).map(name => receive(t, received[name])),
  );
  const { obs, server } = await (APPS[adapter] as (typeof APPS)[string])({
    ...{ service: 'whole', env: 'development', runtimeRoot: root, drain: { enabled: false } },
    log: { stdout: false, level: 'debug', samplingRateInfo: 1, inbound: true, ip: true },
    trace: { enabled: true },
    otlp: {
      endpoint: collector as string,
      scheduleDelayMs: 20,
      logsExporter: 'otlp',
      metricsExporter: 'otlp',
    },
    ops: { adminToken: [TOKEN] },
    assets: { writeToken: [WRITER] },
    crash: { intervalMs: 0, report: true },
    telemetry: { endpoint: taker as string, sendMs: 50, enabled: true, backend: 'hybrid' },
    hooks: { allowPrivate: ['127.0.0.1'], devMode: true },
    http: { observeOps: true },
  } as InitOptions);
  const lines: string[] = [];
  obs.onLine(line => void lines.push(line));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stream: string[] = [];
  const ws = new WebSocket(`${url.replace('http', 'ws')}/api/hooks/ws`);
  ws.on('message', data => void stream.push(String(data)));
  await new Promise((resolve, reject) => ws.once('open', resolve).once('error', reject));
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= (async () => {
      ws.terminate();
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
      await obs.close();
    })();
    return closed;
  };
  t.after(close);
  return { obs, root, url, lines, received, stream, webhook: hook as string, close };
}

function prepare(root: string): void {
  mkdirSync(join(root, 'config'));
  const telemetry = { ...EVERYTHING.telemetry, dry_run: false };
  writeFileSync(join(root, 'config/plimsoll.json'), JSON.stringify({ ...EVERYTHING, telemetry }));
  mkdirSync(join(root, 'dev/hooks'), { recursive: true });
  const input = JSON.stringify(join(root, 'plugin-input.txt'));
  writeFileSync(
    join(root, 'dev/hooks/keeps.mjs'),
    `import { appendFileSync } from 'node:fs';
export function on_scene_enter(data) { appendFileSync(${input}, JSON.stringify(data) + '\\n'); }`,
  );
  mkdirSync(join(root, 'data/assets'), { recursive: true });
}

async function receive(t: TestContext, into: Buffer[]): Promise<string> {
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [Buffer.from(`${req.url} ${JSON.stringify(req.headers)}\n`)];
    req.on('data', chunk => chunks.push(chunk));
    req.on('end', () => {
      into.push(Buffer.concat(chunks));
      res.writeHead(200).end();
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** One small service, on Fastify, Express, Hono or bare node:http, with Plimsoll or without it; it tells the probe's findings at /probe. */
import { createServer } from 'node:http';

const { WITH_PLIMSOLL, FRAMEWORK, OPTIONS } = process.env;
const options = JSON.parse(OPTIONS ?? '{}');
const load = async app => {
  if (WITH_PLIMSOLL !== '1') return undefined;
  const { init } = await import('plimsoll');
  return app === undefined ? init(options) : init(app, options);
};

/** Touches every recorder, so that a lazy one would show itself. */
async function work(obs) {
  if (obs === undefined) return { ok: true };
  obs.log.info({ room: 'r' }, 'room_created');
  const sent = obs.metrics.counter('off_total', { help: 'Never seen', labels: ['kind'] });
  sent.inc({ kind: 'x' });
  obs.metrics.histogram('off_seconds', { help: 'Never seen' }).observe(0.1);
  obs.trace.span('off', {}, span => span);
  return { ok: true };
}

let hooks;
async function fastifyApp() {
  const { default: fastify } = await import('fastify');
  const app = fastify();
  const obs = await load(app);
  app.get('/work', () => work(obs));
  app.get('/probe', () => report(app.server));
  await app.listen({ port: 0, host: '127.0.0.1' });
  const symbol = Object.getOwnPropertySymbols(app).find(one => one.description === 'fastify.hooks');
  hooks = Object.entries(app[symbol]).map(([name, list]) => [name, Array.isArray(list) ? list.length : 0]);
  return app.server;
}

async function expressApp() {
  const { default: express } = await import('express');
  const app = express();
  const obs = await load(app);
  app.get('/work', async (_request, response) => response.json(await work(obs)));
  app.get('/probe', (_request, response) => response.json(report(server)));
  hooks = app.router.stack.map(layer => layer.name);
  const server = app.listen(0, '127.0.0.1');
  await new Promise(done => server.once('listening', done));
  return server;
}

async function honoApp() {
  const { Hono } = await import('hono');
  const { getRequestListener } = await import('@hono/node-server');
  const app = new Hono();
  const obs = await load(app);
  app.get('/work', async c => c.json(await work(obs)));
  app.get('/probe', c => c.json(report(server)));
  hooks = app.routes.map(route => route.path);
  const handler = obs === undefined ? app.fetch : obs.fetch(app.fetch);
  const server = createServer(getRequestListener(handler)).listen(0, '127.0.0.1');
  await new Promise(done => server.once('listening', done));
  return server;
}

async function nodeApp() {
  const obs = await load(undefined);
  const listener = async (request, response) => {
    const body = request.url === '/probe' ? report(server) : await work(obs);
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  };
  const server = createServer(obs === undefined ? listener : obs.handler(listener));
  if (obs !== undefined) await obs.attach(server);
  await new Promise(done => server.listen(0, '127.0.0.1', done));
  return server;
}

function report(server) {
  return { ...globalThis[Symbol.for('probe')]({ server }), hooks: hooks ?? [] };
}

const apps = { fastify: fastifyApp, express: expressApp, hono: honoApp, node: nodeApp };
const observed = await apps[FRAMEWORK]();
console.log(JSON.stringify(observed.address()));

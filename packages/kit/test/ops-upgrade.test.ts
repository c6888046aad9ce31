import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, test } from 'node:test';
import { serve } from '@hono/node-server';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { init, type Obs } from 'plimsoll';
import { WebSocket, WebSocketServer } from 'ws';
import type { InitOptions } from '../src/config/options/table.ts';

const TOKEN = 'right-token';
const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function start(code: InitOptions = {}): Promise<Obs> {
  const obs = await init({
    env: 'test',
    log: { stdout: false },
    drain: { enabled: false },
    ...code,
  } as InitOptions);
  open.push(() => obs.close());
  return obs;
}

/** Says hello to whoever gets in. */
function greet(obs: Obs, path = '/stream'): () => unknown {
  const server = new WebSocketServer({ noServer: true });
  open.push(() => {
    for (const client of server.clients) client.terminate();
  });
  return obs.upgrade(path, {
    access: 'local',
    accept: ({ request, socket, head, admin }) =>
      server.handleUpgrade(request, socket, head, ws => ws.send(`hello ${admin ? 'admin' : 'local'}`)),
  });
}

interface Asked {
  readonly headers?: Record<string, string>;
  readonly protocols?: string[];
}
/** The first message, or the status and code of the refusal. */
function shake(url: string, { headers = {}, protocols = [] }: Asked = {}): Promise<string> {
  const ws = new WebSocket(url, protocols, { headers });
  return new Promise((resolve, reject) => {
    ws.on('message', data => {
      resolve(String(data));
      ws.terminate();
    });
    ws.on('unexpected-response', (_request, response) => {
      let text = '';
      response.on('data', chunk => (text += chunk));
      response.on('end', () => {
        const code = text.startsWith('{') ? JSON.parse(text).code : text;
        resolve(`${response.statusCode} ${code}`);
      });
    });
    ws.on('error', reject);
  });
}

function listen(server: ReturnType<typeof createServer>): Promise<string> {
  return new Promise(resolve => {
    server.listen(0, '127.0.0.1', () => resolve(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`));
    open.push(() => {
      server.closeAllConnections();
      server.close();
    });
  });
}

test('a handshake reaches its taker on node:http, Fastify, Express, Hono and the ops port', async () => {
  const obs = await start();
  greet(obs);
  const node = await listen(createServer(obs.handler((_req, res) => (res as { end(): void }).end())));
  const app = fastify();
  await obs.attach(app);
  await app.listen({ port: 0, host: '127.0.0.1' });
  open.push(() => app.close());
  const ex = express();
  await obs.attach(ex);
  const exServer = await listen(createServer(ex));
  const hono = new Hono();
  await obs.attach(hono);
  const honoServer = await new Promise<string>(resolve => {
    const server = serve({ fetch: hono.fetch, port: 0, hostname: '127.0.0.1' }, info =>
      resolve(`ws://127.0.0.1:${info.port}`),
    );
    open.push(() => server.close());
  });
  const own = await start({ ops: { port: 0 } });
  greet(own);
  const { port } = own.read<AddressInfo>('ops-address') as AddressInfo;
  const fast = `ws://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  for (const url of [node, fast, exServer, honoServer, `ws://127.0.0.1:${port}`])
    assert.equal(await shake(`${url}/stream`), 'hello local', url);
});

test("handshakes at the app's own paths stay with the app, also where its listener refuses all that it does not know", async () => {
  const obs = await start();
  greet(obs);
  const server = createServer(obs.handler((_req, res) => (res as { end(): void }).end()));
  const apps = new WebSocketServer({ server, path: '/chat' });
  apps.on('connection', ws => ws.send('the app'));
  open.push(() => apps.close());
  const url = await listen(server);
  assert.equal(await shake(`${url}/chat`), 'the app');
  assert.equal(await shake(`${url}/stream`), 'hello local');
  assert.match(await shake(`${url}/other`), /^400/);
});

test('a request with an Upgrade header that nobody takes is answered as a request', async () => {
  const obs = await start();
  greet(obs);
  const server = createServer(obs.handler((_req, res) => (res as { end(text: string): void }).end('plain')));
  const url = await listen(server);
  assert.equal(await shake(`${url}/elsewhere`).catch(String), '200 plain');
});

test('a server that listened before is learnt, and is as it was when nobody wants handshakes any more', async () => {
  const server = createServer((_req, res) => res.end('app'));
  const url = await listen(server);
  const obs = await start();
  const before = { emit: server.emit, own: Object.getOwnPropertyNames(server).sort() };
  const stop = greet(obs);
  await fetch(url.replace('ws:', 'http:'));
  assert.equal(await shake(`${url}/stream`), 'hello local');
  await stop();
  assert.equal(server.emit, before.emit);
  assert.deepEqual(Object.getOwnPropertyNames(server).sort(), before.own);
  assert.equal(await shake(`${url}/stream`), '200 app');
});

test('outside development the token opens: by header, by bearer, or as a protocol from a browser', async () => {
  const obs = await start({ env: 'production', ops: { adminToken: TOKEN } });
  greet(obs);
  const url = `${await listen(createServer(obs.handler(() => {})))}/stream`;
  assert.equal(await shake(url), '403 forbidden');
  assert.equal(await shake(url, { headers: { 'x-admin-token': 'wrong' } }), '403 forbidden');
  assert.equal(await shake(url, { headers: { 'x-admin-token': TOKEN } }), 'hello admin');
  assert.equal(await shake(url, { headers: { authorization: `Bearer ${TOKEN}` } }), 'hello admin');
  const bearer = `bearer.${Buffer.from(TOKEN).toString('base64url')}`;
  const from = { origin: 'https://ops.example' };
  assert.equal(await shake(url, { headers: from, protocols: ['plimsoll.v1', bearer] }), 'hello admin');
  assert.equal(await shake(`${url}?token=${TOKEN}`), '403 forbidden');
});

test('in development a page of another origin, another Host and a forwarded handshake are refused', async () => {
  const obs = await start();
  greet(obs);
  const base = await listen(createServer(obs.handler(() => {})));
  const url = `${base}/stream`;
  const origin = base.replace('ws:', 'http:');
  assert.equal(await shake(url, { headers: { origin } }), 'hello local');
  assert.equal(await shake(url, { headers: { origin: 'http://evil.example' } }), '403 forbidden');
  assert.match(await shake(url, { headers: { host: 'evil.example' } }), /^403 /);
  assert.match(await shake(url, { headers: { 'x-forwarded-for': '10.0.0.1' } }), /^403 /);
});

test('a taker that throws costs its own socket and nothing else', async () => {
  const obs = await start();
  obs.upgrade('/stream', {
    access: 'local',
    accept: () => {
      throw new Error('no');
    },
  });
  const server = createServer(obs.handler((_req, res) => (res as { end(text: string): void }).end('on')));
  const url = await listen(server);
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => {});
  socket.write(
    'GET /stream HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  );
  await new Promise(resolve => socket.on('close', resolve));
  assert.equal(await (await fetch(url.replace('ws:', 'http:'))).text(), 'on');
});

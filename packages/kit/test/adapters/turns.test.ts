import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { fastifyApp, nodeApp, until } from '../support/apps.ts';

const get = (id: string) => `GET /things HTTP/1.1\r\nHost: x\r\nX-Request-Id: ${id}\r\n\r\n`;

test('requests in one packet each have their own context, and the connection has none', async () => {
  const seen: [string, string | undefined][] = [];
  const { obs } = await nodeApp((_req, res) => res.end());
  const own = obs.handler((req, res) => {
    seen.push([String(req.headers['x-request-id']), obs.context.current()?.requestId]);
    res.end();
  });
  const server = createServer(own);
  const ofConnection: unknown[] = [];
  server.on('connection', (socket: Socket) => {
    const look = () => ofConnection.push(obs.context.current());
    socket.on('data', look);
    socket.on('drain', look);
    socket.on('close', look);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let answers = 0;
  client.on('data', data => {
    answers += String(data).split('HTTP/1.1 200').length - 1;
  });
  client.write(get('one-1') + get('two-2') + get('three-3'));
  await until(() => (answers === 3 ? true : undefined));
  client.write(get('four-4'));
  await until(() => (answers === 4 ? true : undefined));
  client.destroy();
  await new Promise(resolve => server.close(resolve));
  const ids = ['one-1', 'two-2', 'three-3', 'four-4'];
  assert.deepEqual(
    seen,
    ids.map(id => [id, id]),
  );
  assert.ok(ofConnection.length > 0);
  assert.deepEqual(new Set(ofConnection), new Set([undefined]));
});

test('whoever injects a request keeps its own context', async () => {
  let app: FastifyInstance | undefined;
  const inside: (string | undefined)[] = [];
  const { obs } = await fastifyApp((made, { context }) => {
    app = made;
    made.get('/things', async () => {
      inside.push(context.current()?.requestId);
      return 'ok';
    });
  });
  const { context } = obs;
  await app?.ready();
  for (const id of ['one-1', 'two-2']) {
    const answer = app?.inject({ url: '/things', headers: { 'x-request-id': id } });
    assert.equal(context.current(), undefined);
    await answer;
    assert.equal(context.current(), undefined);
  }
  assert.deepEqual(inside, ['one-1', 'two-2']);
});

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fastify from 'fastify';
import { init } from 'plimsoll';

const app = fastify();
const obs = await init(app, { log: { stdout: false }, http: { traceparentHeader: true } });
app.get('/plain', async () => ({ ok: true }));
app.get('/fails', async () => {
  throw new Error('no');
});
app.get('/early', { onRequest: async (_request, reply) => reply.code(401).send('no') }, async () => 'never');
app.get('/hijacked', (_request, reply) => {
  reply.hijack();
  reply.raw.write('event: a\n\n');
  reply.raw.end();
});
app.get('/headed', (_request, reply) => {
  reply.hijack();
  reply.raw.writeHead(202, 'Taken', { 'content-type': 'text/event-stream' });
  reply.raw.end();
});
app.get('/listed', (_request, reply) => {
  reply.hijack();
  reply.raw.writeHead(200, ['content-type', 'text/plain']);
  reply.raw.end();
});
app.get('/stream', (_request, reply) => reply.send(new Response('streamed').body));
const url = await app.listen({ port: 0, host: '127.0.0.1' });
after(async () => {
  await app.close();
  await obs.close();
});

for (const path of ['plain', 'fails', 'early', 'hijacked', 'headed', 'listed', 'stream', 'missing']) {
  test(`an answer of Fastify has the ids of its request, however it is sent: ${path}`, async () => {
    const answer = await fetch(`${url}/${path}`, { headers: { 'x-request-id': `id-${path}` } });
    await answer.text();
    assert.equal(answer.headers.get('x-request-id'), `id-${path}`);
    assert.match(answer.headers.get('traceparent') ?? '', /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/);
  });
}

test('what a service gives an answer past Fastify stays', async () => {
  const answer = await fetch(`${url}/headed`);
  assert.deepEqual([answer.status, answer.statusText], [202, 'Taken']);
  assert.equal(answer.headers.get('content-type'), 'text/event-stream');
});

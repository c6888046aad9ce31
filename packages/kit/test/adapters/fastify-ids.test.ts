import assert from 'node:assert/strict';
import { test } from 'node:test';
import fastify from 'fastify';
import { init } from 'plimsoll';

test('an id that Fastify takes from a header of its own choice is held to the same rule as any', async t => {
  const app = fastify({ requestIdHeader: 'x-trace' });
  const obs = await init(app, {
    ...{ service: 'ids', env: 'test', drain: { enabled: false } },
    log: { stdout: false, samplingRateInfo: 1 },
  });
  t.after(() => obs.close());
  t.after(() => app.close());
  const lines: string[] = [];
  obs.onLine(line => void lines.push(line));
  app.get('/', async () => 'ok');
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const ask = async (id: string) => {
    const answer = await fetch(url, { headers: { 'x-trace': id } });
    await answer.text();
    const known = answer.headers.get('x-request-id');
    while (!lines.some(line => line.includes(`"request_id":"${known}"`)))
      await new Promise(resolve => setTimeout(resolve, 5));
    return known;
  };
  assert.equal(await ask('from-the-proxy-1'), 'from-the-proxy-1');
  assert.match((await ask('a","level":"fatal","email":"ada@example.com')) ?? '', /^[0-9a-f-]{36}$/);
  assert.ok(!lines.some(line => line.includes('fatal') || line.includes('ada@')));
});

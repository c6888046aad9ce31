import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { runApi, traces } from '../support/console.ts';
import { opsService, TOKEN } from '../support/ops-service.ts';

const KEY = 'a-secret-of-this-run';
const span = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), start: Date.now(), ms: 1 };

test('JSON bodies, methods, queries and problems pass through, and only to routes that the service lists', async t => {
  const { url, asked } = await opsService(t);
  const { url: console } = await runApi(t, { targets: { shop: { url, token: TOKEN } } });
  const at = (path: string) => `${console}/api/console/ops/shop${path}`;
  const headers = { 'content-type': 'application/json' };
  const put = await fetch(at('/api/shop/items/7?dry=1&x=a%20b'), { method: 'PUT', headers, body: '{"n":1}' });
  assert.deepEqual(await put.json(), { method: 'PUT', url: '/api/shop/items/7?dry=1&x=a%20b' });
  assert.deepEqual([asked[0]?.body, asked[0]?.headers['content-length']], ['{"n":1}', '7']);
  assert.equal((await fetch(at('/api/shop/items/7'), { method: 'DELETE' })).status, 200);
  const none = await fetch(at('/api/shop/items/none'));
  assert.deepEqual([none.status, none.headers.get('retry-after')], [404, '7']);
  assert.equal(none.headers.get('content-type'), 'application/problem+json');
  assert.equal(((await none.json()) as { code: string }).code, 'unknown_item');
  const before = asked.length;
  for (const path of ['/api/users', '/api/shop/items', '/api/shop/items/7/secret', '/orders']) {
    assert.equal((await fetch(at(path))).status, 403, path);
  }
  assert.equal(asked.length, before);
});

test('a download streams through whole, with a file name that can do no harm', async t => {
  const { url, pack } = await opsService(t);
  const { url: console } = await runApi(t, { targets: { shop: { url, token: TOKEN } } });
  const response = await fetch(`${console}/api/console/ops/shop/api/shop/pack`);
  assert.equal(response.headers.get('content-type'), 'application/zip');
  assert.equal(response.headers.get('content-disposition'), 'attachment; filename="_pack_1.zip"');
  assert.equal(response.headers.get('set-cookie'), null);
  assert.ok(Buffer.from(await response.arrayBuffer()).equals(pack));
});

test('a download with the token in it breaks off before the token', async t => {
  const { url } = await opsService(t);
  const { url: console } = await runApi(t, { targets: { shop: { url, token: TOKEN } } });
  const response = await fetch(`${console}/api/console/ops/shop/api/shop/pack?leak`);
  const got: Uint8Array[] = [];
  await assert.rejects(async () => {
    for await (const piece of response.body!) got.push(piece);
  });
  assert.ok(!Buffer.concat(got).includes(TOKEN.slice(9)));
});

test('an upload of many pieces goes on as it comes, and one beyond the limit is refused', async t => {
  const { url, asked } = await opsService(t);
  const { url: console } = await runApi(t, { targets: { shop: { url, token: TOKEN } } });
  const send = (megabytes: number) =>
    fetch(`${console}/api/console/ops/shop/api/shop/upload`, {
      method: 'POST',
      headers: { 'content-type': 'application/zip' },
      body: Buffer.alloc(megabytes * 1024 * 1024, 'x'),
    });
  assert.equal((await send(3)).status, 200);
  assert.equal(asked[0]?.body.length, 3 * 1024 * 1024);
  assert.equal(asked[0]?.headers['content-type'], 'application/zip');
  assert.equal((await send(65)).status, 413);
});

test('a service’s routes are told, so that a panel can say whether it is offered', async t => {
  const { url } = await opsService(t);
  const { get, store } = await runApi(t, { targets: { shop: { url, token: TOKEN }, closed: { url } } });
  const { body } = await get('/ops/shop');
  assert.deepEqual([body['reachable'], body['token']], [true, true]);
  assert.ok((body['paths'] as unknown as string[]).includes('/api/shop/items/:id'));
  const routes = body['routes'] as unknown as { method: string; path: string; access: string }[];
  assert.deepEqual(routes[1], { method: 'GET', path: '/api/shop/items/:id', access: 'local' });
  assert.deepEqual((await get('/ops/closed')).body, { reachable: true, token: false });
  await store.writeTraces(traces('shop', [span]));
  const [row] = (await get('/services')).body as unknown as { ops: { paths?: string[] } }[];
  assert.ok(row?.ops.paths?.includes('/api/shop/pack'));
});

test('a WebSocket of the ops API is joined both ways, with the service’s token and none of the browser’s', async t => {
  const { url } = await opsService(t);
  const { url: console } = await runApi(t, { targets: { shop: { url, token: TOKEN } } });
  const open = (path: string) =>
    new WebSocket(`${console.replace('http', 'ws')}/api/console/ops/shop${path}`);
  const ws = open('/api/shop/hooks/ws?topic=a');
  const said = async () => String((await once(ws, 'message'))[0]);
  assert.equal(await said(), '{"hello":"/api/shop/hooks/ws?topic=a"}');
  ws.send('and back');
  assert.equal(await said(), 'and back');
  const closed = once(ws, 'close');
  ws.send('end');
  const [code, reason] = await closed;
  assert.deepEqual([code, String(reason)], [4001, 'asked to']);

  const leaky = open('/api/shop/hooks/ws');
  const heard: string[] = [];
  leaky.on('message', data => heard.push(String(data)));
  await once(leaky, 'open');
  leaky.send('leak');
  assert.equal((await once(leaky, 'close'))[0], 1011);
  assert.ok(!heard.join().includes(TOKEN));

  const other = open('/chat/ws');
  const [error] = await once(other, 'error');
  assert.match(String(error), /403/);
});

test('a WebSocket from a page of another origin is refused', async t => {
  const { url } = await opsService(t);
  const { url: console } = await runApi(t, { targets: { shop: { url, token: TOKEN } } });
  const path = '/api/console/ops/shop/api/shop/hooks/ws';
  const ws = new WebSocket(console.replace('http', 'ws') + path, { origin: 'http://evil.example' });
  assert.match(String((await once(ws, 'error'))[0]), /403/);
});

test('an app says by the secret of the run where it is, and its token never comes back', async t => {
  const { url } = await opsService(t);
  const { url: console, get, store } = await runApi(t, { announceKey: KEY, token: 'of-the-page' });
  const announce = async (body: object, key = KEY) => {
    const response = await fetch(`${console}/api/console/announce/${key}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return response.status;
  };
  const right = { service: 'shop', url, token: TOKEN };
  assert.equal(await announce(right, 'another'), 404);
  assert.equal(await announce({ ...right, url: 'http://192.0.2.1' }), 422);
  assert.equal(await announce({ ...right, token: 'wrong' }), 409);
  assert.equal(await announce({ ...right, service: 'another' }), 409);
  assert.equal(await announce(right), 204);
  await store.writeTraces(traces('shop', [span]));
  const headers = { authorization: 'Bearer of-the-page' };
  const asked = await fetch(`${console}/api/console/ops/shop/api/shop/items/1`, { headers });
  assert.equal(asked.status, 200);
  assert.equal((await get('/services')).status, 401);
  const services = await (await fetch(`${console}/api/console/services`, { headers })).text();
  assert.match(services, /"token":true/);
  assert.doesNotMatch(services, new RegExp(TOKEN));
});

test('nobody can announce where no secret was made', async t => {
  const { url } = await runApi(t);
  const response = await fetch(`${url}/api/console/announce/undefined`, { method: 'POST', body: '{}' });
  assert.equal(response.status, 404);
});

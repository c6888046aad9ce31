import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { runApi, traces } from '../support/console.ts';

const TOKEN = 'the-admin-token-of-the-service';

async function service(t: TestContext, asked: IncomingMessage[]): Promise<string> {
  const server = createServer((req, res) => {
    asked.push(req);
    res.setHeader('set-cookie', 'theirs=1');
    if (req.url === '/ops/away') return res.writeHead(302, { location: 'http://192.0.2.1/' }).end();
    if (req.url === '/ops/leak') return res.end(JSON.stringify({ token: req.headers['x-admin-token'] }));
    if (req.url === '/ops/page') return res.setHeader('content-type', 'text/html').end('<script>1</script>');
    res.setHeader('content-type', 'application/json');
    return res.end(
      JSON.stringify({ status: 'degraded', checks: { db: { ok: false, error: 'timeout', age_ms: 12 } } }),
    );
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const span = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), start: Date.now(), ms: 1 };

test('the proxy asks a configured service with its token, and passes on none of the browser’s headers', async t => {
  const asked: IncomingMessage[] = [];
  const url = await service(t, asked);
  const { url: console, get } = await runApi(t, { targets: { shop: { url, token: TOKEN } } });
  const response = await fetch(`${console}/api/console/ops/shop/ops/log-level?x=1`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie: 'mine=1', authorization: 'Bearer mine' },
    body: '{"level":"debug"}',
  });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('set-cookie'), null);
  const [seen] = asked;
  assert.deepEqual([seen?.method, seen?.url], ['POST', '/ops/log-level?x=1']);
  assert.equal(seen?.headers['x-admin-token'], TOKEN);
  assert.equal(seen?.headers.cookie, undefined);
  assert.equal(seen?.headers.authorization, undefined);
  assert.equal((await get('/ops/shop/ops/away')).body['code'], 'ops_answer_refused');
  assert.equal((await get('/ops/shop/ops/leak')).body['code'], 'ops_answer_refused');
  const page = await fetch(`${console}/api/console/ops/shop/ops/page`);
  assert.equal(page.headers.get('content-type'), 'application/octet-stream');
});

test('the proxy keeps to the ops API', async t => {
  const asked: IncomingMessage[] = [];
  const url = await service(t, asked);
  const { url: console } = await runApi(t, { targets: { shop: { url, token: TOKEN } } });
  for (const path of ['chat/messages', 'ops/..%2fchat', '%2f%2fevil.example/ops/', 'ops//evil', 'healthy']) {
    const response = await fetch(`${console}/api/console/ops/shop/${path}`);
    assert.equal(response.status, 403, path);
  }
  const beyond = asked.filter(({ url: path }) => path !== '/ops/' && path !== '/openapi.json');
  assert.deepEqual(beyond, []);
});

test('a service says where it is for loopback alone, and what it says never gets a token', async t => {
  const asked: IncomingMessage[] = [];
  const url = await service(t, asked);
  const { store, get } = await runApi(t, { targets: { configured: { url, token: TOKEN } } });
  await store.writeTraces(traces('near', [span], { 'plimsoll.ops.url': url }));
  await store.writeTraces(traces('far', [span], { 'plimsoll.ops.url': 'http://192.0.2.1:80' }));
  await store.writeTraces(traces('login', [span], { 'plimsoll.ops.url': 'http://u:p@127.0.0.1:80' }));
  assert.equal((await get('/ops/near/health')).status, 200);
  assert.equal(asked[0]?.headers['x-admin-token'], undefined);
  for (const name of ['far', 'login', 'never-seen']) {
    assert.equal((await get(`/ops/${name}/health`)).body['code'], 'no_ops_address', name);
  }
  const { body } = await get('/services');
  assert.doesNotMatch(JSON.stringify(body), new RegExp(TOKEN));
});

test('health comes with age and history, and a service that is gone is unreachable', async t => {
  const asked: IncomingMessage[] = [];
  const url = await service(t, asked);
  const { store, get } = await runApi(t, {
    healthIntervalMs: 20,
    targets: { shop: { url }, gone: { url: 'http://127.0.0.1:1' } },
  });
  for (const name of ['shop', 'gone', 'other']) await store.writeTraces(traces(name, [span]));
  interface Health {
    status: string;
    checks: unknown[];
    history: unknown[];
  }
  const look = async () => {
    const { body } = await get('/overview?from=0&to=1000&step=1000');
    const services = body['services'] as unknown as { service: string; health: Health }[];
    return new Map(services.map(({ service: name, health }) => [name, health]));
  };
  const first = await look();
  assert.equal(first.get('shop')?.status, 'degraded');
  assert.deepEqual(first.get('shop')?.checks, [{ name: 'db', ok: false, ageMs: 12, error: 'timeout' }]);
  assert.equal(first.get('gone')?.status, 'unreachable');
  assert.equal(first.get('other')?.status, 'unknown');
  for (let tries = 0; tries < 200; tries += 1) {
    if (((await look()).get('shop')?.history.length ?? 0) > 2) return;
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  assert.fail('no history came');
});

test('a target with a login or another scheme is refused at the start', async t => {
  for (const url of ['ftp://127.0.0.1', 'http://u:p@127.0.0.1', 'nonsense']) {
    await assert.rejects(runApi(t, { targets: { shop: { url } } }), { code: 'PLIMSOLL_CONSOLE_TARGET' });
  }
});

import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { runApi } from '../support/console.ts';

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** `fetch` may not say a `Host` of its own. */
function ask(url: string, { method = 'GET', headers = {}, body }: Asked = {}) {
  return new Promise<{ status: number; code: string; headers: NodeJS.Dict<string | string[]> }>(
    (resolve, reject) => {
      const sent = request(url, { method, headers }, response => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', chunk => {
          text += chunk;
        });
        response.on('end', () => {
          const code = text.startsWith('{') ? String(JSON.parse(text).code) : '';
          resolve({ status: response.statusCode ?? 0, code, headers: response.headers });
        });
      });
      sent.on('error', reject);
      sent.end(body);
    },
  );
}

const TOKEN = 'a-token-of-the-console';
const withToken = (token: string) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', 'content-length': String(JSON.stringify({ token }).length) },
  body: JSON.stringify({ token }),
});

test('a page of another site that points its name at this machine is refused', async t => {
  const { url } = await runApi(t, { hosts: ['console.example'] });
  const services = `${url}/api/console/services`;
  for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.nip.io', '10.0.0.1:4600']) {
    const answer = await ask(services, { headers: { host } });
    assert.deepEqual([answer.status, answer.code], [403, 'host_not_allowed'], host);
  }
  for (const host of ['localhost:4600', '127.0.0.1', '[::1]:4600', 'console.example']) {
    assert.equal((await ask(services, { headers: { host } })).status, 200, host);
  }
});

test('a browser reads and writes from the own origin only', async t => {
  const { url } = await runApi(t);
  const services = `${url}/api/console/services`;
  const own = new URL(url).host;
  const get = (headers: Record<string, string>) => ask(services, { headers: { host: own, ...headers } });
  assert.equal((await get({ 'sec-fetch-site': 'cross-site' })).code, 'foreign_origin');
  assert.equal((await get({ 'sec-fetch-site': 'same-site' })).code, 'foreign_origin');
  assert.equal((await get({ 'sec-fetch-site': 'same-origin' })).status, 200);
  const post = (headers: Record<string, string>) =>
    ask(`${url}/api/console/session`, {
      ...withToken('x'),
      headers: { ...withToken('x').headers, ...headers },
    });
  assert.equal((await post({ origin: 'http://evil.example' })).code, 'foreign_origin');
  assert.equal((await post({ origin: 'null' })).code, 'foreign_origin');
  assert.equal((await post({ origin: 'http://127.0.0.1:1' })).code, 'foreign_origin');
  assert.equal((await post({ origin: url, 'sec-fetch-site': 'same-origin' })).status, 200);
});

test('every answer carries the strict policy, and no header opens it to other origins', async t => {
  const { url } = await runApi(t);
  for (const path of ['/', '/api/console/services', '/api/console/nothing', '/assets/none.js']) {
    const { headers } = await ask(`${url}${path}`);
    const policy = String(headers['content-security-policy']);
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe|https?:|\*/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['access-control-allow-origin'], undefined);
  }
});

test('with a token nothing but the page and the sign-in is answered without it', async t => {
  const { url } = await runApi(t, { token: TOKEN });
  const services = `${url}/api/console/services`;
  assert.deepEqual([(await ask(services)).status, (await ask(services)).code], [401, 'unauthorized']);
  assert.equal((await ask(services, { headers: { authorization: `Bearer ${TOKEN}` } })).status, 200);
  assert.equal((await ask(services, { headers: { authorization: 'Bearer wrong' } })).code, 'wrong_token');
  assert.equal((await ask(`${url}/api/console/session`, withToken('wrong'))).code, 'wrong_token');
  const signed = await ask(`${url}/api/console/session`, withToken(TOKEN));
  const cookie = String(signed.headers['set-cookie']);
  assert.match(cookie, /HttpOnly; SameSite=Strict; Path=\//);
  assert.ok(!cookie.includes(TOKEN));
  const own = { cookie: cookie.split(';')[0] ?? '' };
  assert.equal((await ask(services, { headers: own })).status, 200);
  await ask(`${url}/api/console/session`, { method: 'DELETE', headers: own });
  assert.equal((await ask(services, { headers: own })).code, 'unauthorized');
});

test('ten wrong tokens lock the address, a right one included', async t => {
  const { url } = await runApi(t, { token: TOKEN });
  const services = `${url}/api/console/services`;
  for (let i = 0; i < 10; i += 1) await ask(services, { headers: { authorization: `Bearer no-${i}` } });
  const locked = await ask(services, { headers: { authorization: `Bearer ${TOKEN}` } });
  assert.deepEqual([locked.status, locked.code], [429, 'token_locked']);
  assert.ok(Number(locked.headers['retry-after']) > 0);
});

test('the live tail refuses a foreign origin, a foreign host, a missing token, another path and a bad filter', async t => {
  const open = (url: string, headers: Record<string, string> = {}) =>
    new Promise<string>(resolve => {
      const ws = new WebSocket(url.replace('http', 'ws'), { headers });
      ws.on('open', () => resolve('open'));
      ws.on('error', error => resolve(error.message));
      t.after(() => ws.terminate());
    });
  const { url } = await runApi(t);
  const live = `${url}/api/console/live`;
  assert.equal(await open(live), 'open');
  assert.equal(await open(live, { origin: url }), 'open');
  assert.match(await open(live, { origin: 'http://evil.example' }), /403/);
  assert.match(await open(live, { host: 'evil.example' }), /403/);
  assert.match(await open(`${url}/api/console/other`), /404/);
  assert.match(await open(`${live}?minSeverity=many`), /422/);
  const guarded = await runApi(t, { token: TOKEN });
  assert.match(await open(`${guarded.url}/api/console/live`), /401/);
  assert.equal(await open(`${guarded.url}/api/console/live`, { authorization: `Bearer ${TOKEN}` }), 'open');
});

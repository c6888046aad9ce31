import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { json, remote, startService, TOKEN } from '../parts/support.ts';

const flags = ['enable_providers'];
const reply = (res: import('node:http').ServerResponse, status: number, body: unknown, headers = {}) =>
  res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

const SECRETS = {
  api_key: 'zz-Api-111',
  nested: {
    headers: { 'X-Custom': 'zz-Head-222', Accept: 'text/plain' },
    auth: { user: 'zz-User-333', pin: 778899 },
  },
  list: [{ headers: [{ name: 'X-Auth', value: 'zz-Pair-444' }, ['Authorization', 'Bearer zz-Tuple-555']] }],
  proxy: 'https://zz-login:zz-Pass-666@proxy.test/path?api_key=zz-Query-777',
  numeric_secret: 424242424,
  note: 'call with Bearer abcdef0123456789abcdef',
  region: 'eu-west-1',
  max_tokens: 4096,
};
const HIDDEN = ['zz-', '778899', '424242424', 'abcdef0123456789abcdef'];
const leaks = (text: string) => HIDDEN.filter(secret => text.includes(secret));

test('no secret, at whatever depth, is in any answer, line or error; its length is not told; the file is the owner’s', async t => {
  const { ask, lines, root, obs } = await startService(t, { flags });
  const url = await remote(t, (req, res) => {
    // It sends back what it was sent, as badly written services do.
    const echo = `you sent ${req.headers.authorization} and ${req.url}`;
    if (req.url?.includes('/user'))
      return reply(res, 200, {
        clientBalance: 12.5,
        total_credits: 20,
        currency: 'EUR',
        plan: 'pro',
        echo,
        token: 'zz-Their-888',
      });
    reply(res, 500, { error: echo });
  });
  const entry = {
    id: 'gpu',
    service: 'runpod',
    base_url: `${url.replace('//', '//zz-u:zz-p999@')}/v1`,
    config: SECRETS,
  };
  const texts = [await ask('/api/providers/register', json(entry))].map(({ text }) => text);
  for (const path of ['', '/list', '/health', '/health?id=gpu', '/quota?id=gpu', '/export', '/templates']) {
    const { status, text } = await ask(`/api/providers${path}`);
    assert.equal(status, 200, text);
    texts.push(text);
  }
  texts.push(
    (await ask('/api/providers/activate', json({ id: 'gpu' }))).text,
    (await ask('/api/providers/order', json({ order: ['gpu'] }))).text,
  );
  texts.push(
    (await ask('/api/providers/export?secrets=true')).text,
    (await ask('/openapi.json', { headers: { 'x-admin-token': TOKEN } })).text,
  );
  texts.push((await ask('/api/providers/register', json({ ...entry, warn_ms: 'zz-bad' }))).text);
  assert.deepEqual(texts.flatMap(leaks), []);
  assert.deepEqual(lines.flatMap(leaks), []);
  const shown = JSON.parse(texts[1] as string).providers[1].config;
  assert.equal(shown.api_key, '********');
  assert.equal(shown.nested.headers.Accept, 'text/plain');
  assert.deepEqual([shown.region, shown.max_tokens], ['eu-west-1', 4096]);
  const quota = JSON.parse(texts[5] as string);
  assert.deepEqual(
    [
      quota.ok,
      quota.quota.credits_remaining,
      quota.quota.credits_total,
      quota.quota.credits_used,
      quota.quota.currency,
      quota.quota.plan,
    ],
    [true, 12.5, 20, 7.5, 'EUR', { name: 'pro' }],
  );
  const file = join(root, 'settings/providers.json');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.ok(readFileSync(file, 'utf8').includes('zz-Api-111'));
  assert.equal(obs.providers.get('gpu')?.config['api_key'], 'zz-Api-111');
});

test('an export with secrets is for an admin on this machine alone, and comes back whole', async t => {
  const { ask, obs } = await startService(t, { flags });
  await obs.providers.register({
    id: 'a',
    base_url: 'http://127.0.0.1:1',
    config: { api_key: 'zz-1', region: 'x' },
  });
  assert.equal((await ask('/api/providers/export?secrets=true')).status, 403);
  const admin = { headers: { 'x-admin-token': TOKEN } };
  const proxied = { headers: { ...admin.headers, 'x-forwarded-for': '10.0.0.1' } };
  assert.equal((await ask('/api/providers/export?secrets=true', proxied)).status, 403);
  const { body } = await ask('/api/providers/export?secrets=true', admin);
  assert.equal(body.providers[0].config.api_key, 'zz-1');
  assert.deepEqual((await ask('/api/providers/export')).body.providers[0].config, { region: 'x' });
  await obs.providers.remove('a');
  assert.equal((await ask('/api/providers/import', json(body))).body.imported, 1);
  assert.equal(obs.providers.get('a')?.config['api_key'], 'zz-1');
});

test('credentials don’t follow a redirect to another host, and a body without end is cut', async t => {
  const { obs } = await startService(t, { flags, providers: { timeoutMs: 3000 } });
  let stolen: string | undefined;
  const thief = await remote(t, (req, res) => {
    stolen = req.headers.authorization ?? 'asked';
    res.end();
  });
  const url = await remote(t, (req, res) => {
    if (req.url === '/endless') {
      const timer = setInterval(() => res.write('x'.repeat(65_536)), 1);
      res.on('close', () => clearInterval(timer));
    } else if (req.url === '/near') res.writeHead(302, { location: '/there' }).end();
    else if (req.url === '/there') reply(res, 200, {});
    else res.writeHead(302, { location: thief }).end();
  });
  await obs.providers.register({ id: 'far', base_url: `${url}/far`, config: { api_key: 'k-123456' } });
  await obs.providers.register({ id: 'near', base_url: `${url}/near`, config: { api_key: 'k-123456' } });
  await obs.providers.register({ id: 'endless', base_url: `${url}/endless` });
  const rows = Object.fromEntries((await obs.providers.health()).results.map(row => [row.provider_id, row]));
  assert.equal(rows['far']?.error, 'redirect refused');
  assert.equal(stolen, undefined);
  assert.equal(rows['near']?.ok, true);
  assert.equal(rows['endless']?.ok, true);
});

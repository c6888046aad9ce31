import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { json, type Loose, remote, startService } from '../parts/support.ts';

const flags = ['enable_providers'];
const reply = (res: import('node:http').ServerResponse, status: number, body: unknown, headers = {}) =>
  res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

test('one registry: what is registered is in the list, in the health and in the quota, with the four keys', async t => {
  const { ask } = await startService(t, { flags });
  const url = await remote(t, (_req, res) => reply(res, 200, { data: [{ id: 'a' }, { id: 'b' }] }));
  const made = await ask(
    '/api/providers/register',
    json({ name: 'Speech One', service: 'openai', base_url: `${url}/v1` }),
  );
  assert.equal(made.status, 200, made.text);
  assert.equal(made.body.provider.id, 'speech-one');
  assert.equal(made.body.provider.priority, 10);
  const { body: list } = await ask('/api/providers');
  assert.deepEqual(
    list.providers.map((p: Loose) => p.id),
    ['local', 'speech-one'],
  );
  const { body: health } = await ask('/api/providers/health');
  assert.equal(health.ok, true);
  assert.deepEqual(health.counts, { total: 2, healthy: 2, ok: 2, warn: 0, error: 0, unknown: 0 });
  for (const row of health.results) {
    for (const key of ['provider_id', 'ok', 'error', 'latency_ms', 'checked_at', 'ts'])
      assert.ok(key in row, key);
  }
  const row = health.results[1];
  assert.deepEqual(
    [row.provider_id, row.ok, row.error, row.level, row.models],
    ['speech-one', true, null, 'ok', 2],
  );
  assert.equal(typeof row.latency_ms, 'number');
  const one = await ask('/api/providers/health?id=speech-one');
  assert.deepEqual([one.body.ok, one.body.status.provider_id], [true, 'speech-one']);
  assert.deepEqual(
    [
      (await ask('/api/providers/health?id=none')).status,
      (await ask('/api/providers/health?id=none')).body.detail,
    ],
    [404, 'provider not found'],
  );
  assert.equal((await ask('/api/providers/quota')).status, 422);
  assert.equal((await ask('/api/providers/quota?id=none')).status, 404);
});

test('five providers that need two seconds are asked at the same time, and a dead one does not hold them up', async t => {
  let now = 0;
  let most = 0;
  const { obs, ask } = await startService(t, {
    flags,
    providers: { timeoutMs: 10_000, budgetMs: 12_000, warnMs: 1500 },
  });
  const url = await remote(t, async (_req, res) => {
    now += 1;
    most = Math.max(most, now);
    await sleep(2000);
    now -= 1;
    reply(res, 200, {});
  });
  for (const n of [1, 2, 3, 4, 5]) await obs.providers.register({ name: `slow ${n}`, base_url: url });
  await obs.providers.register({ name: 'dead', base_url: 'http://127.0.0.1:1' });
  const { body } = await ask('/api/providers/health');
  assert.equal(most, 5);
  const slow = body.results.filter((row: Loose) => row.provider_id.startsWith('slow'));
  assert.deepEqual(
    slow.map((row: Loose) => [row.ok, row.level]),
    Array(5).fill([true, 'warn']),
  );
  assert.ok(slow.every((row: Loose) => row.latency_ms >= 1900));
  const dead = body.results.find((row: Loose) => row.provider_id === 'dead');
  assert.deepEqual(
    [dead.ok, dead.level, dead.error, dead.last_error],
    [false, 'error', 'connection failed', 'connection failed'],
  );
  assert.match(dead.last_error_at, /^\d{4}-.*Z$/);
});

test('a provider that does not answer within its time is an error row, in a round that ends', async t => {
  const { obs } = await startService(t, { flags, providers: { timeoutMs: 150, budgetMs: 300 } });
  const url = await remote(t, () => {});
  await obs.providers.register({ name: 'hangs', base_url: url });
  const { results, ok } = await obs.providers.health();
  assert.equal(ok, false);
  assert.deepEqual([results[1]?.error, results[1]?.level], ['timeout', 'error']);
});

test('levels: healthy, slow, failing, and never probed', async t => {
  const { obs } = await startService(t, { flags });
  const url = await remote(t, (req, res) =>
    reply(res, req.url === '/bad' ? 500 : req.url === '/closed' ? 401 : 200, {}),
  );
  await obs.providers.register({ id: 'fine', base_url: url });
  await obs.providers.register({ id: 'slow', base_url: url, warn_ms: 0 });
  await obs.providers.register({ id: 'bad', base_url: `${url}/bad` });
  await obs.providers.register({ id: 'closed', base_url: `${url}/closed` });
  await obs.providers.register({ id: 'idle', base_url: url, active: false });
  const { results } = await obs.providers.health();
  const by = Object.fromEntries(results.map(row => [row.provider_id, row]));
  assert.deepEqual(
    ['fine', 'slow', 'bad', 'closed', 'idle'].map(id => [by[id]?.level, by[id]?.error, by[id]?.status_code]),
    [
      ['ok', null, undefined],
      ['warn', null, undefined],
      ['error', 'server error 500', 500],
      ['error', 'credentials rejected', 401],
      ['unknown', null, undefined],
    ],
  );
  assert.equal(by['idle']?.checked_at, null);
});

test('templates, slugs, order, activation and removal keep to their rules, and local stays', async t => {
  const { ask, obs, root } = await startService(t, { flags });
  const create = (more = {}) => ask('/api/providers/create', json({ template: 'openai', ...more }));
  assert.deepEqual(
    [(await create()).body.provider.id, (await create()).body.provider.id, (await create()).body.provider.id],
    ['openai', 'openai-2', 'openai-3'],
  );
  const twice = await create({ id: 'openai' });
  assert.deepEqual([twice.status, twice.body.detail], [409, 'provider exists']);
  assert.equal((await ask('/api/providers/create', json({ template: 'none' }))).status, 404);
  assert.equal((await ask('/api/providers/register', json({ name: 'x' }))).status, 422);
  assert.equal(
    (await ask('/api/providers/register', json({ name: 'x', base_url: 'file:///etc/passwd' }))).status,
    422,
  );
  assert.deepEqual(
    (await ask('/api/providers/order', json({ order: ['openai-3'] }))).body.providers.map((p: Loose) => p.id),
    ['local', 'openai-3', 'openai', 'openai-2'],
  );
  assert.equal(
    (await ask('/api/providers/activate', json({ id: 'openai', active: false }))).body.provider.active,
    false,
  );
  assert.equal((await ask('/api/providers/remove/local', { method: 'DELETE' })).status, 409);
  assert.equal((await ask('/api/providers/remove/openai-2', { method: 'DELETE' })).status, 200);
  assert.equal((await ask('/api/providers/remove/openai-2', { method: 'DELETE' })).status, 404);
  await obs.close();
  const again = await startService(t, { flags, root });
  assert.deepEqual(
    again.obs.providers.list().map(p => [p.id, p.active]),
    [
      ['local', true],
      ['openai-3', true],
      ['openai', false],
    ],
  );
  writeFileSync(join(root, 'settings/providers.json'), '{"providers":');
  assert.equal(again.obs.providers.list().length, 3);
  await assert.rejects(again.obs.providers.register({ id: 'b', base_url: 'http://x.test' }), {
    code: 'providers file is damaged',
  });
  assert.equal(readFileSync(join(root, 'settings/providers.json'), 'utf8'), '{"providers":');
});

test('Retry-After and rate-limit headers of any answer show in the row, and a provider that asked to be left alone is', async t => {
  const { obs } = await startService(t, { flags });
  let asked = 0;
  const url = await remote(t, (_req, res) => {
    asked += 1;
    reply(res, 200, {});
  });
  await obs.providers.register({ id: 'a', base_url: url });
  obs.providers.observe('a', {
    status: 200,
    headers: {
      'X-RateLimit-Limit-Requests': '60',
      'X-RateLimit-Remaining-Requests': '59',
      'X-RateLimit-Reset-Requests': '1m30s',
    },
  });
  const first = await obs.providers.check('a');
  assert.deepEqual(first.rate_limits, [
    { name: 'requests', limit: 60, remaining: 59, reset_s: first.rate_limits?.[0]?.reset_s },
  ]);
  assert.ok((first.rate_limits?.[0]?.reset_s ?? 0) > 80);
  assert.equal(first.level, 'ok');
  obs.providers.observe(
    'a',
    new Response(null, {
      status: 200,
      headers: { ratelimit: '"burst";r=0;t=30', 'ratelimit-policy': '"burst";q=100;w=60' },
    }),
  );
  const empty = await obs.providers.check('a');
  assert.deepEqual(
    [empty.level, empty.rate_limits?.[0]?.limit, empty.rate_limits?.[0]?.remaining],
    ['warn', 100, 0],
  );
  obs.providers.observe('a', new Response(null, { status: 429, headers: { 'retry-after': '120' } }));
  const before = asked;
  const limited = await obs.providers.check('a');
  assert.equal(asked, before);
  assert.deepEqual([limited.ok, limited.level, limited.error], [false, 'warn', 'rate limited']);
  assert.ok((limited.retry_after_s ?? 0) > 100);
  for (const bad of [undefined, null, 7, {}, { headers: 3 }]) obs.providers.observe('a', bad as never);
  obs.providers.observe('nobody', new Response());
});

test('a quota that can’t be asked for has a code that stays', async t => {
  const { ask, obs } = await startService(t, { flags });
  await obs.providers.register({ id: 'plain', base_url: 'http://127.0.0.1:1' });
  const { status, body } = await ask('/api/providers/quota?id=plain');
  assert.deepEqual(
    [status, body.ok, body.error, body.code],
    [200, false, 'quota inspection not supported', 'quota_unsupported'],
  );
});

test('off, there is no route, no file and no list; on again while the service runs, all of it', async t => {
  const { ask, obs, root } = await startService(t, { flags: [] });
  assert.equal((await ask('/api/providers/health')).text, 'app');
  assert.deepEqual(obs.providers.list(), []);
  await assert.rejects(obs.providers.register({ id: 'x', base_url: 'http://x.test' }), {
    code: 'PLIMSOLL_OFF',
  });
  writeFileSync(join(root, 'config/plimsoll.json'), JSON.stringify({ features: { enable_providers: true } }));
  obs.flags.refresh();
  for (let tries = 0; tries < 200 && obs.providers.list().length === 0; tries += 1) await sleep(10);
  assert.equal((await ask('/api/providers')).status, 200);
});

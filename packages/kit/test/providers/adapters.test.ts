import assert from 'node:assert/strict';
import { test } from 'node:test';
import { json, type Loose, remote, startService } from '../parts/support.ts';

const flags = ['enable_providers'];
const reply = (res: import('node:http').ServerResponse, status: number, body: unknown) =>
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

test('with nothing but the built-in provider the health is well, and as soon as others are asked it is theirs', async t => {
  const { ask, obs } = await startService(t, { flags });
  const alone = (await ask('/api/providers/health')).body;
  assert.deepEqual([alone.ok, alone.counts.healthy], [true, 1]);
  await obs.providers.register({ id: 'idle', base_url: 'http://127.0.0.1:1', active: false });
  assert.equal((await ask('/api/providers/health')).body.ok, true);
  await obs.providers.activate('idle');
  const failing = (await ask('/api/providers/health')).body;
  assert.deepEqual([failing.ok, failing.counts.healthy, failing.counts.error], [false, 1, 1]);
  await obs.providers.create('echo');
  assert.equal((await ask('/api/providers/health')).body.ok, true);
});

test('an echo is well while it answers below 500, shows what it answered without secrets, and a stub answers itself', async t => {
  const { obs } = await startService(t, { flags });
  const url = await remote(t, (req, res) => {
    if (req.url === '/text') return res.end('x'.repeat(9000));
    reply(res, req.url === '/down' ? 503 : 404, { heard: req.headers.authorization, token: 'theirs-1234' });
  });
  const config = { api_key: 'zz-key-1234' };
  await obs.providers.register({ id: 'near', service: 'echo', base_url: `${url}/near`, config });
  await obs.providers.register({ id: 'down', service: 'echo', base_url: `${url}/down` });
  await obs.providers.register({ id: 'text', service: 'echo', base_url: `${url}/text` });
  const stub = await obs.providers.create('echo');
  const near = await obs.providers.check('near');
  assert.deepEqual(
    [near.ok, near.error, near['payload']],
    [true, null, { heard: 'Bearer [redacted]', token: '********' }],
  );
  assert.equal(typeof near.latency_ms, 'number');
  const down = await obs.providers.check('down');
  assert.deepEqual([down.ok, down.error, down.status_code], [false, 'server error 503', 503]);
  assert.equal(((await obs.providers.check('text'))['payload'] as Loose).body.length, 4096);
  const own = await obs.providers.check(stub.id);
  assert.deepEqual([stub.base_url, own.ok, own['echo'], own.level], ['stub://echo', true, true, 'ok']);
});

test('the templates of one provider are asked of it, and what cannot be asked has a code that stays', async t => {
  const { ask, obs } = await startService(t, { flags });
  let closed = false;
  const url = await remote(t, (req, res) => {
    if (closed) return reply(res, 401, {});
    if (req.url !== '/v1/templates') return reply(res, 404, {});
    const env = { HF_TOKEN: 'zz-Env-111' };
    reply(res, 200, [{ id: 't1', name: 'ComfyUI', imageName: 'comfy:1', env, costPerHour: 0.5 }, 'odd', {}]);
  });
  await obs.providers.register({ id: 'gpu', service: 'runpod', base_url: `${url}/v1` });
  await obs.providers.register({ id: 'plain', base_url: url });
  const { status, body, text } = await ask('/api/providers/templates?id=gpu');
  assert.deepEqual([status, body.ok, body.provider_id], [200, true, 'gpu']);
  assert.deepEqual(body.templates, [{ id: 't1', name: 'ComfyUI', image: 'comfy:1', hourly_usd: 0.5 }]);
  assert.equal(typeof body.latency_ms, 'number');
  assert.ok(!text.includes('zz-Env'));
  closed = true;
  const refused = (await ask('/api/providers/templates?id=gpu')).body;
  assert.deepEqual(
    [refused.ok, refused.error, refused.code],
    [false, 'credentials rejected', 'templates_failed'],
  );
  const plain = await ask('/api/providers/templates?id=plain');
  assert.deepEqual([plain.status, plain.body.ok, plain.body.code], [200, false, 'templates_unsupported']);
  assert.equal((await ask('/api/providers/templates?id=none')).status, 404);
  assert.ok((await ask('/api/providers/templates')).body.templates.some((one: Loose) => one.id === 'ssh'));
});

test('a bootstrap tells how a provider was found, needs an id that is known, and is not for every service', async t => {
  const { ask, obs, lines } = await startService(t, { flags });
  const url = await remote(t, (req, res) =>
    reply(res, 200, req.url === '/credits' ? { credits_remaining: 3, credits_total: 10 } : [{ id: 't1' }]),
  );
  await obs.providers.register({ id: 'gpu', service: 'runpod', base_url: url });
  await obs.providers.register({ id: 'plain', base_url: url });
  await obs.providers.create('echo');
  const bootstrap = (body: unknown) => ask('/api/providers/bootstrap', json(body));
  const { body } = await bootstrap({ id: 'gpu' });
  assert.deepEqual([body.ok, body.provider_id, body.steps], [true, 'gpu', []]);
  const { health, quota, templates } = body.details;
  assert.deepEqual(
    [health.ok, quota.quota.credits_remaining, templates.templates],
    [true, 3, [{ id: 't1', name: 't1' }]],
  );
  assert.equal((await bootstrap({ provider_id: 'echo' })).body.ok, true);
  for (const id of ['plain', 'local']) {
    const answer = await bootstrap({ id });
    assert.deepEqual([answer.status, answer.body.code], [200, 'bootstrap_unsupported'], id);
  }
  assert.equal((await bootstrap({ id: 'none' })).status, 404);
  assert.equal((await bootstrap({})).status, 422);
  assert.ok(lines.some(line => line.includes('provider_bootstrapped')));
});

test('an address is taken only by what can ask it, and no service is called like a part of the language', async t => {
  const { obs } = await startService(t, { flags });
  const refused = (input: object) =>
    assert.rejects(obs.providers.register({ id: 'x', ...input }), { code: 'validation_error' });
  await refused({ service: 'ssh', base_url: 'http://127.0.0.1:1' });
  await refused({ service: 'ssh', base_url: 'ssh://-oProxyCommand=touch' });
  await refused({ service: 'ssh', base_url: 'ssh://user:secret@host' });
  await refused({ service: 'ssh', base_url: 'ssh://-lroot@host' });
  await refused({ service: 'openai', base_url: 'stub://echo' });
  await refused({ base_url: 'ssh://host' });
  await obs.providers.register({ id: 'x', service: 'ssh', base_url: 'ssh://gpu@[::1]:2222' });
  await obs.providers.register({ id: 'y', service: 'constructor', base_url: 'http://127.0.0.1:1' });
  assert.equal((await obs.providers.check('y')).error, 'connection failed');
});

test('without the program that opens a remote shell the row says so, and a machine that does not answer is an error', async t => {
  const { obs } = await startService(t, { flags, providers: { ssh: ['/nowhere/ssh'] } });
  await obs.providers.register({ id: 'm', service: 'ssh', base_url: 'ssh://127.0.0.1:1' });
  const row = await obs.providers.check('m');
  assert.deepEqual([row.ok, row.error, row.level], [false, 'ssh not installed', 'error']);
  const { ok, error, code } = await obs.providers.quota('m');
  assert.deepEqual([ok, error, code], [false, 'ssh not installed', 'quota_failed']);
});

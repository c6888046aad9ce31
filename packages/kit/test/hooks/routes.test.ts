import assert from 'node:assert/strict';
import { test } from 'node:test';
import { init } from 'plimsoll';
import { open, receiver, tail, until } from './open.ts';

test('the hooks route shows the catalogue with all five keys, webhooks, plugin host and the last 15', async () => {
  const { obs, ask } = await open();
  for (let i = 0; i < 20; i++) obs.hooks.emit('on_scene_enter', { node: `n${i}` });
  const { status, body } = await ask('/api/hooks');
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(body), ['ok', 'hooks', 'webhooks', 'plugin_host', 'history']);
  assert.equal(body.ok, true);
  assert.deepEqual(body.plugin_host, { enabled: false, root: 'dev/hooks' });
  assert.equal(body.history.length, 15);
  assert.equal(body.history.at(-1).data.node, 'n19');
  for (const name of [
    ...['on_perf_budget_state', 'on_perf_profiler_snapshot', 'on_asset_registered', 'on_asset_saved'],
    ...['on_asset_meta_updated', 'on_asset_removed', 'on_asset_sidecar_written'],
  ]) {
    const entry = body.hooks.find((one: { name: string }) => one.name === name);
    assert.deepEqual(Object.keys(entry), ['name', 'description', 'ws_topic', 'rest_event', 'payload']);
    assert.equal(entry.ws_topic, `hooks.${name}`);
    assert.equal(entry.rest_event, name);
  }
  const blocked = body.hooks.find((one: { name: string }) => one.name === 'on_sandbox_network_blocked');
  assert.equal(blocked.ws_topic, 'security.sandbox_blocked');
});

test('prefix, topic prefix and signature header are options', async () => {
  const to = await receiver();
  const { ask, url } = await open({
    code: {
      hooks: {
        ...{ prefix: '/api/modder', topicPrefix: 'modder.', signatureHeader: 'X-Comfy-Signature' },
        allowPrivate: ['127.0.0.1'],
      },
    },
  });
  const { body } = await ask('/api/modder');
  assert.equal(body.hooks[0].ws_topic, 'modder.on_scene_enter');
  assert.equal((await ask('/api/hooks')).status, 404);
  await ask('/api/modder/webhooks', {
    ...{ method: 'POST', body: { event: 'on_scene_enter', url: to.url, secret: 's3cr3t' } },
  });
  const stream = await tail(`${url}/api/modder/ws?topics=modder.on_scene_enter`);
  await ask('/api/modder/test', { method: 'POST', body: {} });
  await until(() => stream.messages.some(message => message.event === 'on_scene_enter'));
  await until(() => to.got.length === 1);
  assert.match(String(to.got[0]?.headers['x-comfy-signature']), /^[0-9a-f]{64}$/);
});

test('history treats a limit under 1 as 1', async () => {
  const { obs, ask } = await open();
  obs.hooks.emit('on_scene_enter', { node: 'a' });
  obs.hooks.emit('on_scene_enter', { node: 'b' });
  for (const limit of ['0', '-3', 'x', '1']) {
    const { body } = await ask(`/api/hooks/history?limit=${limit}`);
    assert.deepEqual(
      body.items.map((item: { data: unknown }) => item.data),
      [{ node: 'b' }],
      limit,
    );
  }
  assert.equal((await ask('/api/hooks/history')).body.items.length, 2);
});

test('refusals have the literals that clients compare', async () => {
  const { ask } = await open();
  const post = (path: string, body: unknown) => ask(path, { method: 'POST', body });
  const url = 'https://example.com/hook';
  const event = 'on_scene_enter';
  for (const [path, body, detail] of [
    ['/api/hooks/webhooks', { event: 'nope', url }, 'unsupported event'],
    ['/api/hooks/webhooks', { url }, 'unsupported event'],
    ['/api/hooks/webhooks', { event }, 'webhook url required'],
    ['/api/hooks/webhooks', { event, url: '  ' }, 'webhook url required'],
    ['/api/hooks/webhooks', { event, url: 7 }, 'webhook url required'],
    ['/api/hooks/webhooks', { event, url: 'ftp://example.com' }, 'webhook url not allowed'],
    ['/api/hooks/webhooks', { event, url: 'https://me:pw@example.com' }, 'webhook url not allowed'],
    ['/api/hooks/webhooks', { event, url, secret: 'whsec_short' }, 'webhook secret invalid'],
    ['/api/hooks/test', { event: 'nope' }, 'unsupported event'],
    ['/api/hooks/test', { payload: [1] }, 'payload must be an object'],
    ['/api/hooks/test', { payload: 'x' }, 'payload must be an object'],
  ] as const) {
    const answer = await post(path, body);
    assert.equal(answer.status, 400, detail);
    assert.deepEqual([answer.body.code, answer.body.detail], [detail, detail]);
  }
  assert.equal((await ask('/api/hooks/webhooks')).body.webhooks.length, 0);
  assert.deepEqual((await post('/api/hooks/test', {})).body, { ok: true, event });
  const deleted = await ask('/api/hooks/webhooks', { method: 'DELETE', body: { event: 'nope', url } });
  assert.deepEqual([deleted.status, deleted.body], [200, { ok: true }]);
  assert.equal((await post('/api/hooks/webhooks/wh_x/enable', {})).body.code, 'unknown_webhook');
  assert.equal((await ask('/api/hooks/ws')).status, 426);
});

test('test appears in history, on an open socket and at a registered webhook', async () => {
  const to = await receiver();
  const { ask, url } = await open();
  await ask('/api/hooks/webhooks', { method: 'POST', body: { event: 'on_asset_removed', url: to.url } });
  const stream = await tail(`${url}/api/hooks/ws`);
  const payload = { uid: 'a1', path: 'x.png' };
  await ask('/api/hooks/test', { method: 'POST', body: { event: 'on_asset_removed', payload } });
  const { body } = await ask('/api/hooks/history');
  const envelope = body.items[0];
  assert.deepEqual(envelope.data, payload);
  const seen = await until(() => stream.messages.find(message => message.event !== undefined));
  assert.deepEqual(seen, envelope);
  const got = await until(() => to.got[0]);
  assert.deepEqual(got.json, { event: envelope.event, ts: envelope.ts, data: envelope.data });
  assert.equal(got.headers['webhook-id'], envelope.id);
});

test('a secret is in no answer, no line and no file but its own', async () => {
  const to = await receiver((_one, res) => res.writeHead(500).end());
  const secret = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
  const { ask, obs, lines } = await open({
    code: { hooks: { retrySeconds: '0', allowPrivate: '127.0.0.1' } },
  });
  const event = 'on_scene_enter';
  await ask('/api/hooks/webhooks', { method: 'POST', body: { event, url: to.url, secret } });
  const { id } = (await ask('/api/hooks/webhooks')).body.webhooks[0];
  await ask(`/api/hooks/webhooks/${id}/rotate`, { method: 'POST', body: { secret: `${secret}extra` } });
  const old = 'another-secret-text';
  const rotated = await ask(`/api/hooks/webhooks/${id}/rotate`, { method: 'POST', body: { secret: old } });
  assert.equal(rotated.status, 200);
  await ask('/api/hooks/test', { method: 'POST', body: {} });
  await until(() => obs.hooks.webhooks()[0]?.dead === 1);
  const answers = [];
  for (const path of ['', '/webhooks', '/deliveries', '/dead-letters', '/history', '/plugins'])
    answers.push((await ask(`/api/hooks${path}`)).body);
  const text = JSON.stringify([answers, lines]);
  assert.ok(!text.includes(secret.slice(6, 20)) && !text.includes(old), text);
  assert.equal(answers[0].webhooks[0].signed, true);
});

test('outside development every route asks for the token', async () => {
  const { ask, url } = await open({ code: { env: 'production', ops: { adminToken: 'right-token' } } });
  for (const path of ['', '/history', '/webhooks', '/deliveries', '/dead-letters', '/plugins', '/ws'])
    assert.equal((await ask(`/api/hooks${path}`)).status, 403, path);
  const right = await fetch(`${url}/api/hooks`, { headers: { 'x-admin-token': 'right-token' } });
  assert.equal(right.status, 200);
});

test("while the bus is off its paths are the app's", async () => {
  const obs = await init({ service: 'off', env: 'test', log: { stdout: false }, drain: { enabled: false } });
  assert.equal(obs.ops.owns('/api/hooks'), false);
  assert.equal(obs.ops.upgrades('/api/hooks/ws'), false);
  await obs.close();
});

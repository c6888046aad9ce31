import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Webhook as Standard } from 'standardwebhooks';
import { folder, headersOf, open, type Received, receiver, until } from './open.ts';

const SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
const event = 'on_scene_enter';
const soon = { allowPrivate: ['127.0.0.1'], retrySeconds: ['0.02', '0.02', '0.02'] };

test('a failing receiver is tried again by the schedule, with the same bytes and id, then is a dead letter', async () => {
  const to = await receiver((_one, res) => res.writeHead(503).end('secret text of the receiver'));
  const { obs, ask } = await open({ code: { hooks: soon } });
  const { id } = await obs.hooks.addWebhook({ event, url: to.url, secret: SECRET });
  obs.hooks.emit(event, { node: 'n' });
  await until(() => obs.hooks.webhooks()[0]?.dead === 1);
  assert.equal(to.got.length, 4);
  assert.equal(new Set(to.got.map(one => one.body + one.headers['webhook-id'])).size, 1);
  for (const one of to.got) new Standard(SECRET).verify(one.body, headersOf(one));
  const { attempts } = (await ask(`/api/hooks/deliveries?webhook=${id}`)).body;
  assert.deepEqual(
    attempts.map((one: Record<string, unknown>) => [one['attempt'], one['ok'], one['status'], one['code']]),
    [4, 3, 2, 1].map(attempt => [attempt, false, 503, 'status_503']),
  );
  const [letter] = (await ask('/api/hooks/dead-letters')).body.items;
  assert.deepEqual(
    [letter.webhook, letter.event, letter.attempts, letter.reason, letter.status],
    [id, event, 4, 'exhausted', 503],
  );
});

test('dead letters are delivered again: one, those of a time, or all', async () => {
  let well = false;
  const to = await receiver((_one, res) => res.writeHead(well ? 200 : 500).end());
  const { obs, ask } = await open({ code: { hooks: { ...soon, retrySeconds: [] as string[] } } });
  await obs.hooks.addWebhook({ event, url: to.url });
  for (let i = 0; i < 4; i++) obs.hooks.emit(event, { node: `n${i}` });
  await until(() => obs.hooks.webhooks()[0]?.dead === 4);
  const { items } = (await ask('/api/hooks/dead-letters')).body;
  well = true;
  const sent = () => to.got.slice(4).map(one => one.json.data.node);
  const replay = async (body: unknown) =>
    (await ask('/api/hooks/dead-letters/replay', { method: 'POST', body })).body.replayed;
  const one = items.find((item: { id: string }) => item.id.endsWith('_3'));
  assert.equal(await replay({ ids: [one.id] }), 1);
  await until(() => sent().includes('n2'));
  assert.equal(await replay({ since: Date.now() + 1000 }), 0);
  assert.equal(await replay({ webhook: 'wh_other' }), 0);
  assert.equal(await replay({}), 3);
  await until(() => sent().length === 4);
  assert.deepEqual(sent().sort(), ['n0', 'n1', 'n2', 'n3']);
  await until(() => obs.hooks.webhooks()[0]?.dead === 0);
});

test('410 disables a webhook for good, until somebody enables it', async () => {
  let status = 410;
  const to = await receiver((_one, res) => res.writeHead(status).end());
  const { obs, ask } = await open({ code: { hooks: soon } });
  const { id } = await obs.hooks.addWebhook({ event, url: to.url });
  obs.hooks.emit(event, {});
  await until(() => obs.hooks.webhooks()[0]?.disabled === 'gone');
  obs.hooks.emit(event, {});
  await obs.hooks.flushed();
  assert.equal(to.got.length, 1);
  assert.equal((await ask('/api/hooks/dead-letters')).body.items[0].reason, 'gone');
  status = 200;
  await ask(`/api/hooks/webhooks/${id}/enable`, { method: 'POST' });
  obs.hooks.emit(event, {});
  await until(() => to.got.length === 2);
});

test('Retry-After is waited for, also where the schedule is shorter', async () => {
  const times: number[] = [];
  const to = await receiver((_one, res, count) => {
    times.push(performance.now());
    res.writeHead(count === 1 ? 429 : 200, count === 1 ? { 'retry-after': '1' } : {}).end();
  });
  const { obs } = await open({ code: { hooks: soon } });
  await obs.hooks.addWebhook({ event, url: to.url });
  obs.hooks.emit(event, {});
  await until(() => times.length === 2);
  assert.ok((times[1] as number) - (times[0] as number) >= 900, String(times));
});

test('a redirect is a failure, and nothing follows it', async () => {
  const target = await receiver();
  const to = await receiver((_one, res) => res.writeHead(307, { location: target.url }).end());
  const { obs, ask } = await open({ code: { hooks: { ...soon, retrySeconds: [] as string[] } } });
  await obs.hooks.addWebhook({ event, url: to.url });
  obs.hooks.emit(event, {});
  await until(() => obs.hooks.webhooks()[0]?.dead === 1);
  assert.equal((await ask('/api/hooks/dead-letters')).body.items[0].code, 'redirect');
  assert.equal(target.got.length, 0);
});

test('a receiver that is down is spared by its breaker, and delivered to in full when it is back', async () => {
  let well = false;
  const to = await receiver((_one, res) => res.writeHead(well ? 200 : 500).end());
  const retrySeconds = Array.from({ length: 50 }, () => '0.01');
  const { obs } = await open({ code: { hooks: { ...soon, retrySeconds } } });
  await obs.hooks.addWebhook({ event, url: to.url });
  for (let i = 0; i < 20; i++) obs.hooks.emit(event, { node: `n${i}` });
  await until(() => obs.hooks.webhooks()[0]?.breaker === 'open');
  await new Promise(resolve => setTimeout(resolve, 300));
  const tried = to.got.length;
  assert.ok(tried < 30, String(tried));
  well = true;
  await until(() => obs.hooks.webhooks()[0]?.pending === 0);
  const nodes = new Set(to.got.slice(tried).map(one => one.json.data.node));
  assert.equal(nodes.size, 20);
});

test('where order is promised a failing delivery holds up the ones behind it', async () => {
  const to = await receiver((_one, res, count) => res.writeHead(count <= 3 ? 500 : 200).end());
  const { obs } = await open({ code: { hooks: soon } });
  await obs.hooks.addWebhook({ event, url: to.url, ordered: true });
  for (let i = 0; i < 5; i++) obs.hooks.emit(event, { node: `n${i}` });
  await until(() => obs.hooks.webhooks()[0]?.pending === 0);
  assert.deepEqual(
    to.got.map(one => one.json.data.node),
    ['n0', 'n0', 'n0', 'n0', 'n1', 'n2', 'n3', 'n4'],
  );
});

test('a dead receiver and a listener that throws do not hold up the others', async () => {
  const hang = await receiver(() => {});
  const to = await receiver();
  const { obs } = await open();
  await obs.hooks.addWebhook({ event, url: hang.url });
  await obs.hooks.addWebhook({ event, url: to.url });
  obs.hooks.on(event, () => {
    throw new Error('no');
  });
  for (let i = 0; i < 50; i++) obs.hooks.emit(event, { node: `n${i}` });
  await until(() => to.got.length === 50);
  assert.equal(obs.hooks.history().length, 50);
});

test('registrations, their secrets and what waits are there after a restart; secrets are for their owner alone', async () => {
  const root = folder();
  let well = false;
  const to = await receiver((_one, res) => res.writeHead(well ? 200 : 500).end());
  const first = await open({
    root,
    code: { hooks: { ...soon, retrySeconds: ['0.2', '0.2', '0.2', '0.2'] } },
  });
  await first.obs.hooks.addWebhook({ event, url: to.url, secret: SECRET });
  first.obs.hooks.emit(event, { node: 'left' });
  await until(() => to.got.length === 1);
  await first.obs.close();
  const secrets = join(root, 'hooks', 'webhook-secrets.json');
  assert.equal(statSync(secrets).mode & 0o777, 0o600);
  assert.ok(!readFileSync(join(root, 'hooks', 'webhooks.json'), 'utf8').includes(SECRET));
  well = true;
  const second = await open({ root, code: { hooks: soon } });
  await until(() => second.obs.hooks.webhooks()[0]?.pending === 0 && to.got.length > 1);
  const last = to.got.at(-1) as Received;
  assert.equal(last.json.data.node, 'left');
  new Standard(SECRET).verify(last.body, headersOf(last));
});

test('what one webhook may have waiting is bounded, and what is more can be replayed', async () => {
  const to = await receiver(() => {});
  const { obs, ask } = await open({ code: { hooks: { ...soon, maxQueue: 10 } } });
  await obs.hooks.addWebhook({ event, url: to.url });
  for (let i = 0; i < 15; i++) obs.hooks.emit(event, { node: `n${i}` });
  await obs.hooks.flushed();
  await until(() => obs.hooks.webhooks()[0]?.dead === 5);
  assert.equal(obs.hooks.webhooks()[0]?.pending, 10);
  assert.equal((await ask('/api/hooks/dead-letters')).body.items[0].reason, 'queue_full');
});

test('two processes never share a queue: the second says so and delivers from memory', async () => {
  const root = folder();
  const to = await receiver();
  const first = await open({ root });
  await first.obs.hooks.addWebhook({ event, url: to.url });
  const second = await open({ root });
  assert.ok(second.obs.hooks.webhooks().length === 1);
  second.obs.hooks.emit(event, { node: 'second' });
  await until(() => to.got.some(one => one.json.data.node === 'second'));
});

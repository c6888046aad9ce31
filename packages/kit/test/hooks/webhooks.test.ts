import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Webhook as Standard } from 'standardwebhooks';
import { Webhook as Svix } from 'svix';
import { plainSignature } from '../../src/parts/hooks/webhooks/sign.ts';
import { folder, headersOf, open, receiver, until } from './open.ts';

const SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
const OLD = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const event = 'on_scene_enter';
const soon = { allowPrivate: ['127.0.0.1'], retrySeconds: ['0.02', '0.02', '0.02'] };

test('a delivery verifies with standardwebhooks and svix, and its plain header with openssl', async () => {
  const to = await receiver();
  const { obs } = await open();
  await obs.hooks.addWebhook({ event, url: to.url, secret: SECRET });
  obs.hooks.emit(event, { scene_id: 'snow ☃', node: 'n1' });
  const got = await until(() => to.got[0]);
  const headers = headersOf(got);
  new Standard(SECRET).verify(got.body, headers);
  const svix = Object.fromEntries(
    ['id', 'timestamp', 'signature'].map(name => [`svix-${name}`, headers[`webhook-${name}`] as string]),
  );
  new Svix(SECRET).verify(got.body, svix);
  assert.throws(() => new Svix(SECRET).verify(`${got.body} `, svix));
  assert.throws(() => new Standard(SECRET).verify(`${got.body} `, headers));
  const path = join(folder(), 'body');
  writeFileSync(path, got.body);
  const said = execFileSync('openssl', ['dgst', '-sha256', '-hmac', SECRET, path]).toString();
  assert.equal(said.trim().split('= ')[1], headers['x-plimsoll-signature']);
});

test('the plain signature is the vector of the first host', () => {
  const body = '{"event": "on_asset_meta_updated", "ts": 1700000000.5, "data": {"uid": "a1"}}';
  assert.equal(
    plainSignature('s3cr3t', body),
    'eabdf643b6d59202b4157c10315c75d5f57d86b9c9ec0cdaaeaf92970b59db36',
  );
});

test('without a secret there is no signature, and a repeat without one takes it away', async () => {
  const to = await receiver();
  const { obs } = await open();
  await obs.hooks.addWebhook({ event, url: to.url, secret: 's3cr3t' });
  obs.hooks.emit(event, {});
  const signed = await until(() => to.got[0]);
  const plain = createHmac('sha256', 's3cr3t').update(signed.body).digest('hex');
  assert.equal(signed.headers['x-plimsoll-signature'], plain);
  await obs.hooks.addWebhook({ event, url: to.url });
  assert.equal(obs.hooks.webhooks().length, 1);
  obs.hooks.emit(event, {});
  const bare = await until(() => to.got[1]);
  assert.equal(bare.headers['x-plimsoll-signature'], undefined);
  assert.equal(bare.headers['webhook-signature'], undefined);
  assert.ok(bare.headers['webhook-id'] && bare.headers['webhook-timestamp']);
});

test('while a secret rotates both sign, and the plain header is of the new one', async () => {
  const to = await receiver();
  const { obs, ask } = await open();
  const { id } = await obs.hooks.addWebhook({ event, url: to.url, secret: OLD });
  const path = `/api/hooks/webhooks/${id}/rotate`;
  await ask(path, { method: 'POST', body: { secret: SECRET, keep_seconds: 60 } });
  obs.hooks.emit(event, {});
  const got = await until(() => to.got[0]);
  const headers = headersOf(got);
  for (const secret of [OLD, SECRET]) new Standard(secret).verify(got.body, headers);
  assert.equal(headers['webhook-signature']?.split(' ').length, 2);
  assert.equal(headers['x-plimsoll-signature'], plainSignature(SECRET, got.body));
  await ask(path, { method: 'POST', body: { secret: SECRET, keep_seconds: 0 } });
  obs.hooks.emit(event, {});
  const later = await until(() => to.got[1]);
  assert.throws(() => new Standard(OLD).verify(later.body, headersOf(later)));
});

test('a deleted webhook gets nothing, also of what waited for it', async () => {
  const to = await receiver((_one, res) => res.writeHead(500).end());
  const other = await receiver();
  const { obs } = await open({ code: { hooks: { ...soon, retrySeconds: ['0.3'] } } });
  await obs.hooks.addWebhook({ event, url: to.url });
  await obs.hooks.addWebhook({ event, url: other.url });
  obs.hooks.emit(event, {});
  await until(() => to.got.length === 1 && other.got.length === 1);
  assert.equal(await obs.hooks.removeWebhook({ event, url: to.url }), true);
  assert.equal(await obs.hooks.removeWebhook({ event, url: to.url }), false);
  obs.hooks.emit(event, {});
  await until(() => other.got.length === 2);
  await new Promise(resolve => setTimeout(resolve, 500));
  assert.equal(to.got.length, 1);
});

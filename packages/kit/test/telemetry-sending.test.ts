import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeLogs } from '@plimsoll/wire';
import {
  CONSENT,
  eventually,
  FLAG_ON,
  type Json,
  newRoot,
  type TelemetryApp,
  telemetryApp,
} from './support/telemetry-app.ts';

const SENDING = { ...FLAG_ON, telemetry: { ...CONSENT.telemetry, dry_run: false } };

interface Received {
  readonly body: Buffer;
  readonly headers: IncomingMessage['headers'];
}

/** A real collector that answers as it is told. */
async function collector(
  t: TestContext,
  answer: (res: ServerResponse, n: number) => void = res => res.end(),
) {
  const received: Received[] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', chunk => chunks.push(chunk));
    req.on('end', () => {
      received.push({ body: Buffer.concat(chunks), headers: req.headers });
      answer(res, received.length);
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/logs` };
}

const sending = (endpoint: string, sendMs = 50) => ({
  options: { telemetry: { endpoint, sendMs, headers: { 'x-key': 'sesame' } } },
});
const receipts = async (app: TelemetryApp): Promise<Json[]> =>
  (await app.get('ledger')).body['entries'] as Json[];

test('a batch leaves as OTLP logs once flag, consent and dry_run agree, and the ledger has what left', async t => {
  const { received, url } = await collector(t);
  const app = await telemetryApp(t, { config: SENDING, ...sending(url) });
  app.obs.telemetry.event('scene.opened', { asset_id: 'kit.lantern', size: 3 }, 'play');
  app.obs.telemetry.feature('toolkit.launch', 'dark');
  const { body, headers } = await eventually(() => received[0]);
  assert.equal(headers['content-type'], 'application/x-protobuf');
  assert.equal(headers['x-key'], 'sesame');
  const [group] = decodeLogs(body);
  const records = group?.scopes[0]?.items ?? [];
  assert.deepEqual(
    records.map(({ eventName }) => eventName),
    ['scene.opened', 'toolkit.launch'],
  );
  const payload = records[0]?.attributes['payload'] as unknown as Json;
  assert.match(String(payload['asset_id']), /^[0-9a-f]{32}$/);
  const id = (await app.get('summary')).body['anonymous_id'];
  assert.equal(group?.resource.attributes['plimsoll.installation.id'], id);
  await eventually(() => (app.file('logs/telemetry/ledger.jsonl') ?? '').includes('accepted'));
  const [receipt] = await receipts(app);
  assert.equal(receipt?.['outcome'], 'accepted');
  assert.equal(receipt?.['status'], '200');
  assert.equal(receipt?.['records'], 2);
  assert.equal(receipt?.['sha256'], createHash('sha256').update(body).digest('hex'));
  assert.equal(receipt?.['body'], body.toString('base64'));
  assert.equal(received.length, 1, 'each batch leaves once');
});

test('under dry_run nothing leaves, the preview shows what would, and what was recorded then never leaves', async t => {
  const { received, url } = await collector(t);
  const app = await telemetryApp(t, { config: { ...FLAG_ON, ...CONSENT }, ...sending(url) });
  app.obs.telemetry.event('held.back', { asset_id: 'a' });
  const { body } = await app.get('preview');
  assert.deepEqual([body['would_send'], body['reason'], body['endpoint']], [false, 'dry_run', url]);
  const bytes = Buffer.from(String(body['body']), 'base64');
  assert.equal(bytes.length, body['size']);
  assert.equal(decodeLogs(bytes)[0]?.scopes[0]?.items[0]?.eventName, 'held.back');
  assert.match(JSON.stringify(body['readable']), /held\.back/);
  await app.post('settings', { dry_run: false });
  app.obs.telemetry.event('let.go', {});
  await eventually(() => received[0]);
  await sleep(200);
  const sent = received.map(({ body: one }) => one.toString('latin1')).join('');
  assert.ok(sent.includes('let.go') && !sent.includes('held.back'));
});

test('the preview of a batch that waits is, byte for byte, what then leaves', async t => {
  let up = false;
  const { received, url } = await collector(t, res => {
    res.statusCode = up ? 200 : 503;
    res.end();
  });
  const app = await telemetryApp(t, { config: SENDING, ...sending(url, 60_000) });
  app.obs.telemetry.event('one', { size: 1 });
  const { body } = await app.get('preview');
  assert.deepEqual([body['would_send'], body['reason'], body['queued']], [true, null, 1]);
  const raw = Buffer.from(await (await fetch(`${app.url}/api/telemetry/preview?format=raw`)).arrayBuffer());
  assert.equal(raw.toString('base64'), body['body']);
  up = true;
  await app.close();
  const again = await telemetryApp(t, { root: app.root, ...sending(url) });
  const got = await eventually(() => received[0]);
  assert.ok(got.body.equals(raw), 'and a restart sends it just so');
  await eventually(
    () =>
      !existsSync(join(again.root, 'logs/telemetry/queue')) ||
      readdirSync(join(again.root, 'logs/telemetry/queue')).length === 0,
  );
});

test('a collector that is busy is asked again when it says, one that refuses is not asked again', async t => {
  const { received, url } = await collector(t, (res, n) => {
    if (n === 1) res.writeHead(503, { 'retry-after': '1' });
    if (n === 3) res.statusCode = 400;
    res.end();
  });
  const app = await telemetryApp(t, { config: SENDING, ...sending(url) });
  const began = performance.now();
  app.obs.telemetry.event('one', {});
  await eventually(() => received.length >= 2);
  assert.ok(performance.now() - began > 1000, 'not before Retry-After');
  assert.ok(received[0]?.body.equals(received[1]?.body as Buffer));
  app.obs.telemetry.event('two', {});
  await eventually(() => received.length >= 3);
  await sleep(300);
  assert.equal(received.length, 3);
  const [second, first] = await receipts(app);
  assert.deepEqual([first?.['outcome'], first?.['attempts']], ['accepted', 2]);
  assert.deepEqual([second?.['outcome'], second?.['status']], ['refused', '400']);
});

test('consent withdrawn empties the queue, and nothing leaves after', async t => {
  let up = false;
  const { received, url } = await collector(t, res => {
    res.statusCode = up ? 200 : 503;
    res.end();
  });
  const app = await telemetryApp(t, { config: SENDING, ...sending(url) });
  app.obs.telemetry.event('one', {});
  await eventually(() => received[0]);
  await app.post('settings', { telemetry_opt_in: false });
  const before = received.length;
  up = true;
  await sleep(1500);
  assert.equal(received.length, before);
  await app.post('settings', { telemetry_opt_in: true });
  app.obs.telemetry.event('two', {});
  await eventually(() => received.length > before);
  const later = received
    .slice(before)
    .map(({ body }) => body.toString('latin1'))
    .join('');
  assert.ok(later.includes('two') && !later.includes('one'));
});

test('forget keeps when something left, and no longer what, nor whose', async t => {
  const { received, url } = await collector(t);
  const app = await telemetryApp(t, { config: SENDING, ...sending(url) });
  app.obs.telemetry.event('one', {});
  await eventually(() => received[0]);
  const old = String((await app.get('summary')).body['anonymous_id']);
  await app.post('forget');
  const [receipt] = await receipts(app);
  assert.equal(receipt?.['body'], null);
  assert.equal(receipt?.['size'], received[0]?.body.length);
  const ledger = app.file('logs/telemetry/ledger.jsonl') ?? '';
  assert.ok(!ledger.includes(old) && !ledger.includes(Buffer.from(old).toString('base64').slice(0, 20)));
  app.obs.telemetry.event('two', {});
  const next = await eventually(() => received[1]);
  assert.ok(!next.body.toString('latin1').includes(old));
});

test('without an endpoint, or with one that is not HTTP, nothing waits', async t => {
  for (const endpoint of [undefined, 'grpc://127.0.0.1:4317']) {
    const app = await telemetryApp(t, {
      root: newRoot(t),
      config: SENDING,
      options: { telemetry: { endpoint, sendMs: 50 } },
    });
    app.obs.telemetry.event('one', {});
    const { body } = await app.get('preview');
    assert.deepEqual([body['would_send'], body['reason'], body['queued']], [false, 'no_endpoint', 0]);
    assert.equal(existsSync(join(app.root, 'logs/telemetry/queue')), false);
    await app.close();
  }
});

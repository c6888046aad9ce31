import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { type CounterStore, PORTS } from '../src/kernel/ports.ts';
import {
  CONFIG,
  CONSENT,
  FLAG_ON,
  type Json,
  newRoot,
  telemetryApp,
  writeJson,
} from './support/telemetry-app.ts';

const ON = { ...FLAG_ON, ...CONSENT };

test('a fresh boot says that everything is off, and writes nothing', async t => {
  const app = await telemetryApp(t);
  const { status, body } = await app.get('health');
  assert.equal(status, 200);
  const { ok, dry_run, storage, anonymous_preview, last_settings_update, lowered_by, ...rest } = body;
  assert.deepEqual([ok, dry_run, storage], [true, true, true]);
  assert.deepEqual([anonymous_preview, last_settings_update, lowered_by], [null, null, null]);
  for (const [name, value] of Object.entries(rest)) assert.equal(value, false, name);
  for (const path of ['summary', 'events', 'hooks', 'crashes', 'settings', 'preview', 'ledger']) {
    const answer = await app.get(path);
    assert.deepEqual([answer.status, answer.body['feature_flag']], [200, false], path);
  }
  assert.equal(app.file('logs/telemetry/usage.json'), undefined);
  assert.equal(app.file('config/telemetry/anonymizer.json'), undefined);
});

test('without the flag, or without consent, nothing is recorded and no route fails', async t => {
  const off: readonly (readonly [string, Json])[] = [
    ['flag off', {}],
    ['flag on, no consent', FLAG_ON],
    ['consent, flag off', CONSENT],
    ['flag as a text', { features: { enable_observability: 'true' }, ...CONSENT }],
  ];
  for (const [name, config] of off) {
    const app = await telemetryApp(t, { config });
    for (const [path, body] of [
      ['events', { event: 'a.b', payload: { n: 1 } }],
      ['features', { feature: 'x' }],
    ] as const) {
      const answer = await app.post(path, body);
      assert.equal(answer.status, 200, name);
      assert.equal(answer.body['ok'], true);
      assert.equal(answer.body['recorded'], false, name);
      assert.equal(answer.body['telemetry_active'], false);
    }
    assert.equal(app.obs.telemetry.feature('x'), false);
    assert.equal(app.obs.telemetry.event('x'), false);
    assert.equal(app.usage(), undefined, name);
    assert.equal(app.file('config/telemetry/anonymizer.json'), undefined, name);
    await app.close();
  }
});

test('features, events and hooks are counted, trimmed and lower-cased; empty names record nothing', async t => {
  const app = await telemetryApp(t, { config: ON });
  assert.equal(app.obs.telemetry.feature(' Toolkit.Launch ', 'Dark'), true);
  assert.equal(
    (await app.post('features', { feature: 'toolkit.launch', variant: 'light' })).body['recorded'],
    true,
  );
  assert.equal(app.obs.telemetry.feature('toolkit.launch'), true);
  assert.equal(app.obs.telemetry.feature('   '), false);
  assert.equal(app.obs.telemetry.event('Scene.Opened', { size: 3, note: 'plain text stays' }), true);
  const { body } = await app.get('summary');
  const feature = (body['features'] as Record<string, Json>)['toolkit.launch'];
  assert.equal(feature?.['total'], 3);
  assert.deepEqual(feature?.['variants'], { dark: 1, light: 1 });
  assert.match(String(feature?.['last_ts']), /\.\d{6}\+00:00$/);
  assert.match(String(body['anonymous_id']), /^[0-9a-f]{32}$/);
  assert.equal(body['app_version'], '1.2.3');
  assert.deepEqual(body['events'], []);
  const events = (await app.get('events')).body['events'] as Json[];
  assert.deepEqual(
    events.map(({ ts: _, ...event }) => event),
    [{ event: 'scene.opened', category: 'custom', payload: { size: 3, note: 'plain text stays' } }],
  );
  const counters = app.obs.read<CounterStore>(PORTS.counters);
  for (let n = 1; n <= 7; n++)
    assert.equal(counters?.hook('on_asset_registered', { n, asset_id: 'a' }), true);
  const hook = ((await app.get('hooks')).body['hooks'] as Record<string, Json>)['on_asset_registered'];
  assert.equal(hook?.['total'], 7);
  const samples = hook?.['samples'] as { payload: Json }[];
  assert.deepEqual(
    samples.map(sample => sample.payload['n']),
    [3, 4, 5, 6, 7],
  );
  assert.match(String(samples[0]?.payload['asset_id']), /^[0-9a-f]{32}$/);
});

test('of 205 events the last 200 are kept, and a limit outside 1 to 200 is refused', async t => {
  const app = await telemetryApp(t, { config: ON });
  for (let n = 0; n < 205; n++) app.obs.telemetry.event('tick', { n });
  const events = (await app.get('events?limit=200')).body['events'] as { payload: { n: number } }[];
  assert.equal(events.length, 200);
  assert.equal(events[0]?.payload.n, 5);
  assert.equal(events.at(-1)?.payload.n, 204);
  assert.equal(((await app.get('events')).body['events'] as unknown[]).length, 20);
  for (const limit of ['0', '201', 'x', '1.5']) {
    assert.equal((await app.get(`events?limit=${limit}`)).status, 422, limit);
  }
  for (const body of [{}, { event: '' }, { event: 1 }, { event: 'a', payload: [] }, { feature: 'a' }]) {
    assert.equal((await app.post('events', body)).status, 422, JSON.stringify(body));
  }
});

test('names, variants, samples and payloads are bounded', async t => {
  const app = await telemetryApp(t, { config: ON });
  for (let n = 0; n < 600; n++) app.obs.telemetry.feature(`feature ${n}x`, `v${n % 80}x`);
  for (let n = 0; n < 80; n++) app.obs.telemetry.feature('one', `variant-${n}x`);
  app.obs.telemetry.feature('__proto__', 'constructor');
  const wide = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`k${n}x`, 'y'.repeat(300)]));
  const cyclic: Json = { wide };
  cyclic['self'] = cyclic;
  assert.equal(app.obs.telemetry.event('n'.repeat(1000), cyclic), true);
  const { features } = app.obs.telemetry.summary();
  assert.equal(Object.keys(features).length, 501);
  assert.equal(features['(other)']?.total, 181);
  assert.ok(Object.keys(features['feature 1x']?.variants ?? {}).length <= 51);
  const [event] = (await app.get('events?limit=1')).body['events'] as { event: string; payload: unknown }[];
  assert.equal(event?.event.length, 128);
  assert.ok(JSON.stringify(event?.payload).length <= 8192);
});

test('the same value has the same hash after a restart, and another one on another installation', async t => {
  const read = async (root: string) => {
    const app = await telemetryApp(t, { root });
    await app.post('events', { event: 'e', payload: { asset_id: 'kit.lantern' } });
    const events = (await app.get('events')).body['events'] as { payload: Json }[];
    const id = (await app.get('summary')).body['anonymous_id'];
    await app.close();
    return { count: events.length, hash: events.at(-1)?.payload['asset_id'], id };
  };
  const root = newRoot(t);
  const other = newRoot(t);
  for (const folder of [root, other]) writeJson(join(folder, CONFIG), ON);
  const first = await read(root);
  const again = await read(root);
  assert.deepEqual([again.hash, again.id, again.count], [first.hash, first.id, 2]);
  const elsewhere = await read(other);
  assert.notEqual(elsewhere.hash, first.hash);
  assert.notEqual(elsewhere.id, first.id);
});

test('crash digests take the uploader flag and consent to crashes too', async t => {
  const app = await telemetryApp(t, { config: ON });
  assert.equal(app.obs.telemetry.registerCrash('/srv/app/logs/crash/c.json'), false);
  app.config({ ...FLAG_ON, telemetry: { ...CONSENT.telemetry, crash_opt_in: true } });
  assert.equal(app.obs.telemetry.registerCrash('/srv/app/logs/crash/c.json'), false);
  app.config({
    features: { ...FLAG_ON.features, enable_crash_uploader: true },
    telemetry: { ...CONSENT.telemetry, crash_opt_in: true },
  });
  for (let n = 0; n < 60; n++) app.obs.telemetry.registerCrash(`/srv/app/logs/crash/${n}.json`);
  const crashes = (await app.get('crashes')).body['crashes'] as { report: string }[];
  assert.equal(crashes.length, 50);
  assert.ok(crashes.every(({ report }) => /^[0-9a-f]{32}$/.test(report)));
});

test('a damaged secret and a damaged usage.json are replaced, and the damaged file is kept', async t => {
  const root = newRoot(t);
  writeJson(join(root, CONFIG), ON);
  writeJson(join(root, 'config/telemetry/anonymizer.json'), { secret: 'AAEC' });
  writeJson(join(root, 'logs/telemetry/usage.json'), { features: [] });
  const app = await telemetryApp(t, { root });
  assert.equal((await app.post('features', { feature: 'x' })).body['recorded'], true);
  const { statSync, readdirSync } = await import('node:fs');
  const secret = JSON.parse(app.file('config/telemetry/anonymizer.json') ?? '') as { secret: string };
  assert.equal(Buffer.from(secret.secret, 'base64').length, 32);
  assert.equal(statSync(join(root, 'config/telemetry/anonymizer.json')).mode & 0o777, 0o600);
  assert.ok(readdirSync(join(root, 'logs/telemetry')).some(name => name.startsWith('usage.json.damaged-')));
});

test('without a runtime root nothing is written, nothing recorded, and health says why', async t => {
  const app = await telemetryApp(t, {
    config: ON,
    options: { runtimeRoot: undefined, configFiles: [join(newRoot(t), 'none.json')] },
  });
  assert.equal((await app.get('health')).body['storage'], false);
  assert.equal((await app.post('features', { feature: 'x' })).body['recorded'], false);
});

test('every route is described in /openapi.json, and refuses a client that is not of this machine', async t => {
  const app = await telemetryApp(t, { config: ON, options: { ops: { adminToken: ['t'] } } as never });
  const response = await fetch(`${app.url}/openapi.json`, { headers: { 'x-admin-token': 't' } });
  const { paths } = (await response.json()) as { paths: Record<string, object> };
  const ours = Object.keys(paths).filter(path => path.startsWith('/api/telemetry/'));
  assert.equal(ours.length, 12);
  for (const path of ours) {
    for (const method of Object.keys(paths[path] ?? {})) {
      const far = new Request(`http://example.test${path}`, { method: method.toUpperCase() });
      const answer = await app.obs.ops.handle(far, { address: '192.0.2.1' });
      assert.equal(answer?.status, 403, `${method} ${path}`);
    }
  }
});

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  CONFIG,
  CONSENT,
  eventually,
  FLAG_ON,
  type Json,
  newRoot,
  telemetryApp,
  writeJson,
} from './support/telemetry-app.ts';

const ON = { ...FLAG_ON, ...CONSENT };

test('opt_in on a fresh boot gives what its body says and no more, and the file shows it', async t => {
  const app = await telemetryApp(t);
  const { body } = await app.post('opt_in', { diagnostics: true, dry_run: true });
  const health = body['health'] as Json;
  assert.deepEqual(
    [health['telemetry_opt_in'], health['diagnostics_opt_in'], health['crash_opt_in'], health['dry_run']],
    [true, true, false, true],
  );
  assert.equal(health['telemetry_active'], false, 'consent can be stored while the flag is off');
  const stored = (JSON.parse(app.file(CONFIG) ?? '') as { telemetry: Json }).telemetry;
  const { settings_updated_at, ...consent } = stored;
  assert.deepEqual(consent, {
    ...{ telemetry_opt_in: true, crash_opt_in: false, diagnostics_opt_in: true, dry_run: true },
  });
  assert.match(String(settings_updated_at), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/);
});

test('opt_in without a body keeps dry_run and earlier consents', async t => {
  const app = await telemetryApp(t, {
    config: { ...FLAG_ON, telemetry: { crash_opt_in: true, diagnostics_opt_in: true } },
  });
  const { body, status } = await app.post('opt_in');
  assert.equal(status, 200);
  assert.deepEqual(body['settings'], {
    ...{ telemetry_opt_in: true, crash_opt_in: true, diagnostics_opt_in: true, dry_run: true },
  });
});

test('a settings patch changes only the given keys, and refuses what is no boolean', async t => {
  const app = await telemetryApp(t, { config: { ...ON, server: { host: 'h' } } });
  await app.post('settings', { diagnostics_opt_in: true, crash_opt_in: null, unknown: 1 });
  const { body } = await app.get('settings');
  assert.deepEqual(body['settings'], {
    ...{ telemetry_opt_in: true, crash_opt_in: false, diagnostics_opt_in: true, dry_run: true },
  });
  assert.equal((await app.post('settings', { dry_run: 'no' })).status, 422);
  assert.equal((await app.post('opt_in', { crash: 1 })).status, 422);
  const file = JSON.parse(app.file(CONFIG) ?? '') as Json;
  assert.deepEqual(file['server'], { host: 'h' });
  assert.deepEqual(file['features'], FLAG_ON.features);
});

test('withdrawn consent deletes what was counted, and no read shows it', async t => {
  const app = await telemetryApp(t, {
    config: { ...ON, telemetry: { ...CONSENT.telemetry, diagnostics_opt_in: true } },
  });
  await app.post('events', { event: 'before', payload: {} });
  app.obs.telemetry.feature('before');
  assert.equal((await fetch(`${app.url}/api/telemetry/diagnostics`)).status, 200);
  await eventually(() => app.usage()?.['events']);
  await app.post('settings', { telemetry_opt_in: false });
  assert.equal(app.usage(), undefined);
  const left = await import('node:fs').then(fs => fs.readdirSync(app.root, { recursive: true }).map(String));
  assert.deepEqual(
    left.filter(name => /diagnostics.*zip|journal.*log|otlp$/.test(name)),
    [],
  );
  assert.deepEqual((await app.get('events')).body['events'], []);
  const { body } = await app.get('summary');
  assert.deepEqual([body['features'], body['anonymous_id']], [{}, null]);
  assert.equal((await app.post('events', { event: 'after' })).body['recorded'], false);
  await app.post('opt_in');
  assert.equal((await app.post('events', { event: 'again' })).body['recorded'], true);
  const events = (await app.get('events')).body['events'] as Json[];
  assert.deepEqual(
    events.map(({ event }) => event),
    ['again'],
  );
});

test('consent that is edited by hand counts without a restart, either way', async t => {
  const app = await telemetryApp(t, { config: FLAG_ON });
  assert.equal(app.obs.telemetry.feature('x'), false);
  app.config(ON);
  await eventually(() => app.obs.telemetry.feature('x'));
  app.config({ ...FLAG_ON, telemetry: { telemetry_opt_in: 'false' } });
  assert.equal(app.obs.telemetry.feature('x'), false, 'a text that says no is no consent');
  await eventually(() => app.usage() === undefined);
});

test('flipping the flag in the file turns the part on and off in the running process', async t => {
  const app = await telemetryApp(t, { config: CONSENT });
  assert.equal(app.obs.telemetry.feature('x'), false);
  app.config(ON);
  await eventually(() => app.obs.telemetry.feature('x'));
  app.config(CONSENT);
  await eventually(() => !app.obs.telemetry.feature('x'));
  assert.equal((await app.get('health')).body['telemetry_active'], false);
  assert.ok(app.usage(), 'a flag withdraws no consent');
  app.config({ features: { enable_privacy_telemetry: true }, ...CONSENT });
  await eventually(() => app.obs.telemetry.feature('x'));
  assert.ok((app.obs.telemetry.summary().features['x']?.total ?? 0) >= 2);
});

test('DO_NOT_TRACK, CI and a file that forbids lower consent, keep what is there, and raise nothing', async t => {
  for (const [how, lowered] of [
    [{ options: { telemetry: { doNotTrack: '1' } } }, 'do_not_track'],
    [{ options: { telemetry: { ci: 'true' } } }, 'ci'],
    [{ config: { ...ON, telemetry: { ...CONSENT.telemetry, forbid: true } } }, 'forbidden'],
  ] as const) {
    const root = newRoot(t);
    const before = await telemetryApp(t, { root, config: ON });
    assert.equal((await before.post('features', { feature: 'x' })).body['recorded'], true);
    await before.close();
    const app = await telemetryApp(t, { root, ...how });
    const { body } = await app.get('health');
    assert.deepEqual([body['lowered_by'], body['telemetry_opt_in'], body['dry_run']], [lowered, false, true]);
    assert.equal(app.obs.telemetry.feature('x'), false, lowered);
    assert.deepEqual((await app.get('summary')).body['features'], {});
    assert.ok(app.usage(), lowered);
    const answer = await app.post('opt_in', {});
    assert.equal(answer.status, lowered === 'forbidden' ? 403 : 200);
    if (lowered === 'forbidden') assert.equal(answer.body['code'], 'telemetry_forbidden');
    assert.equal(app.obs.telemetry.feature('x'), false, lowered);
    await app.close();
  }
});

test('an earlier file can forbid what a later one allows', async t => {
  const root = newRoot(t);
  writeJson(join(root, 'project.json'), { telemetry: { forbid: true } });
  writeJson(join(root, 'user.json'), { ...ON, telemetry: { ...CONSENT.telemetry, forbid: false } });
  const app = await telemetryApp(t, { root, options: { configFiles: ['project.json', 'user.json'] } });
  assert.equal(app.obs.telemetry.feature('x'), false);
  assert.equal((await app.get('health')).body['lowered_by'], 'forbidden');
  assert.equal(
    (await app.post('settings', { telemetry_opt_in: false })).status,
    200,
    'withdrawing is always possible',
  );
});

test('forget deletes everything and makes the installation another one', async t => {
  const app = await telemetryApp(t, { config: ON });
  await app.post('events', { event: 'e', payload: { asset_id: 'kit.lantern' } });
  const before = await app.get('summary');
  const [old] = (await app.get('events')).body['events'] as { payload: Json }[];
  assert.equal((await app.post('forget')).body['forgotten'], true);
  const after = await app.get('summary');
  assert.notEqual(after.body['anonymous_id'], before.body['anonymous_id']);
  assert.match(String(after.body['anonymous_id']), /^[0-9a-f]{32}$/);
  assert.deepEqual((await app.get('events')).body['events'], []);
  await app.post('events', { event: 'e', payload: { asset_id: 'kit.lantern' } });
  const [fresh] = (await app.get('events')).body['events'] as { payload: Json }[];
  assert.notEqual(fresh?.payload['asset_id'], old?.payload['asset_id']);
  assert.equal(app.file('logs/telemetry/usage.json')?.includes(String(before.body['anonymous_id'])), false);
});

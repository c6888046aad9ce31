import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type CrashDump, PORTS } from '../src/kernel/ports.ts';
import {
  bundleOf,
  CONFIG,
  CONSENT,
  type Json,
  newRoot,
  ON,
  type TelemetryApp,
  telemetryApp,
  writeJson,
} from './support/telemetry-app.ts';

const SEED = { options: { telemetry: { hashing: 'compatible' } } } as const;
const SECRET = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';
const HASH = /^[0-9a-f]{32}$/;

const last = async (app: TelemetryApp): Promise<Json> =>
  ((await app.get('events?limit=1')).body['events'] as { payload: Json }[])[0]?.payload ?? {};
const payloadOf = async (app: TelemetryApp, payload: Json): Promise<Json> => {
  assert.equal((await app.post('events', { event: 'probe', payload })).body['recorded'], true);
  return last(app);
};

test("the seed's preset gives the digests that the seed's hosts gave", async t => {
  const root = newRoot(t);
  writeJson(join(root, CONFIG), ON);
  writeJson(join(root, 'config/telemetry/anonymizer.json'), { secret: SECRET });
  const app = await telemetryApp(t, { root, ...SEED });
  const payload = await payloadOf(app, {
    asset_id: 'kit.lantern',
    author_email: 'someone@example.test',
    note: { id: 'naïve €' },
    file: { path: '/srv/app/a.png' },
    zone: 'granite-42',
  });
  assert.deepEqual(payload, {
    asset_id: 'd4eae972f67b9cb04386c8a07fad0874',
    author_email: 'b8739782cb140560ab56498f4b840f95',
    note: { id: '8fdc89dbd2b81c93f6238e8c68dc9042' },
    file: { path: '2ceebc28be0eb94b6d2caaadb16ef42f' },
    zone: 'granite-42',
  });
  app.obs.telemetry.registerCrash('boom');
  const crashes = (await app.get('crashes')).body['crashes'] as { report: string }[];
  assert.match(crashes[0]?.report ?? '', HASH);
});

test('every sensitive word of the seed comes back as 32 hex digits under its preset, and is nowhere in clear', async t => {
  const app = await telemetryApp(t, { config: ON, ...SEED });
  const words =
    'id uuid token key secret serial license path email user account identifier address fingerprint'.split(
      ' ',
    );
  const raw = 'Raw-Value-48213-zebra';
  for (const word of words) {
    const upper = word.toUpperCase();
    const camel = `the${word[0]?.toUpperCase()}${word.slice(1)}`;
    const got = await payloadOf(app, {
      [word]: raw,
      [upper]: raw,
      [camel]: raw,
      [`my-${word}`]: [raw, { inner: raw }],
      outer: { [`a_${word}`]: 48213 },
      [`${word}.x`]: true,
    });
    assert.match(String(got[word]), HASH, word);
    assert.match(String(got[upper]), HASH, upper);
    assert.match(String(got[camel]), HASH, camel);
    const [item, object] = got[`my-${word}`] as [string, Json];
    assert.match(item, HASH, word);
    assert.match(String(object['inner']), HASH, word);
    assert.match(String((got['outer'] as Json)[`a_${word}`]), HASH, `number under ${word}`);
    assert.equal(got[`${word}.x`], true);
  }
  const { files } = await bundleOf(app);
  const stored = `${JSON.stringify(app.usage())}${Object.values(files).join('')}`;
  assert.ok(stored.includes('probe'));
  assert.ok(!stored.includes(raw) && !stored.includes('48213'));
});

test('without the preset credentials are [redacted], ids are hashed whatever their type, and lookalikes stay', async t => {
  const app = await telemetryApp(t, { config: ON });
  const got = await payloadOf(app, {
    ...{
      token: 'abcdef',
      api_key: 'abcdef',
      secret: 'abcdef',
      user_id: 48213,
      assetId: 'a',
      'asset.id': 'a',
    },
    ...{ video: 'v', width: 3, provider: 'p', side: 'left', keyboard: 'de', monkey: 'm', latency_ms: 4 },
    note: 'write to someone@example.test',
  });
  assert.deepEqual([got['token'], got['api_key'], got['secret']], ['[redacted]', '[redacted]', '[redacted]']);
  assert.match(String(got['user_id']), HASH);
  assert.equal(got['assetId'], got['asset.id'], 'one thing has one hash');
  const { video, width, provider, side, keyboard, monkey, latency_ms } = got;
  assert.deepEqual(
    [video, width, provider, side, keyboard, monkey, latency_ms],
    ['v', 3, 'p', 'left', 'de', 'm', 4],
  );
  assert.equal(got['note'], 'write to [email]');
});

test('text over 256 characters is cut to 256 and an ellipsis, in both ways of hashing', async t => {
  for (const options of [{}, SEED.options]) {
    const app = await telemetryApp(t, { config: ON, options });
    const got = await payloadOf(app, { fits: 'x '.repeat(128), wordy: 'x '.repeat(200) });
    assert.equal(got['fits'], 'x '.repeat(128));
    assert.equal(got['wordy'], `${'x '.repeat(128)}…`);
    await app.close();
  }
});

test('the bundle has three members, says why each is there, passes unzip -t, and takes consent', async t => {
  const app = await telemetryApp(t, { config: { ...ON, telemetry: CONSENT.telemetry } });
  const refused = await fetch(`${app.url}/api/telemetry/diagnostics`);
  assert.equal(refused.status, 403);
  const problem = (await refused.json()) as Json;
  assert.equal(problem['code'], 'diagnostics_need_consent');
  assert.match(String(problem['hint']), /settings/);
  app.obs.telemetry.event('kept', { n: 1 });
  const dumps: CrashDump[] = Array.from({ length: 13 }, (_, n) => ({
    ...{ id: `c-${n}`, source: 'capture', path: '/srv/app/c.json' },
    ...{ event_id: `crash-${n}`, timestamp: '2026-03-04T09:15:22.104Z', message: 'boom for anna' },
    ...{ exc_type: n === 0 ? 'TypeError' : 'AnnasError', fingerprint: 'f' },
    ...(n === 1 && { synthetic: true }),
  }));
  app.obs.expose(PORTS.crashes, () => ({ list: (limit: number) => dumps.slice(0, limit) }));
  await app.post('settings', { diagnostics_opt_in: true });
  const without = await bundleOf(app);
  assert.deepEqual(
    JSON.parse(without.files['crashes.json'] ?? ''),
    [],
    'no crash without consent to crashes',
  );
  await app.post('settings', { crash_opt_in: true });
  const { name, files } = await bundleOf(app);
  assert.match(name, /^plimsoll-diagnostics-\d{8}_\d{6}-[0-9a-f]{8}\.zip$/);
  assert.deepEqual(Object.keys(files).sort(), ['crashes.json', 'manifest.json', 'telemetry.json']);
  const manifest = JSON.parse(files['manifest.json'] ?? '') as Json;
  for (const key of [
    ...[
      'generated_at',
      'anonymous_id',
      'app_version',
      'flag_enabled',
      'telemetry_active',
      'crash_uploads_active',
    ],
    ...['diagnostics_opt_in', 'diagnostics_active', 'dry_run', 'consent', 'health'],
  ]) {
    assert.ok(key in manifest, key);
  }
  for (const file of manifest['files'] as Json[])
    assert.ok(file['why'] && file['redacted'], String(file['name']));
  const telemetry = JSON.parse(files['telemetry.json'] ?? '') as { events: Json[] };
  assert.equal(telemetry.events[0]?.['event'], 'kept');
  const crashes = JSON.parse(files['crashes.json'] ?? '') as Json[];
  assert.equal(crashes.length, 10, 'and none that was made on purpose');
  assert.equal(new Set(crashes.map(crash => crash['event_id'])).size, 10);
  assert.deepEqual(Object.keys(crashes[0] ?? {}), ['event_id', 'timestamp', 'exc_type', 'message_digest']);
  assert.equal(crashes[0]?.['exc_type'], 'TypeError');
  assert.ok(!/anna/i.test(files['crashes.json'] ?? ''));
  assert.ok(readdirSync(join(app.root, 'logs/diagnostics')).includes(name), 'left on the disk');
});

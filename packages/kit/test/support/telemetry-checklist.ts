import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ChecklistInput {
  /** The address of a service that has just been started on a fresh runtime root, in development. */
  readonly base: string;
  readonly root: string;
  /** Its config file, from the runtime root; default `config/plimsoll.json`. */
  readonly configFile?: string;
  /** Whether credentials are hashed too, as the seed's hosts did. */
  readonly compatible?: boolean;
  /** Where its telemetry routes are; default `/api/telemetry`. */
  readonly prefix?: string;
}

type Json = Record<string, unknown>;

const HASH = /^[0-9a-f]{32}$/;

/** The telemetry lines of the seeds' smoke checklists, as a client of the running service would do them. */
export async function telemetryChecklist(input: ChecklistInput): Promise<void> {
  const { base, root, configFile = 'config/plimsoll.json', compatible = false } = input;
  const prefix = input.prefix ?? '/api/telemetry';
  const path = join(root, configFile);
  const config = (): Record<string, Json> => (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {});
  const ask = async (method: string, to: string, body?: unknown): Promise<Json> => {
    const response = await fetch(`${base}${to}`, {
      method,
      ...(body !== undefined && {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
    });
    assert.equal(response.status, 200, `${method} ${to}: ${response.status}`);
    return (await response.json()) as Json;
  };

  // 1. Feature defaults are off, and a fresh boot says so.
  assert.notEqual(config()['features']?.['enable_observability'], true);
  const fresh = await ask('GET', `${prefix}/health`);
  for (const name of [
    'feature_flag',
    'flag_enabled',
    'telemetry_active',
    'telemetry_opt_in',
    'diagnostics_active',
  ]) {
    assert.equal(fresh[name], false, name);
  }
  assert.equal(fresh['dry_run'], true);
  const probe = { event: 'modder.asset.packaged', payload: { uid: 'abc123', path: 'mods/hero.png' } };
  const record = async (): Promise<unknown> => (await ask('POST', `${prefix}/events`, probe))['recorded'];
  assert.equal(await record(), false, 'neither flag nor consent');

  // 2. Consent alone, then the flag alone: consent leaks nowhere.
  const optedIn = (await ask('POST', `${prefix}/opt_in`, { diagnostics: true, dry_run: true }))[
    'health'
  ] as Json;
  assert.deepEqual(
    [optedIn['telemetry_opt_in'], optedIn['diagnostics_opt_in'], optedIn['crash_opt_in'], optedIn['dry_run']],
    [true, true, false, true],
  );
  assert.equal(config()['telemetry']?.['telemetry_opt_in'], true);
  assert.equal(await record(), false, 'consent without the flag');

  // 3. The panel's way: one flag, both keys.
  await ask('POST', '/api/flags', { enable_observability: true });
  assert.equal(config()['features']?.['enable_observability'], true);
  assert.equal(config()['features']?.['enable_privacy_telemetry'], true);
  await until(async () => (await ask('GET', `${prefix}/health`))['telemetry_active'] === true);
  assert.equal(await record(), true);

  // 4. What is stored is hashed: ids, addresses, paths, secrets.
  const sensitive = {
    asset_id: 'kit.lantern',
    author_email: 'qa@example.test',
    path: 'mods/hero.png',
    api_key: 'k-qa-1',
  };
  await ask('POST', `${prefix}/events`, { event: 'qa.smoke', payload: { ...sensitive, step: 'load' } });
  const { events } = (await ask('GET', `${prefix}/events?limit=1`)) as { events: { payload: Json }[] };
  const stored = events[0]?.payload ?? {};
  for (const [key, raw] of Object.entries(sensitive)) {
    if (key === 'api_key' && !compatible) assert.equal(stored[key], '[redacted]');
    else assert.match(String(stored[key]), HASH, key);
    assert.notEqual(stored[key], raw);
  }
  assert.equal(stored['step'], 'load');

  // 5. The jq lines of the cheatsheet.
  await ask('POST', `${prefix}/features`, { feature: 'toolkit.launch' });
  const summary = await ask('GET', `${prefix}/summary`);
  assert.match(String(summary['anonymous_id']), HASH);
  assert.equal(summary['telemetry_active'], true);
  assert.ok((summary['features'] as Json)['toolkit.launch']);
  const health = await ask('GET', `${prefix}/health`);
  assert.deepEqual(
    [health['flag_enabled'], health['telemetry_active'], health['diagnostics_active']],
    [true, true, true],
  );

  // 6. The bundle, and the files: nothing in clear.
  const bundle = await fetch(`${base}${prefix}/diagnostics`);
  assert.equal(bundle.status, 200);
  const zip = Buffer.from(await bundle.arrayBuffer());
  assert.equal(zip.subarray(0, 2).toString(), 'PK');
  for (const name of ['manifest.json', 'telemetry.json', 'crashes.json']) assert.ok(zip.includes(name), name);
  const usage = readFileSync(join(root, 'logs/telemetry/usage.json'), 'utf8');
  for (const raw of Object.values(sensitive)) assert.ok(!usage.includes(raw), raw);

  // 7. The flag in the file, by hand, as the seed's sed line does it.
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replaceAll(
      /("enable_(?:observability|privacy_telemetry)"): true/g,
      '$1: false',
    ),
  );
  await until(async () => (await ask('GET', `${prefix}/health`))['telemetry_active'] === false);
  assert.equal(await record(), false);
}

async function until(what: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 200; turn++) {
    if (await what()) return;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  throw new Error(`never: ${what}`);
}

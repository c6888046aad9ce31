import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { HOME } from '../src/settings.ts';
import { type Json, type Running, startStudio, until } from './support.ts';

const TOKEN = 'writes-assets-0123456789';
const CLI = fileURLToPath(new URL('./bin/plimsoll.js', import.meta.resolve('plimsoll/package.json')));

/** A script of the package, on the folder of this studio. */
async function script({ settings }: Running, name: string) {
  const { scripts } = JSON.parse(readFileSync(join(HOME, 'package.json'), 'utf8'));
  const [program, ...args] = scripts[name].replaceAll('.runtime', settings.runtimeRoot).split(' ');
  assert.equal(program, 'plimsoll');
  const child = spawn(process.execPath, ['--conditions=plimsoll-source', CLI, ...args], { cwd: HOME });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (out += chunk));
  const [code] = await once(child, 'close');
  return { code, out };
}

test('assets: written with the token alone, in the history of the bus, and a rebuild wants a scene', async t => {
  const studio = await startStudio(t, { obs: { assets: { writeToken: [TOKEN] } } });
  const { call, settings } = studio;
  await until(async () => (await call('/assets')).status === 200);
  const send = async (type: string, token?: string): Promise<{ status: number; body: Json }> => {
    const form = new FormData();
    form.set('asset_type', type);
    form.set('metadata', JSON.stringify({ tags: ['Intro'], license: 'CC0' }));
    form.set('file', new Blob([`{"id":"${type}"}`]), `${type}.json`);
    return call('/assets/upload', undefined, {
      method: 'POST',
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      body: form,
    });
  };
  assert.deepEqual([(await send('notes')).status, (await send('notes', 'wrong')).status], [401, 401]);
  const note = await send('notes', TOKEN);
  assert.equal(note.status, 200, JSON.stringify(note.body));
  const { items } = (await call('/api/modder/hooks/history?limit=50')).body;
  const names = items.map(({ event }: Json) => event);
  for (const name of ['on_asset_sidecar_written', 'on_asset_saved', 'on_asset_registered'])
    assert.ok(names.includes(name), name);
  assert.equal((await call('/assets/debug/modder-hooks')).status, 200);
  const without = await script(studio, 'assets:rebuild');
  assert.deepEqual([without.code, /no asset of the type scenes/.test(without.out)], [2, true], without.out);
  await send('scenes', TOKEN);
  const whole = await script(studio, 'assets:rebuild');
  assert.equal(whole.code, 0, whole.out);
  assert.equal((await script(studio, 'assets:audit')).code, 0);
  const sidecar = join(settings.runtimeRoot, 'data/assets', 'scenes/scenes.json.asset.json');
  rmSync(sidecar);
  assert.equal((await script(studio, 'assets:audit')).code, 1);
  assert.ok(!existsSync(sidecar));
  assert.equal((await script(studio, 'assets:rebuild')).code, 0);
  assert.ok(existsSync(sidecar));
});

test('providers: with nothing registered the health of studio is well, by the four keys', async t => {
  const { call } = await startStudio(t);
  await until(async () => (await call('/api/providers/health')).status === 200);
  const { ok, results } = (await call('/api/providers/health')).body;
  assert.equal(ok, true);
  const [{ provider_id, ok: well, error, latency_ms }] = results;
  assert.deepEqual([provider_id, well, error, latency_ms], ['local', true, null, 0]);
});

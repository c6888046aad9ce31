import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type CounterStore, PORTS } from '../src/kernel/ports.ts';
import { bundleOf, type Json, newRoot, ON, telemetryApp } from './support/telemetry-app.ts';

const SEED = { options: { telemetry: { hashing: 'compatible' } } } as const;

/** A marker of every class of the decision table; none may come out anywhere. */
const MARKERS: Readonly<Record<string, string>> = {
  password: 'hunter2-marker-pw',
  jwt: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtYXJrZXIifQ.c2lnbmF0dXJlbWFya2Vy',
  bearer: 'Bearer mArKeR0123456789abcdef0123456789',
  vendor: `ghp_${'m4rk3r'.repeat(6)}`,
  login: 'postgres://marker:s3cr3tmarker@db/x',
  email: 'marker.person@example.test',
  phone: '+49 151 2345678',
  user_id: '48213',
  lat: '52.520008, 13.404954',
  file_path: '/home/markerperson/pictures/hero.png',
  body: 'meet me at the marker bridge at six',
};
/** What must not be found: the marker, and what names somebody in it. */
const NEEDLES = [...Object.values(MARKERS), 'markerperson', 's3cr3tmarker', 'marker.person', 'marker bridge'];

test('markers of every class, in values, names, file names and free text, come out of no sink', async t => {
  for (const options of [{}, SEED.options]) {
    const root = newRoot(t);
    const app = await telemetryApp(t, { root, config: ON, options });
    const { telemetry } = app.obs;
    const counters = app.obs.read<CounterStore>(PORTS.counters);
    for (const [key, marker] of Object.entries(MARKERS)) {
      const named: Json = {
        [key]: marker,
        list: [{ [key]: marker }],
        nested: { deeper: { [key]: [marker] } },
      };
      telemetry.event('named', named);
      counters?.hook('on_named', named);
      // These have no looks of their own: only their name tells.
      if (key === 'body' || key === 'password') continue;
      const free: Json = { note: `seen ${key === 'user_id' ? 'user 48213' : marker} today` };
      if (key !== 'user_id') free[marker] = 1;
      else free['users'] = { 48213: { seen: true } };
      telemetry.event('free', free);
      counters?.hook('on_free', free);
      telemetry.event(`event ${key === 'user_id' ? 'user 48213' : marker}`, {}, marker);
      telemetry.feature(marker, marker);
    }
    telemetry.registerCrash(MARKERS['file_path'] ?? '');
    const { files, name } = await bundleOf(app);
    const answers = await Promise.all(
      ['summary', 'events?limit=200', 'hooks', 'crashes', 'preview', 'ledger'].map(path => app.get(path)),
    );
    await app.close();
    const outputs: Record<string, string> = { ...files, name, lines: JSON.stringify(app.lines) };
    for (const [n, { body }] of answers.entries()) outputs[`answer ${n}`] = JSON.stringify(body);
    outputs['preview bytes'] = Buffer.from(String(answers[4]?.body['body']), 'base64').toString('latin1');
    for (const path of readdirSync(root, { recursive: true }).map(String)) {
      outputs[`name ${path}`] = path;
      if (statSync(join(root, path)).isFile() && !path.endsWith('.zip'))
        outputs[path] = readFileSync(join(root, path), 'utf8');
    }
    assert.ok(Object.keys(outputs).length > 12);
    for (const [output, text] of Object.entries(outputs)) {
      for (const needle of NEEDLES) {
        assert.ok(
          !text.toLowerCase().includes(needle.toLowerCase()),
          `${needle} in ${output}: ${around(text, needle)}`,
        );
      }
    }
  }
});

function around(text: string, needle: string): string {
  const at = text.toLowerCase().indexOf(needle.toLowerCase());
  return text.slice(Math.max(0, at - 60), at + 80);
}

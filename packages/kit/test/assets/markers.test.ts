import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createPrivacy } from '@plimsoll/privacy';
import { PORTS } from '../../src/kernel/ports.ts';
import type { Loose } from '../parts/support.ts';
import { filesIn, startAssets } from './support.ts';

/** One of each class that no sink may show. */
const NEVER = {
  password: 'marker-Passw0rd',
  api_key: 'sk-proj-Marker0123456789abcdefghij',
  note: 'Bearer marker.Bearer0123456789',
  jwt: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtYXJrZXIifQ.bWFya2Vyc2lnbmF0dXJl',
  mail: 'write to marker.person@example.org',
  phone: 'call +49 151 2345 6789',
  dsn: 'postgres://marker:hunter2@db.test/x',
  nested: [{ 'marker.key@example.org': { secret: 48213486 } }],
  place: { lat: 52.520008, lon: 13.404954 },
};
const HIDDEN = [
  ...[
    'marker-Passw0rd',
    'sk-proj-Marker',
    'marker.Bearer',
    'eyJhbGci',
    'marker.person',
    '2345 6789',
    'hunter2',
  ],
  ...['marker.key@', '48213486', '52.520008', '13.404954', 'user-48213'],
];
/** Content and the app's own paths: kept where they are one's own data, and nowhere else. */
const OWN = ['the marker prompt of a picture', 'marker-folder/marker-file.txt'];
const found = (text: string, words: readonly string[]) => words.filter(word => text.includes(word));

test('markers of every class are in no answer, line, sidecar, row or hook, but where the table keeps them', async t => {
  const started = await startAssets(t);
  const { send, ask, lines, folder, root, obs, post } = started;
  const privacy = createPrivacy({ key: new Uint8Array(32) });
  const bus: string[] = [];
  obs.expose(PORTS.events, () => ({
    emit: (_event: string, data: object) => bus.push(JSON.stringify(privacy.redact(data, 'hooks'))) > 0,
  }));
  const metadata = JSON.stringify({ ...NEVER, prompt: OWN[0], tags: ['marker.tag@example.org', 'fine'] });
  const provenance = JSON.stringify({
    source: 'x marker.person@example.org',
    user_id: 'user-48213',
    inputs: NEVER,
  });
  const sent = await send('marker-file.txt', 'x', {
    dest_path: OWN[1] as string,
    metadata,
    provenance,
    sidecar: JSON.stringify({ rig: NEVER }),
  });
  assert.equal(sent.status, 200, sent.text);
  const { uid } = sent.body;
  await obs.assets.update(uid, NEVER);
  const texts = [sent.text];
  for (const path of ['', `/${uid}`, `/${uid}/sidecar`, '/debug/history', '/audit', '?q=marker'])
    texts.push((await ask(`/assets${path}`)).text);
  texts.push((await ask('/api/assets/search?include_debug=1')).text);
  texts.push(
    (await post('/assets/register', { path: 'sk-proj-Marker0123456789abcdefghij', metadata: 7 })).text,
  );
  texts.push((await send('y', 'y', { metadata: '{"password":"marker-Passw0rd"' })).text);
  const disk = filesIn(folder).map(path => readFileSync(join(folder, path), 'utf8'));
  const rows =
    readFileSync(join(root, 'data/assets.db'), 'latin1') +
    readFileSync(join(root, 'data/assets.db-wal'), 'latin1');
  await obs.assets.remove(uid);
  for (const [sink, all] of Object.entries({ texts, disk, lines, bus, rows: [rows] })) {
    assert.deepEqual(
      all.flatMap(text => found(text, HIDDEN)),
      [],
      sink,
    );
    assert.ok(all.length > 0, sink);
  }
  // A hook may tell the app's own relative paths.
  assert.deepEqual(
    [lines.flatMap(text => found(text, OWN)), bus.flatMap(text => found(text, OWN.slice(0, 1)))],
    [[], []],
  );
  const sidecar = disk
    .map(text => (text.startsWith('{') ? JSON.parse(text) : {}))
    .find((one: Loose) => one.uid === uid);
  assert.deepEqual([sidecar.meta.prompt, sidecar.path, sidecar.meta.password], [OWN[0], OWN[1], '********']);
});

import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Loose } from '../parts/support.ts';
import { filesIn, sha256, startAssets } from './support.ts';

test('an upload is stored by its hash, with a sidecar and its mirror, and tells ids and paths', async t => {
  const { send, folder, sidecar, ask } = await startAssets(t);
  const sent = await send('Cat.txt', 'meow', {
    asset_type: 'notes',
    metadata: JSON.stringify({ tags: [' Cat', 'cat', 'Pet'], license: ' CC0 ', origin: 'cam' }),
  });
  assert.equal(sent.status, 200, sent.text);
  const { asset } = sent.body;
  const hash = sha256('meow');
  assert.deepEqual(
    [asset.hash, asset.uid, asset.bytes, asset.path],
    [hash, hash.slice(0, 16), 4, 'notes/Cat.txt'],
  );
  assert.deepEqual(
    [sent.body.asset_id, sent.body.uid, sent.body.path, sent.body.sidecar],
    [asset.id, asset.uid, asset.path, 'notes/Cat.txt.asset.json'],
  );
  assert.deepEqual(
    [asset.tags, asset.license, asset.origin, asset.version],
    [['Cat', 'Pet'], 'CC0', 'cam', 1],
  );
  const content = sidecar('notes/Cat.txt.asset.json');
  for (const key of [
    'id',
    'uid',
    'type',
    'path',
    'hash',
    'bytes',
    'tags',
    'license',
    'origin',
    'version',
    'created_at',
    'meta',
    'links',
  ])
    assert.ok(key in content, key);
  assert.deepEqual(content.links, { file: 'notes/Cat.txt', sidecar: 'notes/Cat.txt.asset.json' });
  assert.deepEqual(sidecar('_meta/notes/Cat.json'), content);
  assert.deepEqual(filesIn(folder), ['_meta/notes/Cat.json', 'notes/Cat.txt', 'notes/Cat.txt.asset.json']);
  for (const id of [asset.uid, String(asset.id)])
    assert.equal((await ask(`/assets/${id}`)).body.asset.uid, asset.uid);
  assert.equal((await ask('/assets/none')).status, 404);
  assert.deepEqual((await ask(`/assets/${asset.uid}/sidecar`)).body, {
    ok: true,
    uid: asset.uid,
    path: 'notes/Cat.txt.asset.json',
    sidecar: content,
  });
});

test('the same bytes again are the same asset: tags united, licence replaced, no second row, no second file', async t => {
  const { send, folder, ask } = await startAssets(t);
  const first = await send('a.txt', 'same', {
    metadata: JSON.stringify({ tags: ['One'], license: 'CC0', camera: 'x' }),
  });
  const again = await send('b.txt', 'same', {
    metadata: JSON.stringify({ tags: ['ONE', 'two'], license: 'MIT' }),
  });
  assert.equal(again.body.uid, first.body.uid);
  assert.deepEqual(
    [again.body.asset.tags, again.body.asset.license, again.body.asset.metadata.camera],
    [['One', 'two'], 'MIT', 'x'],
  );
  assert.equal((await ask('/assets')).body.total, 1);
  assert.deepEqual(
    filesIn(folder).filter(path => path.endsWith('.txt')),
    ['generic/a.txt'],
  );
});

test('the same bytes at a second path are found by either path, and live on when one is gone', async t => {
  const { send, write, post, folder, obs, ask } = await startAssets(t);
  const { body } = await send('a.txt', 'twice', { dest_path: 'one/a.txt' });
  write('two/b.txt', 'twice');
  const second = await post('/assets/register', { path: 'two/b.txt', copy: false });
  assert.deepEqual([second.body.uid, second.body.asset.paths], [body.uid, ['one/a.txt', 'two/b.txt']]);
  assert.equal((await ask('/assets?q=two/b')).body.total, 1);
  rmSync(join(folder, 'one/a.txt'));
  const { removed } = await obs.assets.rebuild();
  assert.equal(removed, 0);
  assert.deepEqual((await obs.assets.get(body.uid))?.paths, ['two/b.txt']);
});

test('two files that differ by their extension alone have a mirror each', async t => {
  const { send, sidecar } = await startAssets(t);
  await send('a.txt', 'text');
  await send('a.md', 'mark');
  assert.deepEqual(
    [sidecar('_meta/generic/a.json').path, sidecar('_meta/generic/a.md.json').path],
    ['generic/a.txt', 'generic/a.md'],
  );
});

test('filters: type, hash, all tags, any licence, text; repeated or with commas, in any case; total before the limit', async t => {
  const { send, ask } = await startAssets(t);
  const put = (name: string, type: string, meta: object) =>
    send(name, name, { asset_type: type, metadata: JSON.stringify(meta) });
  await put('a.png', 'images', { tags: ['Red', 'big'], license: 'CC-BY', title: 'Sunset 100%' });
  await put('b.png', 'images', { tags: ['red'], license: 'cc0' });
  await put('c.wav', 'audio', { tags: ['RED', 'Big'], license: 'MIT', words: ['alpha', 'beta'] });
  const paths = async (query: string) => {
    const { body } = await ask(`/assets${query}`);
    return [
      body.items
        .map((item: Loose) => item.path)
        .sort()
        .join(' '),
      body.total,
    ];
  };
  assert.deepEqual(await paths('?type=images'), ['images/a.png images/b.png', 2]);
  assert.deepEqual(await paths('/'), ['audio/c.wav images/a.png images/b.png', 3]);
  assert.deepEqual(await paths('?tags=red,BIG'), ['audio/c.wav images/a.png', 2]);
  assert.deepEqual(await paths('?tags=red&tag=big&type=audio'), ['audio/c.wav', 1]);
  assert.deepEqual(await paths('?licenses=cc-by,Mit'), ['audio/c.wav images/a.png', 2]);
  assert.deepEqual(await paths('?licenses=CC-BY&licenses=CC0'), ['images/a.png images/b.png', 2]);
  assert.deepEqual(await paths(`?hash=${sha256('b.png').toUpperCase()}`), ['images/b.png', 1]);
  assert.deepEqual(await paths('?q=BETA'), ['audio/c.wav', 1]);
  assert.deepEqual(await paths('?q=100%25'), ['images/a.png', 1]);
  assert.deepEqual(await paths('?q=%25'), ['images/a.png', 1]);
  const limited = (await ask('/assets?limit=1&tags=red')).body;
  assert.deepEqual([limited.items.length, limited.total], [1, 3]);
  assert.equal((await ask('/assets?limit=1001')).status, 422);
  const search = (await ask('/api/assets/search?license=mit&include_debug=true')).body;
  assert.deepEqual(
    [search.total, search.filters, typeof search.debug.took_ms],
    [1, { licenses: ['mit'], limit: 200 }, 'number'],
  );
});

test('provenance and extra names of a sidecar outlive a change of the metadata and a second registration', async t => {
  const { write, post, sidecar, obs, ask } = await startAssets(t);
  write('in/p.txt', 'made');
  const provenance = {
    source: 'render',
    workflow_hash: 'w1',
    commit_hash: 'c1',
    user_id: 'user-48213',
    inputs: { seed: 7 },
  };
  const made = await post('/assets/register', {
    path: 'in/p.txt',
    copy: false,
    provenance,
    sidecar: { rig: { bones: 3 } },
  });
  assert.equal(made.status, 200, made.text);
  const { uid } = made.body;
  const check = (): void => {
    const content = sidecar('in/p.txt.asset.json');
    assert.deepEqual(
      [content.rig, content.provenance.source, content.provenance.inputs],
      [{ bones: 3 }, 'render', { seed: 7 }],
    );
    assert.match(content.provenance.user_id, /^[0-9a-f]{32}$/);
    assert.equal(content.provenance.asset_uid, uid);
  };
  check();
  await obs.assets.update(uid, { title: 'new' });
  assert.equal(sidecar('in/p.txt.asset.json').meta.title, 'new');
  check();
  await post('/assets/register', { path: 'in/p.txt', copy: false, metadata: { tags: ['x'] } });
  check();
  assert.equal((await ask(`/assets/${uid}`)).body.asset.provenance.commit_hash, 'c1');
  const taken = await post('/assets/register', { path: 'in/p.txt', copy: false, sidecar: { uid: 'mine' } });
  assert.deepEqual(
    [taken.status, taken.body.errors],
    [422, [{ field: 'sidecar.uid', code: 'reserved_name' }]],
  );
});

test('of many that are registered at once, one that can’t be does not take the others with it', async t => {
  const { write, obs, folder } = await startAssets(t);
  const names = Array.from({ length: 40 }, (_, n) => `many/${n}.txt`);
  for (const name of names) write(name, name);
  const wanted = [...names, 'many/none.txt', '../out.txt'];
  const told = await Promise.allSettled(wanted.map(path => obs.assets.register({ path, copy: false })));
  assert.deepEqual(
    told.map(({ status }) => status),
    [...names.map(() => 'fulfilled'), 'rejected', 'rejected'],
  );
  assert.equal((await obs.assets.find()).total, 40);
  assert.equal(filesIn(folder).filter(path => /^many.*\.asset\.json$/.test(path)).length, 40);
});

test('a sidecar that is gone is 404, one that is no JSON 500, and both are written anew', async t => {
  const { send, ask, folder, post, sidecar } = await startAssets(t);
  const { body } = await send('a.txt', 'a', { metadata: JSON.stringify({ tags: ['x'], license: 'MIT' }) });
  const file = join(folder, body.sidecar);
  const status = async () => (await ask(`/assets/${body.uid}/sidecar`)).status;
  rmSync(file);
  assert.equal(await status(), 404);
  const { report } = (await post('/api/assets/enforce', {})).body;
  assert.deepEqual([report.repaired_sidecars, report.missing_sidecars], [[body.uid], []]);
  assert.equal(await status(), 200);
  writeFileSync(file, '{"half":');
  assert.equal(await status(), 500);
  await post('/api/assets/enforce', { overwrite: true });
  assert.equal(sidecar(body.sidecar).uid, body.uid);
});

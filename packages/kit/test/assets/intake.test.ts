import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { json, TOKEN, tempFolder } from '../parts/support.ts';
import { filesIn, sha256, startAssets, WRITE } from './support.ts';

const UNSAFE = [
  '../x',
  'a/../../x',
  '/etc/x',
  'C:/x',
  'C:\\x',
  'a\\b',
  'a\u0000b',
  'con',
  'a/NUL.txt',
  'a/',
  './x',
  'a//b',
  'x.',
  '_meta/x.json',
  '_tmp/x',
  'a.asset.json',
];

test('no path leads out of the folder: not by dots, roots, drives, devices, links, or a source elsewhere', async t => {
  const { send, write, post, folder, root, obs } = await startAssets(t);
  write('ok.txt', 'ok');
  const outside = tempFolder(t);
  writeFileSync(join(outside, 'secret.txt'), 'secret');
  symlinkSync(outside, join(folder, 'link'));
  symlinkSync(join(outside, 'secret.txt'), join(folder, 'linked.txt'));
  const before = filesIn(outside);
  for (const dest_path of [...UNSAFE, 'link/x', 'linked.txt']) {
    const uploaded = await send('x.txt', `x${dest_path}`, { dest_path });
    assert.deepEqual([uploaded.status, uploaded.body.detail], [400, 'unsafe path'], dest_path);
    const registered = await post('/assets/register', { path: 'ok.txt', dest_path });
    assert.deepEqual([registered.status, registered.body.detail], [400, 'unsafe path'], dest_path);
    await assert.rejects(obs.assets.register({ path: 'ok.txt', dest_path }), { code: 'unsafe path' });
  }
  for (const path of [
    join(outside, 'secret.txt'),
    'link/secret.txt',
    'linked.txt',
    '../../x',
    '/etc/passwd',
    'a\u0000',
  ]) {
    assert.equal((await post('/assets/register', { path })).status, 400, path);
  }
  assert.equal((await post('/assets/register', { path: 'none.txt' })).status, 404);
  assert.equal((await post('/assets/register', { path: 'ok.txt', asset_type: '../up' })).status, 400);
  assert.deepEqual(filesIn(outside), before);
  assert.deepEqual(
    filesIn(folder).filter(path => !/^(_tmp|link)\//.test(path)),
    ['ok.txt'],
  );
  assert.deepEqual(
    filesIn(join(root, 'data')).filter(path => !/^assets(\/ok\.txt|\.db(-wal|-shm)?)$/.test(path)),
    [],
  );
  assert.equal((await obs.assets.find()).total, 0);
});

test('a folder of `assets.sources` may be registered from; the copy is ours and the source stays', async t => {
  const outside = tempFolder(t);
  writeFileSync(join(outside, 's.txt'), 'source');
  const { post, folder } = await startAssets(t, { assets: { sources: [outside] } });
  const made = await post('/assets/register', { path: join(outside, 's.txt'), asset_type: 'notes' });
  assert.equal(made.body.path, 'notes/s.txt', made.text);
  assert.equal(readFileSync(join(folder, 'notes/s.txt'), 'utf8'), 'source');
  assert.ok(existsSync(join(outside, 's.txt')));
  assert.equal((await post('/assets/register', { path: join(outside, 's.txt'), copy: false })).status, 400);
  writeFileSync(join(outside, 's.txt'), 'other');
  const taken = await post('/assets/register', { path: join(outside, 's.txt'), dest_path: 'notes/s.txt' });
  assert.deepEqual([taken.status, taken.body.detail], [409, 'destination taken']);
  const beside = await post('/assets/register', { path: join(outside, 's.txt'), asset_type: 'notes' });
  assert.equal(beside.body.path, `notes/s-${sha256('other').slice(0, 8)}.txt`);
  assert.equal(readFileSync(join(folder, 'notes/s.txt'), 'utf8'), 'source');
});

test('writes without a token, or with a wrong one, are 401 whatever else is wrong with them; an admin token writes', async t => {
  const { ask, post, send } = await startAssets(t);
  const writes: readonly (readonly [string, string])[] = [
    ...['/assets', '/api/assets'].flatMap(prefix => [
      ...['register', 'upload', 'enforce', 'rebuild'].map(name => ['POST', `${prefix}/${name}`] as const),
      ['DELETE', `${prefix}/x`] as const,
      ['PATCH', `${prefix}/x`] as const,
    ]),
  ];
  for (const [method, path] of writes) {
    const bare = await ask(path, { method, ...(method !== 'DELETE' && { body: 'nonsense' }) });
    assert.deepEqual([bare.status, bare.body.detail], [401, 'missing bearer token'], path);
  }
  for (const [method, path] of writes.slice(0, 5)) {
    const wrong = await ask(path, { method, headers: { authorization: 'Bearer nope' } });
    assert.deepEqual([wrong.status, wrong.body.detail], [401, 'invalid token'], path);
  }
  assert.equal((await post('/assets/rebuild', {}, TOKEN)).status, 200);
  assert.equal((await send('a.txt', 'a', {}, WRITE)).status, 200);
  const none = await startAssets(t, { assets: { writeToken: [] }, ops: { adminToken: [] } });
  assert.deepEqual(
    [
      (await none.post('/assets/rebuild', {}, null)).status,
      (await none.post('/assets/rebuild', {}, 'x')).status,
    ],
    [401, 401],
  );
});

test('a broken form, metadata that are none, and a file that is too large change nothing', async t => {
  const { send, ask, folder, obs, post } = await startAssets(t, { assets: { maxBytes: 1000 } });
  const status = async (sent: ReturnType<typeof send>) => {
    const { status: code, body } = await sent;
    return [code, body.detail];
  };
  assert.deepEqual(await status(send('a', 'a', { metadata: '{"a":' })), [400, 'invalid metadata']);
  assert.deepEqual(await status(send('a', 'a', { metadata: '[1]' })), [400, 'invalid metadata']);
  assert.deepEqual(await status(send('a', 'a', { provenance: '{"workflow_hash":"x"}' })), [
    422,
    'validation_error',
  ]);
  assert.deepEqual(await status(send('a', Buffer.alloc(1001))), [413, 'payload_too_large']);
  assert.equal((await send('full', Buffer.alloc(1000))).status, 200);
  const headers = { authorization: `Bearer ${WRITE}` };
  assert.deepEqual(
    await status(
      ask('/assets/upload', { ...json({}), headers: { ...headers, 'content-type': 'text/plain' } }),
    ),
    [400, 'invalid upload'],
  );
  const cut = '--b\r\ncontent-disposition: form-data; name="file"; filename="x"\r\n\r\nhalf';
  assert.deepEqual(
    await status(
      ask('/assets/upload', {
        method: 'POST',
        headers: { ...headers, 'content-type': 'multipart/form-data; boundary=b' },
        body: cut,
      }),
    ),
    [400, 'invalid upload'],
  );
  const form = new FormData();
  form.set('other', new Blob(['x']), 'x');
  assert.equal((await ask('/assets/upload', { method: 'POST', headers, body: form })).status, 400);
  assert.equal((await post('/assets/register', { path: 'x', metadata: 'no' })).status, 422);
  assert.equal((await obs.assets.find()).total, 1);
  assert.deepEqual(filesIn(join(folder, '_tmp')), []);
});

test('off, there are no routes and no database, and calls say so', async t => {
  const { startService } = await import('../parts/support.ts');
  const { ask, obs, root } = await startService(t, { flags: [] });
  assert.equal((await ask('/assets')).text, 'app');
  await assert.rejects(obs.assets.find(), { code: 'PLIMSOLL_OFF' });
  assert.equal(existsSync(join(root, 'data')), false);
  mkdirSync(join(root, 'data'));
});

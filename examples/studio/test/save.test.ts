import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Json, startStudio } from './support.ts';

const SAVE = { vars: { score: 3 }, node_pointer: 'ending', seed: 7 };

test('a save is stored, listed newest first and loaded, with what the client added', async t => {
  let ms = Date.UTC(2026, 2, 4, 9, 20, 0, 123);
  const { call } = await startStudio(t, { now: () => ms });
  const { status, body } = await call('/api/save/one', { ...SAVE, pov: 'hero' });
  assert.equal(status, 200);
  const save = { ...SAVE, pov: 'hero', slot: 'one', saved_at: ms, saved_at_iso: '2026-03-04T09:20:00Z' };
  assert.deepEqual(body, { ok: true, save });
  assert.deepEqual((await call('/api/save/one')).body, { ok: true, save });
  ms += 1000;
  await call('/api/save/two', SAVE);
  const { slots } = (await call('/api/save/list')).body;
  assert.deepEqual(
    slots.map(({ slot }: Json) => slot),
    ['two', 'one'],
  );
  const { size_bytes, ...rest } = slots[1];
  assert.deepEqual(rest, { slot: 'one', saved_at: save.saved_at, saved_at_iso: save.saved_at_iso });
  assert.ok(size_bytes > 50);
});

test("an extra key can not take the place of one of the store's own", async t => {
  const { call } = await startStudio(t, { now: () => 5000 });
  const extra = { saved_at: 1, saved_at_iso: 'never', slot: '../x', mine: 1 };
  const { save } = (await call('/api/save/one', { ...SAVE, ...extra })).body;
  assert.deepEqual(save, {
    ...SAVE,
    mine: 1,
    slot: 'one',
    saved_at: 5000,
    saved_at_iso: '1970-01-01T00:00:05Z',
  });
});

test('a slot has one name, however it is written, and none outside the folder', async t => {
  const { call, settings } = await startStudio(t);
  const names: [given: string, slot: string][] = [
    ['  My Save ', 'my-save'],
    ['__A//b__', 'a-b'],
    ['../../etc/passwd', 'etc-passwd'],
    ['Größe', 'gr-e'],
    [`${'x'.repeat(79)}-y`, 'x'.repeat(79)],
    ['a'.repeat(200), 'a'.repeat(80)],
  ];
  for (const [given, slot] of names) {
    const path = `/api/save/${encodeURIComponent(given)}`;
    assert.equal((await call(path, SAVE)).body.save.slot, slot);
    assert.equal((await call(`/api/save/${slot}`)).status, 200);
  }
  const files = readdirSync(join(settings.runtimeRoot, 'data/saves')).sort();
  assert.deepEqual(
    files,
    [...new Set(names.map(([, slot]) => `${slot}.json`))].sort(),
    'whole files and no other',
  );
});

test('what is no save is refused and changes nothing', async t => {
  const { call } = await startStudio(t);
  const cases: [path: string, body: unknown, message: string][] = [
    ['/api/save/a', {}, 'missing keys: vars, node_pointer, seed'],
    ['/api/save/a', { vars: {}, seed: 1 }, 'missing keys: node_pointer'],
    ['/api/save/a', [], 'missing keys: vars, node_pointer, seed'],
    ['/api/save/a', { ...SAVE, vars: [] }, 'vars must be an object'],
    ['/api/save/%20-_-', SAVE, 'slot name is empty'],
    ['/api/save/LIST', SAVE, "slot name 'list' is reserved"],
  ];
  for (const [path, body, message] of cases) {
    const answer = await call(path, body);
    assert.deepEqual([answer.status, answer.body.message], [400, message]);
  }
  assert.deepEqual((await call('/api/save/list')).body, { ok: true, slots: [] });
  const none = await call('/api/save/a');
  assert.deepEqual([none.status, none.body.message], [404, "no save in slot 'a'"]);
});

test('a corrupt file is 500 when it is asked for, and left out of the list', async t => {
  const { call, settings } = await startStudio(t);
  await call('/api/save/good', SAVE);
  const saves = join(settings.runtimeRoot, 'data/saves');
  for (const [name, text] of [
    ['half', '{"vars":'],
    ['list-of', '[1]'],
    ['late', '{"saved_at":1e300}'],
  ] as const) {
    writeFileSync(join(saves, `${name}.json`), text);
    const { status, body } = await call(`/api/save/${name}`);
    assert.deepEqual([status, body.code], [500, 'save_corrupt']);
  }
  mkdirSync(join(saves, 'folder.json'));
  const { slots } = (await call('/api/save/list')).body;
  assert.deepEqual(
    slots.map(({ slot }: Json) => slot),
    ['good'],
  );
});

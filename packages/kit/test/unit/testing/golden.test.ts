import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import {
  checkFlow,
  compare,
  type GoldenRule,
  golden,
  type Json,
  normalise,
  updateFlow,
} from 'plimsoll/testing';

/** The list of golden rules of the first host, in its order. */
const HOST: readonly GoldenRule[] = [
  { type: 'text', keys: ['generated_at', 'saved_at_iso', 'created_at'], to: '<timestamp>' },
  { type: 'text', match: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}', to: '<timestamp>' },
  { type: 'text', keys: ['bundle'], to: '<repo>/exports/bundles/<bundle>.zip' },
  { type: 'text', keys: ['issue_id'], to: '<issue-id>' },
  { type: 'text', keys: ['script_sha256'], to: '<sha256>' },
  { type: 'text', keys: ['renpy_project'], to: '<repo>/renpy_project' },
  { type: 'number', keys: ['saved_at', 'timestamp'], to: '<timestamp>' },
  { type: 'number', keys: ['size_bytes'], to: '<size>' },
];

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'plimsoll-golden-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const plain = (value: Json): unknown => JSON.parse(JSON.stringify(value));

test('each rule replaces what it names, and nothing else', () => {
  const answer = {
    generated_at: 'any text',
    saved_at: 1772616000123,
    saved_at_iso: '2026-03-04T09:20:00Z',
    list: [{ created_at: 'x' }, '2026-03-04T09:20:00.5+00:00', '2026-03-04'],
    timestamp: [1.5, 2],
    bundle: '/x/y.zip',
    issue_id: 'i-1',
    script_sha256: 'abc',
    sha256: 'abc',
    renpy_project: '/somewhere/else',
    size_bytes: 12,
    size: 12,
    nothing: null,
    yes: true,
  };
  assert.deepEqual(plain(normalise(answer, { values: HOST })), {
    generated_at: '<timestamp>',
    saved_at: '<timestamp>',
    saved_at_iso: '<timestamp>',
    list: [{ created_at: '<timestamp>' }, '<timestamp>', '2026-03-04'],
    timestamp: ['<timestamp>', '<timestamp>'],
    bundle: '<repo>/exports/bundles/<bundle>.zip',
    issue_id: '<issue-id>',
    script_sha256: '<sha256>',
    sha256: 'abc',
    renpy_project: '<repo>/renpy_project',
    size_bytes: '<size>',
    size: 12,
    nothing: null,
    yes: true,
  });
});

test('a time of the wrong type is not taken for a time', () => {
  const wrong = normalise({ generated_at: 1772616000, created_at: null, size_bytes: '12' }, { values: HOST });
  assert.deepEqual(plain(wrong), { generated_at: 1772616000, created_at: null, size_bytes: '12' });
});

test('a folder inside another gets its own placeholder, in whatever order they are given', () => {
  const text = 'a /srv/app/run/x.json, /srv/app/y and /srv/app/runner, /srv/app.bak, /mnt/srv/app';
  const wanted = 'a <runtime>/x.json, <repo>/y and <repo>/runner, /srv/app.bak, /mnt/srv/app';
  const paths = { '<repo>': '/srv/app', '<runtime>': '/srv/app/run/' };
  const turned = { '<runtime>': '/srv/app/run', '<repo>': '/srv/app' };
  assert.equal(normalise(text, { paths }), wanted);
  assert.equal(normalise(text, { paths: turned }), wanted);
  assert.equal(normalise('at /srv/app.', { paths }), 'at <repo>.');
  assert.equal(normalise('/', { paths: { '<root>': '/', '<none>': '' } }), '/');
});

test('a member named __proto__ is compared like any other', () => {
  const [a, b] = ['{"__proto__":{"x":1}}', '{"__proto__":{"x":2}}'].map(text => normalise(JSON.parse(text)));
  assert.deepEqual(compare(a!, b!), [{ kind: 'changed', path: '$.__proto__.x', expected: 1, actual: 2 }]);
});

test('a difference is told by kind and JSON path', () => {
  const was = { a: 1, list: [1, { b: 'x' }], 'odd key': true };
  const is = { a: '1', list: [1, { b: 'y', c: null }] };
  assert.deepEqual(compare(was, is), [
    { kind: 'changed', path: '$.a', expected: 1, actual: '1' },
    { kind: 'changed', path: '$.list[1].b', expected: 'x', actual: 'y' },
    { kind: 'added', path: '$.list[1].c', actual: null },
    { kind: 'removed', path: '$["odd key"]', expected: true },
  ]);
});

test('one item more in a list is one difference', () => {
  assert.deepEqual(compare([1, 2, 3], [0, 1, 2, 3]), [{ kind: 'added', path: '$[0]', actual: 0 }]);
  assert.deepEqual(compare([1, 2, 3], [1, 3]), [{ kind: 'removed', path: '$[1]', expected: 2 }]);
});

test('a golden is written on demand, holds, and fails with the path of what changed', t => {
  const file = join(folder(t), 'deep/goldens.json');
  const value = { score: 3, saved_at: 5, items: ['b', 'a'] };
  golden('first', value, { file, values: HOST, update: true });
  golden('second', 1, { file, update: true });
  golden('first', { ...value, saved_at: 99 }, { file: pathToFileURL(file), values: HOST });
  assert.throws(() => golden('first', { ...value, score: 4 }, { file, values: HOST }), {
    code: 'PLIMSOLL_GOLDEN_DIFFERS',
    message: /first in .*goldens\.json\n {2}changed {2}\$\.score {2}3 → 4\n.*golden update/s,
  });
  assert.deepEqual(readdirSync(join(file, '..')), ['goldens.json'], 'no temporary file is left');
});

test('3.0 in a file is 3', t => {
  const file = join(folder(t), 'goldens.json');
  writeFileSync(file, '{"step": {"score": 3.0, "small": 1e0}}');
  golden('step', { score: 3, small: 1 }, { file });
});

test('a golden that is missing is a failure that says what to do', t => {
  const file = join(folder(t), 'goldens.json');
  const missing = { code: 'PLIMSOLL_GOLDEN_MISSING', message: /golden update.*commit it/ };
  assert.throws(() => golden('first', 1, { file }), missing);
  golden('other', 1, { file, update: true });
  assert.throws(() => golden('first', 1, { file }), missing);
  assert.throws(() => golden('toString', 1, { file }), missing);
});

test('a file that is no golden file is refused, and stays as it is', t => {
  const file = join(folder(t), 'goldens.json');
  for (const text of ['{"a":', '[1]', 'null']) {
    writeFileSync(file, text);
    for (const update of [false, true])
      assert.throws(() => golden('a', 1, { file, update }), { code: 'PLIMSOLL_GOLDEN_FILE' });
    assert.equal(readFileSync(file, 'utf8'), text);
  }
});

test('a flow is compared name by name, and names of one side only are told', async t => {
  const root = folder(t);
  const file = join(root, 'goldens.json');
  const flow = (values: Record<string, unknown>) => ({
    file,
    rules: { values: HOST },
    run: async () => ({ values, paths: { '<runtime>': root } }),
  });
  const first = flow({ a: { at: `${root}/x`, size_bytes: 1 }, b: 1 });
  const none = await checkFlow(first);
  assert.deepEqual([none.found, none.names], [false, ['a', 'b']]);
  await updateFlow(first);
  assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')).a, { at: '<runtime>/x', size_bytes: '<size>' });
  assert.deepEqual((await checkFlow(first)).differences, []);
  const { differences } = await checkFlow(flow({ a: { at: `${root}/x`, size_bytes: 2, more: 1 }, c: 2 }));
  assert.deepEqual(
    differences.map(({ name, kind, path }) => [name, kind, path]),
    [
      ['a', 'added', '$.more'],
      ['b', 'removed', '$'],
      ['c', 'added', '$'],
    ],
  );
  await assert.rejects(updateFlow({ ...first, run: () => Promise.reject(new Error('no service')) }));
  assert.deepEqual((await checkFlow(first)).differences, []);
});

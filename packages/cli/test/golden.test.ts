import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { project, start } from './support.ts';

/** A flow whose answers stand in a file, so that a test can change them. */
const FLOW = `
import { readFileSync } from 'node:fs';
export default {
  file: new URL('./goldens.json', import.meta.url),
  rules: { values: [{ type: 'number', keys: ['at'], to: '<time>' }] },
  run: async () => ({
    values: JSON.parse(readFileSync(new URL('./answers.json', import.meta.url), 'utf8')),
    paths: { '<here>': import.meta.dirname },
  }),
};
`;

function flowFolder(t: TestContext) {
  const cwd = project(t);
  writeFileSync(join(cwd, 'flow.mjs'), FLOW);
  const answer = (answers: object) => writeFileSync(join(cwd, 'answers.json'), JSON.stringify(answers));
  const golden = (...words: string[]) => start(t, ['golden', ...words], { cwd }).ended;
  return { cwd, answer, golden };
}

test('golden update writes, check passes, and a change is named by answer and JSON path', async t => {
  const { cwd, answer, golden } = flowFolder(t);
  answer({ list: { items: [{ slot: 'a', at: 1 }], file: join(cwd, 'a.json') }, plain: 3 });

  const missing = await golden('check', 'flow.mjs');
  assert.equal(missing.code, 1);
  assert.match(missing.err, /plimsoll golden update flow\.mjs/);

  assert.equal((await golden('update', 'flow.mjs')).code, 0);
  const written = JSON.parse(readFileSync(join(cwd, 'goldens.json'), 'utf8'));
  assert.deepEqual(written.list, { file: '<here>/a.json', items: [{ at: '<time>', slot: 'a' }] });
  const passed = await golden('check', 'flow.mjs');
  assert.deepEqual([passed.code, passed.out], [0, 'goldens.json: 2 answers, as their goldens.\n']);

  answer({ list: { items: [{ slot: 'b', at: 'now' }], file: join(cwd, 'a.json') }, more: 1 });
  const failed = await golden('check', 'flow.mjs');
  assert.equal(failed.code, 1);
  assert.match(failed.out, /^list\n/);
  assert.match(failed.out, /changed {2}\$\.items\[0\]\.slot {2}"a" → "b"/);
  assert.match(failed.out, /changed {2}\$\.items\[0\]\.at {2}"<time>" → "now"/);
  assert.match(failed.out, /plain\n {2}removed {2}\$/);
  assert.match(failed.out, /more\n {2}added {4}\$/);
  const json = JSON.parse((await golden('check', 'flow.mjs', '--json')).out);
  assert.deepEqual([json.ok, json.differences.length], [false, 4]);

  assert.equal((await golden('update', 'flow.mjs')).code, 0);
  assert.equal((await golden('check', 'flow.mjs')).code, 0);
});

test('a flow that fails writes nothing and ends with 1; one that is none with 2', async t => {
  const { cwd, answer, golden } = flowFolder(t);
  answer({ a: 1 });
  await golden('update', 'flow.mjs');
  const before = readFileSync(join(cwd, 'goldens.json'), 'utf8');
  writeFileSync(join(cwd, 'answers.json'), '{');
  const failed = await golden('update', 'flow.mjs');
  assert.equal(failed.code, 1);
  assert.match(failed.err, /The flow flow\.mjs failed: SyntaxError/);
  assert.equal(readFileSync(join(cwd, 'goldens.json'), 'utf8'), before);

  writeFileSync(join(cwd, 'none.mjs'), 'export default { run() {} };');
  const none = await golden('check', 'none.mjs');
  assert.deepEqual([none.code, none.out], [2, '']);
  assert.match(none.err, /must export a flow by default/);
  assert.match((await golden('check', 'nowhere.mjs')).err, /There is no flow at .*nowhere\.mjs/);
  assert.equal((await golden('check', 'a', 'b')).code, 2);
});

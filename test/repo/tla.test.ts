import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { parse, ROOT, readTree } from './source.ts';
import { subpathsOf } from './surface.ts';

const PACKAGES = ['packages/wire', 'packages/privacy', 'packages/kit', 'packages/cli'];

test('no source that is published awaits at its top level', () => {
  const sources = parse(readTree(PACKAGES.map(folder => `${folder}/src`)));
  assert.ok(sources.length > 0);
  assert.deepEqual(
    sources.filter(({ topLevelAwait }) => topLevelAwait).map(({ path }) => path),
    [],
  );
});

test('an await at the top level is seen, and one inside a function is not', () => {
  const text = (body: string) => parse(new Map([['a.ts', body]]))[0]?.topLevelAwait;
  assert.equal(text('export const a = await import("node:fs");'), true);
  assert.equal(text('export const a = async () => { await Promise.resolve(); };'), false);
});

for (const { name } of PACKAGES.flatMap(subpathsOf)) {
  test(`require('${name}') works on the dist`, () => {
    const script = `console.log(Object.keys(require('${name}')).length)`;
    const out = execFileSync(process.execPath, ['--no-warnings', '--input-type=commonjs', '--eval', script], {
      cwd: ROOT,
      encoding: 'utf8',
      // `plimsoll/register` would write its lines.
      env: { ...process.env, OBS_ENABLED: 'false' },
    });
    assert.ok(Number(out) >= 0);
  });
}

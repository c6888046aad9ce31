import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { golden } from './golden.ts';
import { parse, ROOT, readTree } from './source.ts';
import { subpathsOf, surface } from './surface.ts';

const PACKAGES = ['packages/wire', 'packages/privacy', 'packages/kit', 'packages/cli'];
const subpaths = PACKAGES.flatMap(subpathsOf);
const sources = new Map(parse(readTree(PACKAGES.map(folder => `${folder}/src`))).map(one => [one.path, one]));

test('the names that each public subpath exports are those of the golden file', () => {
  const lines = [
    '# What each subpath exports. A change here is a change of the API: say it in CHANGELOG.md.',
    '# Regenerate: UPDATE_GOLDEN=1 npm test -- test/repo/exports.test.ts',
  ];
  for (const { name, source } of subpaths) {
    const names = [...surface(source, sources)].sort();
    assert.ok(names.length > 0, `${name} exports nothing`);
    lines.push('', `[${name}]`, ...names);
  }
  golden('test/repo/exports.golden.txt', `${lines.join('\n')}\n`);
});

test('a file in public/ holds names only, each exported by name', () => {
  const found = [...sources.values()]
    .filter(({ path }) => path.startsWith('packages/kit/src/public/'))
    .flatMap(({ path, tree }) =>
      tree.statements
        .map(statement => tree.text.slice(statement.pos, statement.end).trim())
        .filter(text => !/^(\/\*[\s\S]*?\*\/\s*|\/\/.*\s*)*(export (type )?\{|import )/.test(text))
        .map(text => `${path}: ${text.split('\n')[0]}`),
    );
  assert.deepEqual(found, []);
});

for (const { name, source, types, chunk } of subpaths) {
  test(`the dist of ${name} exports what its source says, and its types stand beside it`, async () => {
    assert.ok(existsSync(join(ROOT, types)), `${types} is missing`);
    const loaded: object = await import(pathToFileURL(join(ROOT, chunk)).href);
    const values = [...surface(source, sources)].filter(one => !one.startsWith('type ')).sort();
    assert.deepEqual(Object.keys(loaded).sort(), values);
  });
}

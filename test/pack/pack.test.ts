import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { packages, packed } from './packed.ts';

const OURS =
  /^(package\.json|README\.md|LICENSE|bin\/[\w-]+\.js|dist\/[\w/.-]+\.(js|d\.ts)|profiles\/\w+\.json)$/;
/** What a browser is served. */
const PAGE = /^dist\/ui\/[\w/.-]+\.(html|css|js|svg|woff2)$/;

for (const folder of packages) {
  test(`${basename(folder)} is clean for publint`, async () => {
    const { messages } = await publint({ pkgDir: folder, strict: true });
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    assert.deepEqual(
      messages.map(message => formatMessage(message, manifest)),
      [],
    );
  });

  test(`${basename(folder)} packs its dist and its pages, and no source, test or map of the machine`, async () => {
    const files = await packed(folder);
    const odd = files.filter(path => !OURS.test(path) && !PAGE.test(path));
    assert.deepEqual(odd, []);
    for (const path of ['package.json', 'README.md', 'LICENSE'])
      assert.ok(files.includes(path), `${path} is missing`);
    assert.ok(files.some(path => path.endsWith('.js')) && files.some(path => path.endsWith('.d.ts')));
  });
}

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { run } from '../src/main.ts';

interface Place {
  readonly root: string;
  call(...argv: string[]): Promise<{ code: number; out: string; error: string }>;
}

/** A folder of files, with everything that the commands write inside of it. */
function place(t: TestContext): Place {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-cli-assets-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const root = join(folder, 'assets');
  for (const [path, data] of [
    ['scenes/one.json', '{"a":1}'],
    ['images/sky.png', 'not really'],
    ['notes.txt', 'hello'],
    ['audio/deep/down/hum.ogg', 'hum'],
  ] as const) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), data);
  }
  return {
    root,
    async call(...argv) {
      const [out, error]: [string[], string[]] = [[], []];
      const output = {
        out: (text: string) => void out.push(text),
        error: (text: string) => void error.push(text),
      };
      const code = await run(['assets', ...argv, '--assets-dir', root], output);
      return { code, out: out.join(''), error: error.join('') };
    },
  };
}

const sidecars = (root: string) =>
  readdirSync(root, { recursive: true })
    .map(String)
    .filter(path => path.endsWith('.asset.json'))
    .sort();

test('rebuild from disk registers every file with what its place says, and is the same a second time', async t => {
  const { root, call } = place(t);
  const first = await call('rebuild', '--from-disk');
  assert.deepEqual([first.code, first.out], [0, 'rebuilt: 4 processed, 0 skipped, 0 removed\n'], first.error);
  assert.deepEqual(sidecars(root), []);
  assert.match((await call('rebuild', '--from-disk')).out, /4 processed, 0 skipped, 0 removed/);
  rmSync(join(root, 'notes.txt'));
  writeFileSync(join(root, 'images/sky.png'), 'repainted');
  assert.match(
    (await call('rebuild', '--from-disk', '--no-remove-stale')).out,
    /3 processed, 0 skipped, 0 removed/,
  );
  assert.match((await call('rebuild', '--from-disk')).out, /3 processed, 0 skipped, 2 removed/);
  assert.equal((await call('rebuild', '--enforce-sidecars')).code, 0);
  const hum = JSON.parse(readFileSync(join(root, 'audio/deep/down/hum.ogg.asset.json'), 'utf8'));
  assert.deepEqual([hum.type, hum.tags, hum.license], ['audio', ['audio', 'deep', 'down', 'hum'], 'unknown']);
  assert.deepEqual(
    [hum.meta.filesize_bytes, hum.meta.digest_sha256, hum.meta.seed < 2 ** 31],
    [3, hum.hash, true],
  );
});

test('the smoke check ends with 2 where there is nothing, or nothing of a type that must be there', async t => {
  const { root, call } = place(t);
  assert.equal((await call('rebuild', '--from-disk', '--smoke-type', 'scenes')).code, 0);
  const missing = await call('rebuild', '--from-disk', '--smoke-type', 'worlds');
  assert.deepEqual([missing.code, missing.error], [2, 'smoke check: there is no asset of the type worlds\n']);
  rmSync(root, { recursive: true });
  assert.equal((await call('rebuild', '--from-disk')).code, 2);
  assert.equal((await call('rebuild', '--from-disk', '--no-smoke')).code, 0);
});

test('rebuild without anything to do shows its help and ends with 1; the bare --enforce-sidecars repairs', async t => {
  const { root, call } = place(t);
  const bare = await call('rebuild');
  assert.equal(bare.code, 1);
  assert.match(bare.out, /--from-disk/);
  await call('rebuild', '--from-disk');
  const repaired = await call('rebuild', '--enforce-sidecars');
  assert.deepEqual(
    [repaired.code, repaired.out],
    [0, 'sidecars: 4 repaired, 0 missing; metadata: 0 with gaps, 0 filled\n'],
  );
  assert.equal(sidecars(root).length, 4);
});

test('a deleted sidecar is reported by a dry run that writes nothing and ends with 1, and written without it', async t => {
  const { root, call } = place(t);
  await call('rebuild', '--from-disk', '--enforce-sidecars', '--quiet');
  rmSync(join(root, 'scenes/one.json.asset.json'));
  const before = sidecars(root);
  const dry = await call('enforce', '--report', '--dry-run');
  assert.equal(dry.code, 1);
  assert.match(dry.out, /0 repaired, 1 missing[\s\S]*missing sidecar {2}[0-9a-f]{16}\n/);
  assert.deepEqual(sidecars(root), before);
  const json = await call('enforce', '--dry-run', '--json');
  const report = JSON.parse(json.out);
  assert.deepEqual(Object.keys(report), [
    'missing_sidecars',
    'repaired_sidecars',
    'metadata_missing',
    'metadata_fixed',
  ]);
  const wet = await call('enforce', '--report');
  assert.deepEqual([wet.code, wet.out.includes(`repaired sidecar ${report.missing_sidecars[0]}`)], [0, true]);
  assert.equal(sidecars(root).length, 4);
});

test('--overwrite writes sidecars that are there, and --fill-metadata fills gaps, which alone are no failure', async t => {
  const { root, call } = place(t);
  await call('rebuild', '--from-disk', '--enforce-sidecars');
  const path = join(root, 'notes.txt.asset.json');
  const before = readFileSync(path, 'utf8');
  writeFileSync(path, '{}');
  assert.equal((await call('enforce')).code, 0);
  assert.equal(readFileSync(path, 'utf8'), '{}');
  assert.equal((await call('enforce', '--overwrite')).code, 0);
  assert.equal(readFileSync(path, 'utf8'), before);
  assert.ok(statSync(path).isFile());
  const filled = await call('enforce', '--fill-metadata', '--dry-run');
  assert.equal(filled.code, 0);
});

test('quiet says nothing, an unknown flag is a wrong call', async t => {
  const { call } = place(t);
  assert.deepEqual(await call('rebuild', '--from-disk', '--quiet'), { code: 0, out: '', error: '' });
  assert.equal((await call('enforce', '--reprot')).code, 2);
});

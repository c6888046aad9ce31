import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse, ROOT, readTree } from './source.ts';

const FILE_LINES = 250;
const FUNCTION_LINES = 50;
/** Three, and then an options object. */
const PARAMETERS = 4;
/** A file that is longer, or holds a longer function, because that is simpler says so in its head. */
const REASON = /^(?:\s*(?:\/\/|\/\*\*?|\*)\s*)Long because .{10,}/m;

const folders = ['packages', 'examples', 'tools', 'test', 'bench'].filter(name =>
  existsSync(join(ROOT, name)),
);
const tree = readTree(folders);
const headOf = (path: string): string => (tree.get(path) ?? '').split('\n').slice(0, 12).join('\n');
const sources = parse(tree).filter(({ path }) => !REASON.test(headOf(path)));

test('a file stays under 250 lines, or its head says why not', () => {
  const long = sources.map(
    ({ path }) => [path, (tree.get(path) ?? '').trimEnd().split('\n').length] as const,
  );
  assert.ok(long.length > 50);
  assert.deepEqual(
    long.filter(([, lines]) => lines >= FILE_LINES),
    [],
  );
});

test('a function stays under 50 lines and four parameters, or the head of its file says why not', () => {
  const found = sources
    // A suite is a list of tests in one function.
    .filter(({ path }) => !/(^|\/)(test|testing\/contracts)\//.test(path))
    .flatMap(({ path, functions }) =>
      functions
        .filter(({ lines, parameters }) => lines >= FUNCTION_LINES || parameters > PARAMETERS)
        .map(({ line, lines, parameters }) => `${path}:${line} ${lines} lines, ${parameters} parameters`),
    );
  assert.deepEqual(found, []);
});

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}
const manifest = (path: string) =>
  JSON.parse(readFileSync(join(ROOT, path, 'package.json'), 'utf8')) as Manifest;

test('a package imports only what its manifest names, and pins what it depends on', () => {
  const root = manifest('.').devDependencies ?? {};
  const found: string[] = [];
  for (const folder of ['packages', 'examples'].flatMap(group =>
    readdirSync(group).map(name => `${group}/${name}`),
  )) {
    const { dependencies = {}, peerDependencies = {}, devDependencies = {} } = manifest(folder);
    for (const [name, version] of Object.entries(dependencies)) {
      if (!/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))
        found.push(`${folder}: ${name}@${version} is not pinned`);
    }
    for (const { path, imports } of sources) {
      if (!path.startsWith(`${folder}/src/`)) continue;
      for (const { target = 'node:', kind, line } of imports) {
        if (/^(\.|node:)/.test(target)) continue;
        const name = target.split('/', target.startsWith('@') ? 2 : 1).join('/');
        const inlined =
          folder.startsWith('packages/') && ['@plimsoll/wire', '@plimsoll/privacy'].includes(target);
        // The page is bundled when it is built, so what it is made of is no dependency of who installs it.
        const bundled = path.startsWith('packages/console/src/ui/') && name in devDependencies;
        const named =
          bundled ||
          name in dependencies ||
          name in peerDependencies ||
          inlined ||
          (kind === 'type' && name in root);
        if (!named) found.push(`${path}:${line} ${name}`);
      }
    }
  }
  assert.deepEqual(found, []);
});

test('the kit takes what Node fills late through `builtin`, and never imports it', () => {
  // An import reads every export once: of node:http that is undici and its WebSocket, 30 ms of everyone's start.
  const late = /^node:(?:http|https|http2|util|zlib)$/;
  const found = sources
    .filter(({ path }) => path.startsWith('packages/kit/src/'))
    .flatMap(({ path, imports }) =>
      imports
        .filter(({ kind, target = '' }) => kind !== 'type' && late.test(target))
        .map(({ line, target }) => `${path}:${line} ${target}`),
    );
  assert.deepEqual(found, []);
});

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { ERRORS } from '@plimsoll/wire';
import { ROOT } from './source.ts';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
/** What git tracks or would track: a file that nobody has added yet is judged too. */
const tracked = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\0')
  .filter(path => path !== '' && existsSync(join(ROOT, path)) && statSync(join(ROOT, path)).isFile());
const pages = tracked.filter(path => path.endsWith('.md'));

test('what is generated is fresh', () => {
  execFileSync(process.execPath, ['--conditions=plimsoll-source', 'tools/generate.ts', '--check'], {
    cwd: ROOT,
  });
});

test('the pages that a repository owes its reader exist', () => {
  const owed = ['README', 'ARCHITECTURE', 'CONTRIBUTING', 'CHANGELOG', 'SECURITY'].map(name => `${name}.md`);
  for (const path of [...owed, 'LICENSE', '.env.example', '.ci/run'])
    assert.ok(existsSync(join(ROOT, path)), path);
  assert.match(read('LICENSE'), /Apache License\s+Version 2\.0/);
  assert.match(read('CHANGELOG.md'), /^## Unreleased$/m);
});

test('every npm script that a page names exists', () => {
  const scripts = new Set(Object.keys(JSON.parse(read('package.json')).scripts));
  const named = pages.flatMap(path =>
    [...read(path).matchAll(/npm (?:run ([a-z:-]+)|(start|test))\b/g)].map(match => [
      path,
      match[1] ?? match[2] ?? '',
    ]),
  );
  assert.ok(named.length > 0);
  assert.deepEqual(
    named.filter(([, script]) => !scripts.has(script ?? '')),
    [],
  );
});

test('every relative link of every page leads to a file, and to a heading where it names one', () => {
  const broken: string[] = [];
  let links = 0;
  for (const page of pages) {
    const text = read(page).replaceAll(/```[\s\S]*?```/g, '');
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      links += 1;
      const [path = '', heading] = target.split('#');
      const file = path === '' ? page : join(dirname(page), path);
      if (!existsSync(join(ROOT, file))) broken.push(`${page}: ${target}`);
      else if (heading !== undefined && !headings(file).has(heading)) broken.push(`${page}: ${target}`);
    }
  }
  assert.ok(links > 0);
  assert.deepEqual(broken, []);
});

function headings(path: string): ReadonlySet<string> {
  const slug = (text: string) =>
    text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-');
  return new Set([...read(path).matchAll(/^#{1,6} (.+)$/gm)].map(match => slug(match[1] ?? '')));
}

test('every error code has its heading or row in the reference', () => {
  const page = read('docs/reference/errors.md');
  assert.deepEqual(
    Object.keys(ERRORS).filter(code => !page.includes(code)),
    [],
  );
});

test('no page or source names a path of the machine it was written on', () => {
  const here = [`${ROOT}/`, `${homedir()}/`];
  const found = textFiles().filter(path => {
    const text = read(path);
    return here.some(folder => text.includes(folder)) || CHECKOUT.test(text);
  });
  assert.deepEqual(found, []);
});

/** Where build machines keep a checkout; pages may show a home folder as an example. */
const CHECKOUT = /\/(?:work|builds|workspace)\/(?:main|shared)\b/;

/** Shapes of real credentials. Tests build theirs from halves, or carry the vendor's published example. */
const SECRETS: readonly RegExp[] = [
  /-----BEGIN (?:RSA |EC |OPENSSH |ENCRYPTED )?PRIVATE KEY-----\s+[A-Za-z0-9+/=\s]{300,}/,
  /\bAKIA(?!IOSFODNN7EXAMPLE)[0-9A-Z]{16}\b/,
  /\bnpm_[A-Za-z0-9]{36}\b/,
];

test('no secret is committed', () => {
  const found = textFiles().filter(
    path => !/(?:^|\/)test\//.test(path) && SECRETS.some(shape => shape.test(read(path))),
  );
  assert.deepEqual(found, []);
  const env = tracked.filter(path => /(^|\/)\.env(\.|$)/.test(path) && !path.endsWith('.env.example'));
  assert.deepEqual(env, []);
});

function textFiles(): readonly string[] {
  return tracked.filter(
    path =>
      /\.(ts|js|json|md|ya?ml|sh|sql|html|css)$|^\.ci\/run$|\.example$/.test(path) &&
      path !== 'package-lock.json',
  );
}

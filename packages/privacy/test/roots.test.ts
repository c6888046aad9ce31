import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COLUMNS, privacy } from './support/privacy.ts';

const ROOTS = [
  { name: 'home', path: '/home/anna' },
  { name: 'repo', path: '/srv/my app' },
  { name: 'runtime', path: '/srv/my app/run' },
];
const p = privacy({ roots: () => ROOTS });

test('a text of a dump names places by the folder that holds them, the nearest first', () => {
  const cases: Readonly<Record<string, string>> = {
    "ENOENT: open '/srv/my app/run/a.json'": "ENOENT: open '<runtime>/a.json'",
    'at f (file:///srv/my%20app/src/a.ts:3:4)': 'at f (<repo>/src/a.ts:3:4)',
    '/srv/my app': '<repo>',
    'in /srv/my app. Then': 'in <repo>. Then',
    '/home/anna/x and /home/bob/y': '<home>/x and <home>/y',
    '/Users/carl': '<home>',
    'C:\\Users\\carl\\x.txt': '<home>\\x.txt',
  };
  for (const [text, shown] of Object.entries(cases)) assert.equal(p.text(text, 'dumps'), shown);
});

test('what only looks like such a place is left as it is, and so is every other column', () => {
  for (const text of [
    '/srv/my apple/x',
    'https://example.org/home/x',
    '/usr/lib/node',
    'no path at all',
    'a/home/b',
  ]) {
    assert.equal(p.text(text, 'dumps'), text);
  }
  for (const column of COLUMNS.filter(one => one !== 'dumps' && one !== 'labels')) {
    assert.equal(p.text('/srv/my app/x', column), '/srv/my app/x');
  }
});

test('a locator of a dump is its place, or its shape where no folder holds it; names of fields are texts too', () => {
  assert.deepEqual(
    p.redact(
      { path: '/srv/my app/run/48213.png', cwd: '/opt/z', '/home/anna/x': { note: '/home/anna' } },
      'dumps',
    ),
    { path: '<runtime>/48213.png', cwd: 'z', '<home>/x': { note: '<home>' } },
  );
});

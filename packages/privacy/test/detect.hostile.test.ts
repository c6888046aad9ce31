import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NONE, parse, privacy } from './support/privacy.ts';

/** Pieces of everything that a detector looks for: repeated and mixed, they are the worst that it can meet. */
const PIECES = [
  ...[
    'a',
    '1',
    ' ',
    '-',
    '_',
    '.',
    '@',
    '%40',
    ':',
    '=',
    '/',
    '\\',
    '"',
    "'",
    '+',
    '(',
    ')',
    '[',
    '\n',
    '\u00e9',
  ],
  ...[
    'eyJ',
    'sk-',
    'r8_',
    'AKIA',
    'AIza',
    'ghp_',
    'xoxb-',
    'Bearer ',
    'basic ',
    'password=',
    '"token":"',
    '\\"api_key',
  ],
  ...[
    '-----BEGIN PRIVATE KEY-----',
    '-----BEGIN ',
    'http://',
    'https://a:b',
    '?x=1',
    '123456:',
    '4111 ',
    '+49 ',
  ],
  ...[
    '52.5243, ',
    '1.123,',
    'lat=',
    'user ',
    'users/',
    'a.b',
    'a@b.',
    '00000000-',
    '$$',
    '/*',
    '--',
    "E'",
    '(?)',
    ',?',
  ],
];
const LENGTH = 60_000;

const filled = (text: string) => text.repeat(Math.ceil(LENGTH / text.length)).slice(0, LENGTH);

test('a long run of any piece, or of any two, is looked at in time that grows with its length', () => {
  const p = privacy();
  for (const one of PIECES) {
    for (const text of [filled(one), `${filled(one)}\0`, `x${filled(one)}`]) {
      assert.equal(typeof p.text(text), 'string');
      p.sql(text);
      p.url(text);
      p.classify(text);
      parse(p.fields({ note: text, path: text, sql: text, stack: text, [text]: 1 }, NONE));
    }
  }
  for (const one of PIECES) for (const two of PIECES) p.text(filled(one + two).slice(0, 8192));
});

test('any mix of pieces gives text, and a second look finds nothing that the first left', () => {
  const p = privacy();
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }), pieces => {
      const text = pieces.join('');
      const clean = p.text(text);
      assert.equal(typeof clean, 'string');
      parse(p.fields({ note: text, nested: { [text]: text } }, NONE));
      p.sql(text);
    }),
    { numRuns: 2000 },
  );
});

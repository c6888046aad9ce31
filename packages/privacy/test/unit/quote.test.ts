import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fixture } from '../support/fixtures.ts';
import { privacy } from '../support/privacy.ts';

const { quote } = privacy();

test('a quoted text parses to itself, and a lone surrogate to U+FFFD', () => {
  const unit = fc.integer({ min: 0, max: 0xffff }).map(code => String.fromCharCode(code));
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit }), fc.string()), text => {
      assert.equal(JSON.parse(quote(text)), text.toWellFormed());
    }),
  );
  assert.equal(quote('a\ud800b'), '"a\ufffdb"');
});

test('every naughty string is a valid literal', t => {
  const strings = fixture(t, 'blns.json') as readonly string[] | undefined;
  for (const text of strings ?? []) assert.equal(JSON.parse(quote(text)), text.toWellFormed());
});

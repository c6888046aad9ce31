import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { blake2s, createHasher } from '@plimsoll/privacy';
import fc from 'fast-check';
import { fixture } from '../support/fixtures.ts';
import { KEY, privacy } from '../support/privacy.ts';

interface Answer {
  readonly in: string;
  readonly key: string;
  readonly out: string;
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

test('every reference answer of BLAKE2s comes out, with a key and without', t => {
  const answers = fixture(t, 'blake2s-kat.json') as readonly Answer[] | undefined;
  if (answers === undefined) return;
  assert.ok(answers.length >= 72);
  for (const answer of answers) {
    const key = Buffer.from(answer.key, 'hex');
    const digest = blake2s(Buffer.from(answer.in, 'hex'), answer.out.length / 2, key);
    assert.equal(hex(digest), answer.out, `in ${answer.in} key ${answer.key}`);
  }
});

test('without a key it is what OpenSSL computes, whatever the length of the input', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), data => {
      assert.equal(hex(blake2s(data, 32)), createHash('blake2s256').update(data).digest('hex'));
    }),
  );
});

/** Computed elsewhere, with a standard library; the key is bytes 00 to 1f. */
const VECTORS = [
  ['granite-42', undefined, '0482b9ae91048bda828e23c91ab1ebcf'],
  ['granite-42', 'zone', '4ec0780acf5e3266d0a9bf809f8e6157'],
  ['kit.lantern', 'asset_id', 'd4eae972f67b9cb04386c8a07fad0874'],
  ['naïve €', 'note.id', '8fdc89dbd2b81c93f6238e8c68dc9042'],
  ['bc', 'a', '61ba5f165c194692e09d12520cc4c74a'],
  ['c', 'ab', '61ba5f165c194692e09d12520cc4c74a'],
  ['someone@example.test', 'author_email', 'b8739782cb140560ab56498f4b840f95'],
  ['/srv/app/a.png', 'file.path', '2ceebc28be0eb94b6d2caaadb16ef42f'],
  ['boom', 'crash.message', 'ee7bef6cd2c14c36f54b1dd8222fed48'],
] as const;

test('in compatible mode the hash is the one of the hosts that came before', () => {
  const { hash } = privacy({ compatible: true });
  for (const [value, namespace, digest] of VECTORS) assert.equal(hash(value, namespace), digest);
});

test('by default a namespace is framed, so that a value cannot move into it', () => {
  const { hash } = privacy();
  assert.notEqual(hash('bc', 'a'), hash('c', 'ab'));
  assert.notEqual(hash('x', 'a'), hash('x', 'b'));
  assert.equal(hash('x', 'a'), hash('x', 'a'));
});

test('a number, its text and a bigint have one digest of 32 lower-case hex digits', () => {
  const { hash } = privacy();
  assert.equal(hash(48213, 'user_id'), hash('48213', 'user_id'));
  assert.equal(hash(48213n, 'user_id'), hash('48213', 'user_id'));
  assert.match(hash(48213, 'user_id'), /^[0-9a-f]{32}$/);
});

test('the hasher equals the plain function over its bytes, for texts of any length and script', () => {
  const joined = createHasher(KEY, { compatible: true });
  const text = fc.string({ unit: 'binary', maxLength: 300 });
  fc.assert(
    fc.property(text, fc.string({ unit: 'grapheme', maxLength: 90 }), (value, namespace) => {
      const bytes = new TextEncoder().encode(namespace + value);
      assert.equal(joined(value, namespace), hex(blake2s(bytes, 16, KEY)));
    }),
  );
});

test('another key gives other digests, and a key of no bytes or too many is refused', () => {
  const other = privacy({ key: new Uint8Array(32).fill(9) });
  assert.notEqual(other.hash('x'), privacy().hash('x'));
  assert.throws(() => createHasher(new Uint8Array(0)), RangeError);
  assert.throws(() => createHasher(new Uint8Array(33)), RangeError);
  assert.throws(() => blake2s(new Uint8Array(1), 33), RangeError);
});

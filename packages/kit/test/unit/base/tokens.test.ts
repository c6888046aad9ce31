import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { test } from 'node:test';
import { AdminTokens, tokenOf } from '../../../src/base/tokens.ts';

test('every configured token is accepted, blanks around them do not count', () => {
  const tokens = new AdminTokens([' first ', 'second', '', '  ']);
  assert.equal(tokens.configured, true);
  assert.equal(tokens.matches('first'), true);
  assert.equal(tokens.matches('second'), true);
  for (const wrong of ['', ' ', 'firs', 'first1', 'FIRST', 'first\0', 'ſecond']) {
    assert.equal(tokens.matches(wrong), false, JSON.stringify(wrong));
  }
  assert.equal(new AdminTokens(['', ' ']).configured, false);
  assert.equal(new AdminTokens([]).matches(''), false);
});

test('a guess is compared with every token by timingSafeEqual, on digests of one length', t => {
  const real = crypto.timingSafeEqual;
  const lengths: number[] = [];
  crypto.timingSafeEqual = (a, b) => {
    lengths.push(a.byteLength, b.byteLength);
    return real(a, b);
  };
  syncBuiltinESMExports();
  t.after(() => {
    crypto.timingSafeEqual = real;
    syncBuiltinESMExports();
  });
  const tokens = new AdminTokens(['one', 'a-much-longer-token']);
  for (const guess of ['one', 'onf', 'x', 'a-much-longer-token', 'y'.repeat(5000)]) tokens.matches(guess);
  assert.deepEqual(new Set(lengths), new Set([32]));
  assert.equal(lengths.length, 5 * 2 * 2);
});

test('the header decides where it is not blank, else the bearer', () => {
  const cases: [headers: Record<string, string>, token: string | undefined][] = [
    [{}, undefined],
    [{ 'x-admin-token': ' t ' }, 't'],
    [{ 'x-admin-token': '', authorization: 'Bearer b' }, 'b'],
    [{ 'x-admin-token': '   ', authorization: 'bearer  b ' }, 'b'],
    [{ 'x-admin-token': 'wrong', authorization: 'Bearer right' }, 'wrong'],
    [{ authorization: 'Basic dXNlcjpwYXNz' }, undefined],
    [{ authorization: 'Bearer' }, undefined],
    [{ authorization: 'Bearerb' }, undefined],
  ];
  for (const [headers, token] of cases)
    assert.equal(tokenOf(new Headers(headers)), token, JSON.stringify(headers));
});

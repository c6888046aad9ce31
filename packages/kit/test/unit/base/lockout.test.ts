import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lockout } from '../../../src/base/lockout.ts';

function make(): { lockout: Lockout; clock: { ms: number } } {
  const clock = { ms: 1_000_000 };
  return { lockout: new Lockout(() => clock.ms), clock };
}

function fail(lockout: Lockout, address: string | undefined, times: number): void {
  for (let i = 0; i < times; i += 1) lockout.wrong(address);
}

test('ten wrong tokens lock an address for sixty seconds', () => {
  const { lockout, clock } = make();
  fail(lockout, '10.0.0.1', 9);
  assert.equal(lockout.remaining('10.0.0.1'), 0);
  assert.equal(lockout.wrong('10.0.0.1'), true);
  assert.equal(lockout.remaining('10.0.0.1'), 60_000);
  assert.equal(lockout.remaining('10.0.0.2'), 0);
  clock.ms += 59_999;
  assert.equal(lockout.remaining('10.0.0.1'), 1);
  clock.ms += 1;
  assert.equal(lockout.remaining('10.0.0.1'), 0);
  assert.equal(lockout.wrong('10.0.0.1'), false);
});

test('wrong tokens that are spread over more than a minute lock nobody out', () => {
  const { lockout, clock } = make();
  for (let i = 0; i < 50; i += 1) {
    assert.equal(lockout.wrong('10.0.0.1'), false);
    clock.ms += 6700;
  }
});

test('an IPv4 address is one in both of its spellings, and an IPv6 network of 64 bits is one', () => {
  const { lockout } = make();
  fail(lockout, '::ffff:10.0.0.1', 5);
  fail(lockout, '10.0.0.1', 5);
  assert.ok(lockout.remaining('10.0.0.1') > 0);
  fail(lockout, '2001:db8:1:2::1', 5);
  fail(lockout, '2001:db8:1:2:ffff::9', 5);
  assert.ok(lockout.remaining('2001:db8:1:2::77') > 0);
  assert.equal(lockout.remaining('2001:db8:1:3::1'), 0);
});

test('peers without an address share one count', () => {
  const { lockout } = make();
  fail(lockout, undefined, 10);
  assert.ok(lockout.remaining(undefined) > 0);
});

test('a flood of addresses forgets the quietest and stays bounded', () => {
  const { lockout } = make();
  fail(lockout, '192.0.2.1', 10);
  for (let i = 0; i < 10_000; i += 1) lockout.wrong(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
  assert.equal(lockout.remaining('192.0.2.1'), 0);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { line, parse, privacy } from './support/privacy.ts';

const count = (length: number) => Array.from({ length }, (_, n) => n);
const object = (length: number) => Object.fromEntries(count(length).map(n => [`k${n}`, n]));

test('a list of ten is whole, and of eleven has ten and an ellipsis', () => {
  assert.deepEqual(line({ x: count(10) })['x'], count(10));
  assert.deepEqual(line({ x: count(11) })['x'], [...count(10), '…']);
  assert.deepEqual(line({ x: new Set(count(11)) })['x'], [...count(10), '…']);
});

test('a map of ten is whole, and of eleven says how many are missing', () => {
  assert.deepEqual(line({ x: object(10) })['x'], object(10));
  assert.deepEqual(line({ x: object(11) })['x'], { ...object(10), '…': '+1 keys' });
  assert.deepEqual(line({ x: new Map(Object.entries(object(13))) })['x'], { ...object(10), '…': '+3 keys' });
});

test('a text of 256 characters is whole, and of 257 has 256 and an ellipsis', () => {
  const text = 'ab '.repeat(100);
  assert.equal(line({ x: text.slice(0, 256) })['x'], text.slice(0, 256));
  assert.equal(line({ x: text.slice(0, 257) })['x'], `${text.slice(0, 256)}…`);
  const { x } = line({ x: [text] }) as { x: string[] };
  assert.equal(x[0], `${text.slice(0, 256)}…`);
});

test('a cut never halves a pair of surrogates', () => {
  assert.equal(line({ x: `${'a'.repeat(255)}💥b` })['x'], `${'a'.repeat(255)}…`);
});

test('a stack may have 8,192 characters and keeps its lines', () => {
  const error = new Error('x');
  error.stack = `Error: x\n${'    at f (/srv/a.js:1:2)\n'.repeat(1000)}`;
  const { err } = line({ err: error }) as { err: { stack: string } };
  assert.equal(err.stack, `${error.stack.slice(0, 8192)}…`);
  assert.equal(line({ stack: error.stack.slice(0, 8192) })['stack'], error.stack.slice(0, 8192));
  const attributes = privacy().attributes(
    { 'exception.stacktrace': error.stack, other: error.stack },
    'spans',
  );
  assert.equal(String(attributes['exception.stacktrace']).length, 8193);
  assert.equal(String(attributes['other']).length, 257);
});

test('a log call shows 64 fields and says how many more there were', () => {
  assert.equal(Object.keys(line(object(64))).length, 64);
  const cut = line(object(70));
  assert.equal(Object.keys(cut).length, 65);
  assert.equal(cut['…'], '+6 keys');
});

test('eight levels are shown', () => {
  let deep: unknown = 'bottom';
  for (let i = 0; i < 8; i++) deep = { d: deep };
  assert.ok(JSON.stringify(privacy().redact(deep, 'logs')).includes('bottom'));
  const deeper = JSON.stringify(privacy().redact({ d: deep }, 'logs'));
  assert.ok(!deeper.includes('bottom'));
  assert.ok(deeper.includes('[truncated]'));
});

test('a walk ends after a thousand nodes', () => {
  const wide = (depth: number): unknown => (depth === 0 ? 1 : count(10).map(() => wide(depth - 1)));
  const out = JSON.stringify(privacy().redact(wide(5), 'logs'));
  assert.ok(out.length < 5000, String(out.length));
  assert.ok(out.includes('[truncated]'));
  assert.ok(JSON.stringify(privacy().redact(wide(5), 'hooks')).length < 5000);
});

test('what a program reads keeps 64 items, what a person reads ten', () => {
  const p = privacy();
  for (const column of ['telemetry', 'hooks', 'dumps', 'echo'] as const) {
    assert.deepEqual(p.redact(object(64), column), object(64));
    assert.deepEqual(p.redact(object(65), column), { ...object(64), '…': '+1 keys' });
    assert.deepEqual(p.redact(count(65), column), [...count(64), '…']);
  }
  assert.deepEqual(p.redact(object(11), 'spans'), { ...object(10), '…': '+1 keys' });
});

test('an object of 10,000 keys and one that holds itself are bounded', () => {
  const big = object(10_000);
  assert.deepEqual(line({ big })['big'], { ...object(10), '…': '+9990 keys' });
  assert.equal(line(big)['…'], '+9936 keys');
  const self: Record<string, unknown> = { a: 1 };
  self['self'] = self;
  self['list'] = [self];
  assert.deepEqual(line({ self })['self'], { a: 1, self: '[circular]', list: ['[circular]'] });
  const shared = { s: 1 };
  assert.deepEqual(line({ a: shared, b: [shared, shared] }), { a: shared, b: [shared, shared] });
});

test('a walk starts afresh with every call', () => {
  const p = privacy();
  for (let i = 0; i < 2000; i++)
    assert.deepEqual(parse(p.fields({ x: { y: [i] } }, new Set())), { x: { y: [i] } });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { line, NONE, parse, privacy } from './support/privacy.ts';

test('fields come out in call order, as compact JSON', () => {
  const text = privacy().fields(
    { status: 201, method: 'POST', ok: true, none: null, gone: undefined, n: -0.5 },
    NONE,
  );
  assert.equal(text, ',"status":201,"method":"POST","ok":true,"none":null,"n":-0.5');
  assert.equal(privacy().fields({}, NONE), '');
});

test('a reserved name comes out beside the core field, not over it', () => {
  const fields = { msg: 'x', level: 1, mine: 2 };
  assert.deepEqual(parse(privacy().fields(fields, new Set(['msg', 'level']))), {
    extra_msg: 'x',
    extra_level: 1,
    mine: 2,
  });
});

test('values that JSON does not know are written as people expect', () => {
  const when = new Date('2026-11-23T10:00:00Z');
  const fields = {
    ...{ nan: Number.NaN, inf: Number.NEGATIVE_INFINITY, big: 10n, fn: function work() {}, sym: Symbol('s') },
    ...{
      when,
      never: new Date(Number.NaN),
      bytes: new Uint8Array(3),
      buffer: Buffer.from('abcd'),
      re: /a"b/g,
    },
    ...{
      map: new Map([['a', 1]]),
      set: new Set(['a']),
      hole: [undefined, null, 1],
      arrow: () => 0,
      link: new URL('http://a.org/'),
    },
  };
  assert.deepEqual(line(fields), {
    ...{ nan: 'NaN', inf: '-Infinity', big: '10', fn: '[function work]', sym: 'Symbol(s)' },
    ...{ when: '2026-11-23T10:00:00.000Z', never: 'Invalid Date', bytes: '[3 bytes]', buffer: '[4 bytes]' },
    ...{ re: '/a"b/g', map: { a: 1 }, set: ['a'], hole: [null, null, 1], arrow: '[function arrow]' },
    link: 'http://a.org/',
  });
});

test('an error is its type, message, stack and cause', () => {
  class OddError extends TypeError {
    override name = 'OddError';
    request = { headers: { authorization: 'marker' } };
  }
  const error = new OddError('no mail for anna@example.org', { cause: new Error('below') });
  const { err } = line({ err: error }) as { err: Record<string, unknown> };
  assert.deepEqual(Object.keys(err), ['type', 'message', 'stack', 'cause']);
  assert.equal(err['type'], 'OddError');
  assert.equal(err['message'], 'no mail for [email]');
  assert.match(String(err['stack']), /no mail for \[email\]\n\s+at /);
  assert.equal((err['cause'] as Record<string, unknown>)['message'], 'below');
});

test('names are escaped, cleaned and kept apart', () => {
  const out = line({
    'a"b\\c\n': 1,
    ['x'.repeat(400)]: 2,
    nested: { 'anna@example.org': 1, 'bert@example.org': 2 },
  });
  assert.equal(out['a"b\\c\n'], 1);
  assert.equal(out[`${'x'.repeat(256)}…`], 2);
  assert.deepEqual(out['nested'], { '[email]': 1, '[email]_2': 2 });
});

test('the name __proto__ is a name like any other', () => {
  const fields = JSON.parse('{"__proto__":{"polluted":1},"x":{"__proto__":{"polluted":1},"constructor":2}}');
  const text = privacy().fields(fields, NONE);
  assert.equal(text, ',"__proto__":{"polluted":1},"x":{"__proto__":{"polluted":1},"constructor":2}');
  const copy = privacy().redact(fields, 'logs') as object;
  assert.equal(Object.getPrototypeOf(copy), Object.prototype);
  assert.deepEqual(Object.keys(privacy().attributes(fields, 'spans')), ['__proto__', 'x']);
});

test('a lone surrogate is U+FFFD, deep in a field as well', () => {
  const out = line({ a: 'x\ud800', b: { c: ['y\udc00\\ud800'], ['k\ud800']: 1 } });
  assert.deepEqual(out, { a: 'x\ufffd', b: { c: ['y\ufffd\\ud800'], 'k\ufffd': 1 } });
});

test('what is handed in is neither changed nor kept', () => {
  const given = { user: { id: 1, name: 'x' }, list: [1, { token: 't' }], token: 'x' };
  const before = structuredClone(given);
  const out = privacy().redact(given, 'hooks') as typeof given;
  privacy().fields(given, NONE);
  assert.deepEqual(given, before);
  assert.notEqual(out.list, given.list);
  const wide = Object.fromEntries(
    Array.from({ length: 30 }, (_, n) => [`k${n}`, n === 9 ? 'a@example.org' : n]),
  );
  assert.equal((privacy().redact(wide, 'hooks') as Record<string, unknown>)['k9'], '[email]');
  assert.equal(wide['k9'], 'a@example.org');
});

test('symbols and inherited names are not copied', () => {
  const parent = { inherited: 'x' };
  const many = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`k${n}`, n]));
  const held = Object.assign(Object.create(parent), many, { [Symbol('s')]: 'x' });
  const copy = privacy().redact(held, 'hooks') as object;
  assert.deepEqual(copy, many);
  assert.deepEqual(Object.getOwnPropertySymbols(copy), []);
});

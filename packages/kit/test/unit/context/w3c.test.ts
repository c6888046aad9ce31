import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  formatBaggage,
  formatTraceparent,
  parseBaggage,
  parseTraceparent,
  parseTracestate,
} from '../../../src/signals/context/w3c.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const VALID = `00-${TRACE}-${SPAN}-01`;

const hex = (length: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length })
    .map(digits => digits.join(''));

describe('traceparent', () => {
  const read: [string, string, number][] = [
    ['sampled', VALID, 1],
    ['not sampled', `00-${TRACE}-${SPAN}-00`, 0],
    ['random', `00-${TRACE}-${SPAN}-03`, 3],
    ['flags that are not known yet', `00-${TRACE}-${SPAN}-ff`, 3],
    ['a later version, read as 00', `01-${TRACE}-${SPAN}-01`, 1],
    ['a later version with more behind it', `cc-${TRACE}-${SPAN}-01-what-the-future-will-be-like`, 1],
    ['a later version with an empty field', `cc-${TRACE}-${SPAN}-01-`, 1],
  ];
  for (const [name, header, flags] of read) {
    test(`is read: ${name}`, () => {
      assert.deepEqual(parseTraceparent(header), { traceId: TRACE, spanId: SPAN, flags });
    });
  }

  const refused: [string, unknown][] = [
    ['nothing', undefined],
    ['an empty header', ''],
    ['a list of two', [VALID, VALID]],
    ['two headers joined', `${VALID}, ${VALID}`],
    ['two of a later version joined', `01-${TRACE}-${SPAN}-01, 01-${TRACE}-${SPAN}-01`],
    ['version ff', `ff-${TRACE}-${SPAN}-01`],
    ['a version of letters', `zz-${TRACE}-${SPAN}-01`],
    ['a version of one digit', `0-${TRACE}-${SPAN}-01`],
    ['a zero trace id', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a zero span id', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['upper case', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['an upper-case span id', `00-${TRACE}-${'00F067AA0BA902B7'}-01`],
    ['upper-case flags', `00-${TRACE}-${SPAN}-0A`],
    ['a short trace id', `00-${TRACE.slice(1)}-${SPAN}-01`],
    ['a long trace id', `00-${TRACE}0-${SPAN}-01`],
    ['a long span id', `00-${TRACE}-${SPAN}0-01`],
    ['flags of one digit', `00-${TRACE}-${SPAN}-1`],
    ['version 00 with more behind it', `${VALID}-extra`],
    ['version 00 with a dash behind it', `${VALID}-`],
    ['a later version without a dash', `01-${TRACE}-${SPAN}-01extra`],
    ['blanks around it', ` ${VALID}`],
    ['a blank behind it', `${VALID} `],
    ['other separators', VALID.replaceAll('-', '_')],
    ['letters that are no digits', `00-${'g'.repeat(32)}-${SPAN}-01`],
    ['full-width digits', `00-${'\uff11'.repeat(32)}-${SPAN}-01`],
    ['a megabyte', '0'.repeat(1 << 20)],
    ['a number', 1],
  ];
  for (const [name, header] of refused) {
    test(`is refused: ${name}`, () => assert.equal(parseTraceparent(header), undefined));
  }

  test('comes back as it was written', () => {
    const ids = fc.record(
      {
        traceId: hex(32).filter(id => /[1-9a-f]/.test(id)),
        spanId: hex(16).filter(id => /[1-9a-f]/.test(id)),
        flags: fc.integer({ min: 0, max: 3 }),
      },
      { noNullPrototype: true },
    );
    fc.assert(fc.property(ids, one => assert.deepEqual(parseTraceparent(formatTraceparent(one)), one)));
  });

  test('is never read from other text, and never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: 'binary', minLength: 55, maxLength: 60 })),
        text => {
          const parsed = parseTraceparent(text);
          assert.ok(parsed === undefined || /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}/.test(text));
        },
      ),
    );
  });
});

describe('tracestate', () => {
  const members = (count: number) => Array.from({ length: count }, (_, n) => `k${n}=v`);
  const cases: [string, unknown, string | undefined][] = [
    ['one member', 'a=1', 'a=1'],
    ['several, with white space and empty members', ' a=1\t, ,b=2 ,,', 'a=1,b=2'],
    ['several headers', ['a=1', 'b=2'], 'a=1,b=2'],
    ['a key that begins with a digit', '0a=1', '0a=1'],
    ['every character of a key', 'a_-*/@z=1', 'a_-*/@z=1'],
    ['a tenant', 'fw529a3039@dt=FfAxfWAKAQ', 'fw529a3039@dt=FfAxfWAKAQ'],
    ['a key of 256', `${'k'.repeat(256)}=1`, `${'k'.repeat(256)}=1`],
    ['a key of 257', `${'k'.repeat(257)}=1`, undefined],
    ['an upper-case key', 'A=1', undefined],
    ['a key that begins with @', '@a=1', undefined],
    ['a key with a blank', 'a b=1', undefined],
    ['a blank before the sign', 'a =1', undefined],
    ['no key', '=1', undefined],
    ['no sign', 'a', undefined],
    ['an empty value', 'a=', undefined],
    ['a blank inside a value', 'a=1 2', 'a=1 2'],
    ['a blank at the start of a value', 'a= 1', 'a= 1'],
    ['a second sign', 'a=1=2', undefined],
    ['a value of 256', `a=${'v'.repeat(256)}`, `a=${'v'.repeat(256)}`],
    ['a value of 257', `a=${'v'.repeat(257)}`, undefined],
    ['a control character', 'a=1\u0001', undefined],
    ['non-ASCII', 'a=ü', undefined],
    ['a key twice', 'a=1,b=2,a=3', undefined],
    ['32 members', members(32).join(','), members(32).join(',')],
    ['33 members', members(33).join(','), undefined],
    ['one bad member among good ones', 'a=1,B=2', undefined],
    ['nothing', '', undefined],
    ['white space only', ' , ', undefined],
    ['not text', 7, undefined],
  ];
  for (const [name, header, expected] of cases) {
    test(`${name}: ${expected === undefined ? 'refused' : 'read'}`, () => {
      assert.equal(parseTracestate(header), expected);
    });
  }

  test('over 512 characters loses its longest members first, then those at its end', () => {
    const long = `long=${'x'.repeat(200)}`;
    const short = Array.from({ length: 8 }, (_, n) => `s${n}=${'y'.repeat(100)}`);
    const kept = parseTracestate([long, ...short].join(',')) as string;
    assert.ok(kept.length <= 512);
    assert.equal(kept, short.slice(0, 4).join(','));
  });

  test('is what a second reader reads too, and safe in a header', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab0@=, \t;"\u0000é\n') }), text => {
        const once = parseTracestate(text);
        if (once === undefined) return;
        assert.equal(parseTracestate(once), once);
        assert.match(once, /^[\x20-\x7e]+$/);
      }),
    );
  });

  test('of white space takes no longer than its length', () => {
    assert.equal(parseTracestate(`a=1${' '.repeat(16_000)}b`), undefined);
    assert.equal(parseTracestate(`${' '.repeat(16_000)}a=1`), 'a=1');
  });
});

describe('baggage', () => {
  const read = (header: unknown) => Object.fromEntries(parseBaggage(header) ?? []);

  test('is read with properties, percent-encoding and white space', () => {
    assert.deepEqual(read('a=1, b = %C3%BC%20x ;p=1;q,c=;p'), {
      a: { value: '1' },
      b: { value: 'ü x', metadata: 'p=1;q' },
      c: { value: '', metadata: 'p' },
    });
    assert.deepEqual(read(['a=1', 'b=2']), { a: { value: '1' }, b: { value: '2' } });
  });

  test('keeps its valid members where others are not', () => {
    const bad = ['=1', 'a', 'b c=1', 'd=1 2', 'e="q"', 'f=\u0001', 'g=ü', 'h=1;\r\nx-evil: 1', '(=1'];
    assert.deepEqual(read(`${bad.join(',')},ok=1`), { ok: { value: '1' } });
  });

  test('whose encoding is broken keeps its text', () => {
    assert.deepEqual(read('a=%E0%A4%A'), { a: { value: '%E0%A4%A' } });
  });

  test('has at most 64 members and 8,192 characters', () => {
    const many = Array.from({ length: 100 }, (_, n) => `k${n}=v`).join(',');
    assert.equal(parseBaggage(many)?.size, 64);
    assert.equal(parseBaggage(`a=${'x'.repeat(8190)}`)?.size, 1);
    assert.equal(parseBaggage(`a=${'x'.repeat(8191)}`), undefined);
    const written = formatBaggage(
      new Map(Array.from({ length: 100 }, (_, n) => [`k${n}`, { value: 'é'.repeat(100) }])),
    );
    assert.ok(written.length <= 8192 && written.split(',').length <= 64);
  });

  test('comes back as it was written, and is ASCII on the wire', () => {
    const key = fc.string({
      unit: fc.constantFrom(..."abzAZ09!#$%&'*+-.^_`|~"),
      minLength: 1,
      maxLength: 20,
    });
    const value = fc.string({ unit: 'grapheme', maxLength: 20 });
    fc.assert(
      fc.property(fc.dictionary(key, value, { maxKeys: 20 }), entries => {
        const baggage = new Map(Object.entries(entries).map(([name, text]) => [name, { value: text }]));
        const header = formatBaggage(baggage);
        assert.match(header, /^[\x21-\x7e]*$/);
        assert.deepEqual(parseBaggage(header) ?? new Map(), baggage);
      }),
    );
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { age, attributes, bytes, duration, number, share, sparkline, time } from '../../src/output/format.ts';
import { printable, table } from '../../src/output/table.ts';

test('durations take the unit that a person would', () => {
  const cases = [
    [0, '0 µs'],
    [0.0123, '12.3 µs'],
    [1, '1 ms'],
    [12.345, '12.3 ms'],
    [999.6, '1000 ms'],
    [1500, '1.5 s'],
    [200_000, '3 min 20 s'],
  ] as const;
  for (const [ms, text] of cases) assert.equal(duration(ms), text);
  assert.equal(age(0), '0 s');
  assert.equal(age(90_000_000), '1 d 1 h');
});

test('sizes, shares and numbers have three digits that count', () => {
  assert.equal(bytes(0), '0 B');
  assert.equal(bytes(1536), '1.5 KiB');
  assert.equal(bytes(123_456_789), '118 MiB');
  assert.equal(share(0.0123), '1.23 %');
  assert.equal(number(1234.5), '1235');
  assert.equal(number(12_345_678), '12345678');
  assert.equal(number(0.000_123_4), '0.000123');
  assert.equal(number(Number.NaN), 'NaN');
});

test('a time that no calendar has is shown as it came', () => {
  assert.equal(time(0), '1970-01-01T00:00:00.000Z');
  assert.equal(time(1e300), '1e+300');
});

test('fields are words, quoted where a space or a quote would tear them', () => {
  assert.equal(
    attributes({ a: 'x', b: 'two words', c: '', d: 1, e: [true] }),
    'a=x b="two words" c="" d=1 e=[true]',
  );
});

test('a line over time has a bar for each value, and a gap where there is none', () => {
  assert.equal(sparkline([0, null, 4, 8]), '▁ ▅█');
  assert.equal(sparkline([null, null]), '  ');
  assert.equal(sparkline([-4, 0]), '▁█');
});

test('a table has no control character and no turned text of a stranger, and no line is torn', () => {
  const rows = [
    ['HEAD', 'B'],
    ['\u001b[31mred\u202e', 'a\nb\tc'],
  ];
  assert.equal(table(rows), 'HEAD                 B\n\\u001b[31mred\\u202e  a\\nb c');
  assert.equal(printable('plain, ünïcödé, 你好'), 'plain, ünïcödé, 你好');
});

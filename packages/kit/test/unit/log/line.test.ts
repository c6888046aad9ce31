import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { renderMillis, Timestamp } from '../../../src/signals/log/line.ts';

test('a timestamp is the ISO time of its millisecond, and never goes back within a second', () => {
  const clock = new Timestamp();
  fc.assert(
    fc.property(fc.double({ min: 0, max: 4e12, noNaN: true }), ms => {
      const text = clock.render(ms);
      assert.match(text, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/);
      // The fraction is cut to the microsecond, and a double holds a quarter of one.
      const micros = Date.parse(`${text.slice(0, 19)}Z`) * 1000 + Number(text.slice(20, 26));
      assert.ok(ms * 1000 - micros < 1.5 && ms * 1000 - micros > -0.5, `${ms} ${text}`);
    }),
  );
});

test('a duration is a JSON number with three decimals', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), ms => {
      const text = renderMillis(ms);
      assert.match(text, /^\d+\.\d{3}$/);
      assert.ok(Math.abs(Number(text) - ms) <= 0.0006, `${ms} ${text}`);
    }),
  );
  for (const odd of [Number.NaN, -1, Number.POSITIVE_INFINITY, 1e10, -0]) {
    const text = renderMillis(odd);
    assert.ok(odd === Number.POSITIVE_INFINITY || Number.isFinite(JSON.parse(text)), `${odd} ${text}`);
  }
});

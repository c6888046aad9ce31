import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Attributes, type AttributeValue, ByteWriter, encodeAttributes } from '@plimsoll/wire';
import fc from 'fast-check';

const hexOf = (w: ByteWriter): string => Buffer.from(w.take()).toString('hex');

/** Few names, few values, in few orders: what one call says is often how the one before it began. */
const key = fc.constantFrom('a', 'b', 'http.route', 'näme', 'items');
const value: fc.Arbitrary<AttributeValue | undefined> = fc.constantFrom(
  ...[0, -0, 1, 200, 70_000, 1.5, Number.NaN, true, false, '', 'GET', 'é', 'x'.repeat(200), 7n, null],
  undefined,
  ['GET'],
);
const calls = fc.array(
  fc.record({
    attributes: fc.array(fc.tuple(key, value), { maxLength: 6 }).map(entries => Object.fromEntries(entries)),
    field: fc.constantFrom(9, 6, 17),
    times: fc.integer({ min: 1, max: 4 }),
  }),
  { minLength: 2, maxLength: 20 },
);

test('what a writer wrote before never changes what it writes', () => {
  fc.assert(
    fc.property(calls, list => {
      const used = new ByteWriter();
      for (const { attributes, field, times } of list) {
        for (let time = 0; time < times; time++) {
          const fresh = new ByteWriter();
          encodeAttributes(fresh, field, attributes as Attributes);
          used.reset();
          encodeAttributes(used, field, attributes as Attributes);
          assert.equal(hexOf(used), hexOf(fresh));
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('a row of attributes that was alike again and again is left, shortened and found anew', () => {
  const w = new ByteWriter();
  const rows: Attributes[] = [
    ...Array.from({ length: 5 }, (_, n) => ({ method: 'GET', status: 200, cached: true, items: n })),
    { method: 'GET', status: 404, cached: true, items: 1 },
    { method: 'GET', status: 200 },
    { method: 'GET' },
    { method: 'POST', status: 200, cached: true, items: 1 },
    ...Array.from({ length: 20 }, (_, n) => ({ method: n % 2 === 0 ? 'GET' : 'PUT', status: 200, items: n })),
    { status: 200, method: 'GET' },
  ];
  for (const row of rows) {
    const fresh = new ByteWriter();
    encodeAttributes(fresh, 9, row);
    w.reset();
    encodeAttributes(w, 9, row);
    assert.equal(hexOf(w), hexOf(fresh), JSON.stringify(row));
  }
});

test('names that an instance of a class inherits are not its attributes', () => {
  class Given {
    own = 'x';
    readonly other = 1;
  }
  Object.defineProperty(Given.prototype, 'inherited', { value: 'y', enumerable: true });
  const [given, plain] = [new ByteWriter(), new ByteWriter()];
  for (let time = 0; time < 4; time++) encodeAttributes(given, 9, new Given() as unknown as Attributes);
  for (let time = 0; time < 4; time++) encodeAttributes(plain, 9, { own: 'x', other: 1 });
  assert.equal(hexOf(given), hexOf(plain));
});

test('a longer prototype of all objects adds no attributes', t => {
  const [before, after] = [new ByteWriter(), new ByteWriter()];
  for (let time = 0; time < 4; time++) encodeAttributes(before, 9, { own: 'x', other: 1 });
  Object.defineProperty(Object.prototype, 'planted', { value: 'y', enumerable: true, configurable: true });
  t.after(() => delete (Object.prototype as { planted?: unknown }).planted);
  for (let time = 0; time < 4; time++) encodeAttributes(after, 9, { own: 'x', other: 1 });
  assert.equal(hexOf(after), hexOf(before));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fixture } from './support/fixtures.ts';
import { COLUMNS, NONE, parse, privacy } from './support/privacy.ts';

const boom = () => {
  throw new Error('boom');
};
const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

/** Values that bite whoever touches them. */
function bites(): readonly unknown[] {
  const error = new Error('x');
  Object.defineProperty(error, 'message', { get: boom });
  const endless: Record<string, unknown> = { toJSON: () => ({ ...endless }) };
  const tagged = {
    get [Symbol.toStringTag]() {
      return boom();
    },
  };
  const lying = new Proxy(
    {},
    {
      ownKeys: () => ['a', 'b'],
      getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: 1 }),
      get: boom,
    },
  );
  const fn = () => 0;
  Object.defineProperty(fn, 'name', { value: { toString: boom } });
  const date = new Date();
  date.toISOString = boom;
  const list: unknown[] = [1];
  Object.defineProperty(list, 1, { get: boom, enumerable: true });
  list[Symbol.iterator] = boom;
  const grown = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`k${n}`, n]));
  Object.defineProperty(grown, 'k5', { get: boom, enumerable: true });
  return [
    {
      get a() {
        return boom();
      },
      b: 1,
    },
    ...[
      { toJSON: boom },
      {
        get toJSON() {
          return boom();
        },
      },
      endless,
      tagged,
      lying,
      revoked(),
      error,
      fn,
      date,
      list,
      grown,
    ],
    ...[new Proxy([], { get: boom }), new Proxy({}, { ownKeys: boom }), new Proxy(fn, { get: boom })],
    ...[
      Object.create(null),
      new Proxy(new Error('x'), { getPrototypeOf: boom }),
      new Map([[{ toString: boom }, 1]]),
    ],
    ...[
      { __proto__: null, constructor: 1 },
      new WeakMap(),
      Promise.resolve(1),
      new (class {
        #x = 1;
        get x() {
          return this.#x;
        }
      })(),
    ],
    ...[
      Object(Symbol('x')),
      Object(1n),
      new Date(8.64e15 + 1),
      new Array(3),
      new Array(1e9),
      globalThis,
      process.versions,
    ],
  ];
}

/** The same value under a name of every class, and below one. */
function names(value: unknown): Record<string, unknown> {
  const keys = ['user', 'token', 'body', 'geo', 'path', 'sql', 'device', 'stack', 'size_ms', 'err'];
  return {
    ...Object.fromEntries(keys.map(key => [key, value])),
    deep: { user: { body: value, paths: [value] } },
  };
}

test('nothing that a value does comes back at the caller, and every output is JSON', () => {
  const p = privacy();
  for (const value of bites()) {
    const held = { value, list: [value], ...names(value), after: 1 };
    const out = parse(p.fields(held, NONE));
    assert.equal(out['after'], 1);
    for (const column of COLUMNS) {
      JSON.stringify(p.redact(value, column));
      JSON.stringify(p.redact(held, column));
      p.attributes(held, column);
      if (typeof value === 'object' || typeof value === 'function') p.attributes(value as object, column);
    }
    if (typeof value === 'object' || typeof value === 'function') parse(p.fields(value as object, NONE));
  }
});

test('an unreadable field says so, and its neighbours stay', () => {
  const out = parse(
    privacy().fields(
      {
        get a() {
          return boom();
        },
        b: 1,
        c: {
          get d() {
            return boom();
          },
          e: 2,
        },
      },
      NONE,
    ),
  );
  assert.deepEqual(out, { a: '[unreadable]', b: 1, c: { d: '[unreadable]', e: 2 } });
});

test('whatever is logged, the line is one valid JSON object without a line feed', () => {
  const p = privacy();
  const unit = fc.integer({ min: 0, max: 0xffff }).map(code => String.fromCharCode(code));
  const anything = fc.anything({
    key: fc.oneof(
      fc.string({ unit }),
      fc.constantFrom('token', 'body', 'user', 'lat', 'path', 'sql', '__proto__', 'toJSON'),
    ),
    ...{
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withSparseArray: true,
    },
    ...{ withObjectString: true, withNullPrototype: true, withBoxedValues: true, withUnicodeString: true },
  });
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit }), anything), anything, (fields, value) => {
      const text = p.fields(fields, NONE) + p.fields({ value }, NONE);
      assert.ok(!text.includes('\n'));
      JSON.parse(`{"a":0${text}}`);
      for (const column of COLUMNS) JSON.stringify(p.redact(value, column));
      p.attributes(fields, 'spans');
    }),
    { numRuns: 300 },
  );
});

test('every naughty string passes as a value, a name and an error', t => {
  const strings = fixture(t, 'blns.json') as readonly string[] | undefined;
  const p = privacy();
  for (const text of strings ?? []) {
    const out = parse(p.fields({ note: text, nested: { [text]: [text] }, err: new Error(text) }, NONE));
    assert.ok('note' in out && 'nested' in out && 'err' in out);
    parse(p.fields({ [text]: text }, new Set([text])));
    for (const column of COLUMNS) p.redact({ [text]: text }, column);
    p.attributes({ [text]: text }, 'spans');
    p.url(text);
    p.sql(text);
    p.classify(text);
    p.hash(text, text);
  }
});

test('a name never seen before is judged, however many there are', () => {
  const p = privacy();
  for (let i = 0; i < 10_000; i++) {
    assert.equal(p.fields({ [`password_${i}`]: 'x' }, NONE), `,"password_${i}":"[redacted]"`);
  }
});

test('a getter that logs does not loosen the bounds of the walk that it is in', () => {
  const p = privacy();
  let calls = 0;
  const chatty = (depth: number): unknown =>
    Array.from({ length: 10 }, () => ({
      get note() {
        calls += 1;
        p.redact({ x: calls }, 'logs');
        return depth === 0 ? 1 : chatty(depth - 1);
      },
    }));
  assert.ok(JSON.stringify(p.redact(chatty(3), 'logs')).includes('[truncated]'));
  assert.ok(calls < 1100, String(calls));
  assert.deepEqual(p.redact({ fresh: [1] }, 'logs'), { fresh: [1] });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { setMember } from '../../../src/config/json-edit.ts';

test('a value is put in the place of the old one, and nothing else moves', () => {
  const text = '{ "a" : {"b":1.50, "c" : [ "}", {"b": 2} ]},"b":0 }';
  assert.equal(setMember(text, ['a', 'b'], true), text.replace('1.50', 'true'));
  assert.equal(setMember(text, ['b'], 'x'), text.replace('"b":0', '"b":"x"'));
});

test('a new member stands as the one before it does', () => {
  assert.equal(
    setMember('{\n    "f": {\n        "a": 1\n    }\n}\n', ['f', 'b'], 2),
    '{\n    "f": {\n        "a": 1,\n        "b": 2\n    }\n}\n',
  );
  assert.equal(setMember('{}', ['f', 'b'], 2), '{\n  "f": {\n    "b": 2\n  }\n}');
  assert.equal(setMember('\ufeff{"a":1}', ['a'], 2), '\ufeff{"a":2}');
  assert.equal(setMember('{"a":1,"a":2}', ['a'], 3), '{"a":1,"a":3}', 'readers take the last of two');
});

test('whatever the document and the names are, it parses to the same with that one member set', () => {
  const spaces = fc.constantFrom(undefined, 2, 4, '\t');
  const document = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), {
    maxKeys: 5,
    noNullPrototype: true,
  });
  fc.assert(
    fc.property(document, fc.string(), fc.jsonValue(), spaces, (content, key, value, space) => {
      const text = JSON.stringify({ ...content, block: { ...content } }, null, space);
      const after = JSON.parse(setMember(text, ['block', key], value)) as Record<string, unknown>;
      const expected = JSON.parse(text) as { block: object };
      Object.defineProperty(expected.block, key, {
        ...{ value, enumerable: true, configurable: true, writable: true },
      });
      assert.deepEqual(after, JSON.parse(JSON.stringify(expected)));
    }),
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AttributeValue, decodeTraces, encodeTraces, type SpanRecord } from '@plimsoll/wire';
import fc from 'fast-check';
import { Cleaner } from '../../src/receiver/clean.ts';
import { type SpanBatch, toBatch } from '../../src/store/span-batch.ts';
import { privacy } from '../support/receiving.ts';

/** Names that the policy treats in every way that it has, and values that it finds things in. */
const NAMES = [
  ...[
    'http.route',
    'url.path',
    'http.response.status_code',
    'http.status_code',
    'user.id',
    'email',
    'password',
  ],
  ...['http.request.header.authorization', 'db.query.text', 'enduser.id', 'ip', 'net.peer.ip', 'url.full'],
  ...['lat', 'card', 'a', 'ä€', '__proto__', 'constructor', '1', '', 'x'.repeat(70)],
];
const TEXTS = [
  ...['/users/:id', '/users/123', 'anna@example.org', 'Bearer abc.def', '4111 1111 1111 1111', '', 'größe'],
  ...['https://u:p@h.example/x?token=1', "SELECT * FROM t WHERE a = 'x'", 'quote " and \\', 'y'.repeat(300)],
];
const value: fc.Arbitrary<AttributeValue> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...TEXTS) },
  fc.string({ unit: 'binary' }),
  fc.constantFrom<AttributeValue>(
    0,
    -1,
    7,
    200,
    503,
    1e9,
    4111111111111111,
    2n ** 62n,
    0.5,
    -0,
    true,
    false,
    null,
  ),
  fc.constantFrom<AttributeValue>(['a', 'b'], { n: { m: 1 } }, new Uint8Array([1, 2])),
);
const attributes = fc.dictionary(
  fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...NAMES) }, fc.string()),
  value,
  { maxKeys: 6 },
);
const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`));
const span: fc.Arbitrary<SpanRecord> = fc.record(
  {
    kind: fc.constant('span' as const),
    traceId: fc.oneof({ weight: 6, arbitrary: hex(32) }, fc.constantFrom('0'.repeat(32), 'ab')),
    spanId: fc.oneof({ weight: 6, arbitrary: hex(16) }, fc.constant('0'.repeat(16))),
    parentSpanId: hex(16),
    parentRemote: fc.boolean(),
    traceState: fc.constantFrom('a=b', 'user=anna@example.org'),
    flags: fc.constantFrom(0, 1),
    name: fc.constantFrom('GET /users/:id', 'mail to anna@example.org', '', 'n'.repeat(200)),
    spanKind: fc.constantFrom('internal' as const, 'server' as const, 'client' as const, 'consumer' as const),
    startTime: fc.integer({ min: 0, max: 2e12 }),
    endTime: fc.integer({ min: 0, max: 2e12 }),
    attributes,
    events: fc.array(
      fc.record({ name: fc.constantFrom('x', 'to anna@example.org'), time: fc.nat(), attributes }),
      {
        maxLength: 1,
      },
    ),
    links: fc.array(fc.record({ traceId: hex(32), spanId: hex(16), attributes }), { maxLength: 1 }),
    status: fc.constantFrom<SpanRecord['status']>(
      { code: 0 },
      { code: 2 },
      { code: 2, message: 'password=x' },
    ),
    droppedAttributes: fc.constantFrom(0, 3),
  },
  {
    requiredKeys: [
      ...(['kind', 'traceId', 'spanId', 'flags', 'name', 'spanKind', 'startTime', 'endTime'] as const),
      ...(['attributes', 'events', 'links', 'status'] as const),
    ],
  },
) as fc.Arbitrary<SpanRecord>;

/** Everything in it, an attribute's text as what it says: the order of names is nobody's business. */
function rows(batch: SpanBatch): unknown {
  return {
    refused: batch.refused,
    groups: batch.groups,
    rows: Array.from({ length: batch.count }, (_, i) => ({
      ids: [batch.traceHi, batch.traceLo, batch.span, batch.parent].map(ids => ids.numbers[i]),
      numbers: [batch.start, batch.ms, batch.http, batch.kind, batch.status, batch.flags].map(one => one[i]),
      texts: [batch.name[i], batch.route[i], batch.extra[i]],
      attributes: JSON.parse(batch.attributes[i]!),
    })),
  };
}

test('reading spans into columns says what decoding and cleaning them one by one says', () => {
  const quick = new Cleaner(privacy);
  fc.assert(
    fc.property(fc.array(span, { maxLength: 8 }), items => {
      const resource = { attributes: { 'service.name': 'shop', 'user.email': 'anna@example.org' } };
      const scope = { name: 'lib', version: '1', attributes: { password: 'x' } };
      const bytes = encodeTraces([{ resource, scopes: [{ scope, items }] }]);
      // The long way is another cleaner's, so that neither knows what the other has seen.
      const slow = toBatch(new Cleaner(privacy).traces(decodeTraces(bytes)));
      assert.deepEqual(rows(quick.spans(bytes)), rows(slow));
      // What was learnt says the same.
      assert.deepEqual(rows(quick.spans(bytes)), rows(slow));
    }),
    { numRuns: 400 },
  );
});

test('bytes that are no export of spans are refused, whichever way they are read', () => {
  const cleaner = new Cleaner(privacy);
  const item = {
    traceId: 'ab'.repeat(16),
    spanId: 'cd'.repeat(8),
    flags: 1,
    name: 'n',
    spanKind: 'server' as const,
  };
  const bytes = encodeTraces([
    {
      resource: { attributes: {} },
      scopes: [
        {
          scope: { name: '', version: '', attributes: {} },
          items: [
            {
              ...{ kind: 'span', ...item, startTime: 1, endTime: 2, attributes: { a: 'b', n: 1 } },
              ...{ events: [], links: [], status: { code: 0 } },
            },
          ],
        },
      ],
    },
  ]);
  for (let at = 0; at < bytes.length; at++) {
    for (const changed of [0, 0x7f, 0xff]) {
      const broken = bytes.slice();
      broken[at] = changed;
      const outcome = (read: () => SpanBatch) => {
        try {
          return rows(read());
        } catch (error) {
          return (error as { code?: string }).code;
        }
      };
      const slow = outcome(() => toBatch(new Cleaner(privacy).traces(decodeTraces(broken))));
      assert.deepEqual(
        outcome(() => cleaner.spans(broken)),
        slow,
        `byte ${at} as ${changed}`,
      );
    }
  }
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type AttributeValue,
  decodeLogs,
  decodeMetrics,
  decodeResponse,
  decodeTraces,
  encodeLogs,
  encodeResponse,
  encodeTraces,
  type SpanRecord,
} from '@plimsoll/wire';
import fc from 'fast-check';
import { anyLog, anySpan, decodedLog, groupsOf } from '../../support/arbitraries.ts';
import { arrives } from '../../support/arrives.ts';
import { writeForeign } from '../../support/proto.ts';

const TRACE_ID = Array.from({ length: 16 }, (_, i) => i + 1);
const SPAN_ID = [1, 2, 3, 4, 5, 6, 7, 8];
const EMPTY_SPAN: SpanRecord = {
  kind: 'span',
  traceId: '0102030405060708090a0b0c0d0e0f10',
  spanId: '0102030405060708',
  flags: 0,
  name: '',
  spanKind: 'internal',
  startTime: 0,
  endTime: 0,
  attributes: {},
  events: [],
  links: [],
  status: { code: 0 },
};
const bad = (bytes: Uint8Array, reason: RegExp) =>
  assert.throws(() => decodeTraces(bytes), { code: 'PLIMSOLL_BAD_OTLP', message: reason });

/** A request whose one span has these bytes. */
function spanOf(...bytes: readonly number[]): Uint8Array {
  let message: readonly number[] = bytes;
  for (const tag of [0x12, 0x12, 0x0a]) message = [tag, message.length].concat(message);
  return Uint8Array.from(message);
}

/** A request whose one span has one attribute of lists in lists. */
function nested(levels: number): Uint8Array {
  let value: object = { intValue: '1' };
  for (let i = 0; i < levels; i++) value = { arrayValue: { values: [value] } };
  const spans = [{ traceId: TRACE_ID, spanId: SPAN_ID, attributes: [{ key: 'deep', value }] }];
  return writeForeign('TracesData', { resourceSpans: [{ scopeSpans: [{ spans }] }] });
}

describe('a request of anybody', () => {
  test('with spans is the same after writing and reading', () => {
    fc.assert(
      fc.property(groupsOf(anySpan), groups => {
        assert.deepEqual(decodeTraces(encodeTraces(groups)), arrives(groups));
      }),
    );
  });

  test('with logs of any body is the same after writing and reading', () => {
    fc.assert(
      fc.property(groupsOf(anyLog.map(decodedLog)), groups => {
        assert.deepEqual(decodeLogs(encodeLogs(groups)), arrives(groups));
      }),
    );
  });

  test('may have fields that we do not know, of every wire type', () => {
    const unknown = [
      0xa0, 0x06, 0x05, 0xa1, 0x06, 1, 2, 3, 4, 5, 6, 7, 8, 0xa2, 0x06, 0x01, 0xff, 0xa5, 0x06, 1, 2, 3, 4,
    ];
    const [group] = decodeTraces(spanOf(...unknown, 0x2a, 0x01, 0x78));
    assert.equal(group?.scopes[0]?.items[0]?.name, 'x');
  });

  test('reads from the middle of a larger buffer', () => {
    const bytes = spanOf(0x2a, 0x01, 0x78, 0x39, 0, 0x80, 0x7b, 0x4d, 0x2d, 0x0e, 0x70, 0x15);
    const pooled = new Uint8Array(bytes.length + 20).fill(0xff);
    pooled.set(bytes, 10);
    assert.deepEqual(decodeTraces(pooled.subarray(10, 10 + bytes.length)), decodeTraces(bytes));
  });

  test('may name a kind of span, a status and a temporality that we do not know', () => {
    const [group] = decodeTraces(spanOf(0x30, 0x63, 0x7a, 0x02, 0x18, 0x09));
    assert.equal(group?.scopes[0]?.items[0]?.spanKind, 'internal');
    assert.deepEqual(group?.scopes[0]?.items[0]?.status, { code: 0 });
    assert.deepEqual(decodeMetrics(new Uint8Array()), []);
  });

  test('has the level of its severity number, at every step of the range', () => {
    const levels = Array.from({ length: 26 }, (_, severityNumber) => {
      const bytes = writeForeign('LogsData', {
        resourceLogs: [{ scopeLogs: [{ logRecords: [{ severityNumber }] }] }],
      });
      return decodeLogs(bytes)[0]?.scopes[0]?.items[0]?.level;
    });
    const four = <T>(value: T) => [value, value, value, value];
    const named = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'].flatMap(four);
    assert.deepEqual(levels, ['info', ...named, 'fatal']);
  });

  test('with thousands of keys, long ones and repeated ones among them, gives each its own', () => {
    const keys = Array.from({ length: 3000 }, (_, i) => `k${i % 7}${'-'.repeat(i % 70)}${i}x`);
    const attributes = Object.fromEntries(keys.map((key, i) => [key, i]));
    const items = [1, 2].map(() => ({ ...EMPTY_SPAN, attributes }));
    const scope = { name: '', version: '', attributes: {} };
    const groups = [{ resource: { attributes }, scopes: [{ scope, items }] }];
    assert.deepEqual(decodeTraces(encodeTraces(groups)), groups);
  });

  test('gives a map with the key __proto__ as data, and changes no prototype', () => {
    const pair = {
      key: '__proto__',
      value: { kvlistValue: { values: [{ key: 'polluted', value: { boolValue: true } }] } },
    };
    const spans = [{ traceId: TRACE_ID, spanId: SPAN_ID, attributes: [pair] }];
    const [group] = decodeTraces(
      writeForeign('TracesData', { resourceSpans: [{ scopeSpans: [{ spans }] }] }),
    );
    const attributes = group!.scopes[0]!.items[0]!.attributes;
    assert.deepEqual(Object.keys(attributes), ['__proto__']);
    assert.equal(Object.getPrototypeOf(attributes), Object.prototype);
    assert.equal((attributes as Record<string, AttributeValue>)['polluted'], undefined);
  });
});

describe('a message that is broken', () => {
  test('is refused when it is cut at any byte', () => {
    const whole = nested(3);
    for (let end = 1; end < whole.length; end++) bad(whole.subarray(0, end), /truncated/);
  });

  test('is refused when a known field has another wire type', () => {
    bad(spanOf(0x28, 0x01), /wire type 0 for field 5/);
    bad(spanOf(0x80, 0x01, 0x01), /wire type 0 for field 16/);
    bad(Uint8Array.from([0x08, 0x01]), /wire type 0 for field 1/);
  });

  test('is refused when it has a group, a reserved wire type or field 0', () => {
    bad(spanOf(0xa3, 0x06), /wire type 3/);
    bad(spanOf(0xa7, 0x06), /wire type 7/);
    bad(spanOf(0x00, 0x00), /field number/);
  });

  test('is refused when a varint has more than 64 bits', () => {
    bad(spanOf(0x50, ...Array(10).fill(0x80), 0x01), /more than 64 bits/);
    bad(spanOf(0x50, ...Array(9).fill(0xff), 0x02), /more than 64 bits/);
  });

  test('is refused when a length is larger than what is there, up to 64 bits', () => {
    bad(Uint8Array.from([0x0a, ...Array(9).fill(0xff), 0x01]), /truncated/);
    bad(spanOf(0x2a, 0x7f, 0x78), /truncated/);
  });

  test('is refused when values nest deeper than 24, and read up to there', () => {
    assert.equal(decodeTraces(nested(24)).length, 1);
    bad(nested(25), /deeper than 24/);
  });

  test('may hold texts that are no UTF-8, which read as U+FFFD', () => {
    assert.equal(decodeTraces(spanOf(0x2a, 0x02, 0x61, 0xff))[0]?.scopes[0]?.items[0]?.name, 'a\ufffd');
  });
});

describe("a receiver's answer", () => {
  test('says what was refused', () => {
    for (const partial of [
      { rejected: 3, message: 'too old' },
      { rejected: 0, message: 'a warning' },
      { rejected: 2 ** 40, message: '' },
    ]) {
      assert.deepEqual(decodeResponse(encodeResponse(partial)), partial);
      const foreign = { partialSuccess: { rejected: partial.rejected, errorMessage: partial.message } };
      assert.deepEqual(decodeResponse(writeForeign('ExportResponse', foreign)), partial);
    }
  });

  test('is undefined where everything was taken', () => {
    assert.equal(encodeResponse().length, 0);
    assert.equal(decodeResponse(encodeResponse()), undefined);
    assert.equal(decodeResponse(Uint8Array.from([0x0a, 0x00])), undefined);
  });

  test('is refused when it is no protobuf, such as a page of a proxy', () => {
    const page = new TextEncoder().encode('<html>Bad gateway</html>');
    assert.throws(() => decodeResponse(page), { code: 'PLIMSOLL_BAD_OTLP' });
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  decodeLogs,
  decodeMetrics,
  decodeTraces,
  encodeLogs,
  encodeMetrics,
  encodeTraces,
  logsFromJson,
  logsToJson,
  metricsFromJson,
  metricsToJson,
  responseFromJson,
  responseToJson,
  tracesFromJson,
  tracesToJson,
} from '@plimsoll/wire';
import fc from 'fast-check';
import { anyLog, anyMetric, anySpan, decodedLog, groupsOf } from '../../support/arbitraries.ts';
import { arrives } from '../../support/arrives.ts';
import { otlpFixture } from '../../support/fixtures.ts';

const overJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const span = (fields: object) => ({ resourceSpans: [{ scopeSpans: [{ spans: [fields] }] }] });
const refused = (json: unknown, reason: RegExp) =>
  assert.throws(() => tracesFromJson(json), { code: 'PLIMSOLL_BAD_OTLP', message: reason });

describe('OTLP/JSON', () => {
  test('of any spans reads as they were', () => {
    fc.assert(
      fc.property(groupsOf(anySpan), groups => {
        assert.deepEqual(tracesFromJson(overJson(tracesToJson(groups))), arrives(groups));
      }),
    );
  });

  test('of any logs reads as they were', () => {
    fc.assert(
      fc.property(groupsOf(anyLog.map(decodedLog)), groups => {
        assert.deepEqual(logsFromJson(overJson(logsToJson(groups))), arrives(groups));
      }),
    );
  });

  test('of any metrics reads as they were', () => {
    fc.assert(
      fc.property(groupsOf(anyMetric), groups => {
        assert.deepEqual(metricsFromJson(overJson(metricsToJson(groups))), arrives(groups));
      }),
    );
  });

  test('has hex ids, 64-bit integers as text, enums as numbers and names in lowerCamelCase', () => {
    const traces = tracesFromJson(
      span({
        traceId: '5B8EFFF798038103D269B633813FC60C',
        spanId: 'EEE19B7EC3C1B174',
        kind: 2,
        startTimeUnixNano: '1544712660000000001',
        endTimeUnixNano: 1544712661000000000,
        attributes: [
          { key: 'max', value: { intValue: '9223372036854775807' } },
          { key: 'small', value: { intValue: 7 } },
          { key: 'nan', value: { doubleValue: 'NaN' } },
          { key: 'bytes', value: { bytesValue: 'AP8Q' } },
          { key: 'none', value: null },
        ],
        status: { code: 2 },
      }),
    );
    const item = traces[0]!.scopes[0]!.items[0]!;
    assert.equal(item.traceId, '5b8efff798038103d269b633813fc60c');
    assert.equal(item.spanKind, 'server');
    assert.deepEqual(item.attributes, {
      max: 2n ** 63n - 1n,
      small: 7,
      nan: Number.NaN,
      bytes: Uint8Array.from([0, 255, 16]),
      none: null,
    });
    assert.deepEqual(
      (overJson(tracesToJson(traces)) as ReturnType<typeof span>).resourceSpans[0]?.scopeSpans[0]?.spans[0],
      {
        traceId: '5b8efff798038103d269b633813fc60c',
        spanId: 'eee19b7ec3c1b174',
        name: '',
        kind: 2,
        startTimeUnixNano: '1544712660000000000',
        endTimeUnixNano: '1544712661000000000',
        attributes: [
          { key: 'max', value: { intValue: '9223372036854775807' } },
          { key: 'small', value: { intValue: '7' } },
          { key: 'nan', value: { doubleValue: 'NaN' } },
          { key: 'bytes', value: { bytesValue: 'AP8Q' } },
          { key: 'none', value: {} },
        ],
        status: { code: 2 },
      },
    );
  });

  test('may have members that we do not know, and null for what is not there', () => {
    const item = tracesFromJson(span({ name: 'x', links: null, later: { a: [1] } }))[0]?.scopes[0]?.items[0];
    assert.equal(item?.name, 'x');
    assert.deepEqual(tracesFromJson({}), []);
  });

  test('is refused where a member has the wrong type', () => {
    refused([], /not an object/);
    refused({ resourceSpans: {} }, /not a list/);
    refused(span({ traceId: 'xyz' }), /not hex/);
    refused(span({ name: 5 }), /not a text/);
    refused(span({ kind: 'SPAN_KIND_SERVER' }), /64-bit integer/);
    refused(span({ startTimeUnixNano: '-1' }), /unsigned/);
    refused(
      span({ attributes: [{ key: 'a', value: { intValue: '9223372036854775808' } }] }),
      /64-bit integer/,
    );
    refused(span({ attributes: [{ key: 'a', value: { doubleValue: 'much' } }] }), /not a number/);
    refused(span({ attributes: [{ key: 'a', value: { bytesValue: '!!!!' } }] }), /base64/);
  });

  test('is refused where values nest deeper than 24', () => {
    let value: object = {};
    for (let i = 0; i < 10_000; i++) value = { arrayValue: { values: [value] } };
    refused(span({ attributes: [{ key: 'deep', value }] }), /deeper than 24/);
  });

  test('names what a receiver refused after the signal', () => {
    const partial = { rejected: 3, message: 'too old' };
    assert.deepEqual(responseToJson(partial, 'logs'), {
      partialSuccess: { rejectedLogRecords: '3', errorMessage: 'too old' },
    });
    for (const signal of ['traces', 'logs', 'metrics'] as const) {
      assert.deepEqual(responseFromJson(overJson(responseToJson(partial, signal))), partial);
    }
    assert.equal(responseFromJson(responseToJson(undefined, 'traces')), undefined);
  });
});

describe("the protocol's own examples", () => {
  test('of traces are the same in JSON and in protobuf', t => {
    const json = otlpFixture(t, 'trace.json');
    if (json === undefined) return;
    const decoded = tracesFromJson(json);
    assert.deepEqual(decodeTraces(encodeTraces(decoded)), decoded);
    assert.deepEqual(tracesFromJson(tracesToJson(decoded)), decoded);
    const item = decoded[0]!.scopes[0]!.items[0]!;
    assert.equal(item.name, "I'm a server span");
    assert.equal(item.parentSpanId, 'eee19b7ec3c1b173');
    assert.equal(item.endTime - item.startTime, 1000);
  });

  test('of logs are the same in JSON and in protobuf', t => {
    const json = otlpFixture(t, 'logs.json');
    if (json === undefined) return;
    const decoded = logsFromJson(json);
    assert.deepEqual(decodeLogs(encodeLogs(decoded)), decoded);
    assert.deepEqual(logsFromJson(logsToJson(decoded)), decoded);
    const item = decoded[0]!.scopes[0]!.items[0]!;
    assert.deepEqual([item.level, item.severityNumber, item.severityText], ['info', 10, 'Information']);
    assert.deepEqual(item.attributes['map.attribute'], { 'some.map.key': 'some value' });
  });

  test('of metrics are the same in JSON and in protobuf, exponential buckets and deltas too', t => {
    const json = otlpFixture(t, 'metrics.json');
    if (json === undefined) return;
    const decoded = metricsFromJson(json);
    assert.deepEqual(decodeMetrics(encodeMetrics(decoded)), decoded);
    assert.deepEqual(metricsFromJson(metricsToJson(decoded)), decoded);
    const types = decoded[0]!.scopes[0]!.items.map(({ type }) => type);
    assert.deepEqual(types, ['sum', 'gauge', 'histogram', 'exponential']);
  });
});

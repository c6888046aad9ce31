import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  decodeLogs,
  decodeMetrics,
  decodeResponse,
  decodeTraces,
  encodeLogs,
  encodeMetrics,
  encodeTraces,
  logsFromJson,
  metricsFromJson,
  metricsToJson,
  OtlpError,
  responseFromJson,
  tracesFromJson,
  tracesToJson,
} from '@plimsoll/wire';
import fc from 'fast-check';
import { anyLog, anyMetric, anySpan, decodedLog, groupsOf } from '../../support/arbitraries.ts';

const RUNS = { numRuns: 5000 };
const decoders = [decodeTraces, decodeLogs, decodeMetrics, decodeResponse];
const readers = [tracesFromJson, logsFromJson, metricsFromJson, responseFromJson];

/** Runs it; anything that it throws must be the coded error. */
function survives(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof OtlpError) || error.code !== 'PLIMSOLL_BAD_OTLP') throw error;
  }
}

const anyRequest: fc.Arbitrary<Uint8Array> = fc.oneof(
  groupsOf(anySpan).map(encodeTraces),
  groupsOf(anyLog.map(decodedLog)).map(encodeLogs),
  groupsOf(anyMetric).map(encodeMetrics),
);

describe('hostile protobuf', () => {
  test('of random bytes gives data or the coded error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
        for (const decode of decoders) survives(() => decode(bytes));
      }),
      RUNS,
    );
  });

  test('of real requests with changed bytes gives data or the coded error', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(anyRequest, changes, fc.nat(), (bytes, list, cut) => {
        for (const [at, value] of list) if (bytes.length > 0) bytes[at % bytes.length] = value;
        const end = cut % 3 === 0 ? cut % (bytes.length + 1) : bytes.length;
        for (const decode of decoders) survives(() => decode(bytes.subarray(0, end)));
      }),
      RUNS,
    );
  });

  test('that nests a million levels is refused and does not exhaust the stack', () => {
    // Tag and a length as large as the rest, over and over: valid to the last level.
    const bytes = new Uint8Array(6_000_000);
    for (let at = 0; at < bytes.length; at += 6) {
      const rest = bytes.length - at - 6;
      bytes[at] = 0x0a;
      for (let i = 0; i < 5; i++)
        bytes[at + 1 + i] = (Math.floor(rest / 128 ** i) & 0x7f) | (i < 4 ? 0x80 : 0);
    }
    for (const decode of decoders) survives(() => decode(bytes));
  });
});

describe('hostile JSON', () => {
  test('of any value gives data or the coded error', () => {
    fc.assert(
      fc.property(fc.jsonValue(), json => {
        for (const read of readers) survives(() => read(json));
      }),
      RUNS,
    );
  });

  test('of real requests with a changed member gives data or the coded error', () => {
    const anyJson = fc.oneof(groupsOf(anySpan).map(tracesToJson), groupsOf(anyMetric).map(metricsToJson));
    fc.assert(
      fc.property(anyJson, fc.jsonValue(), fc.infiniteStream(fc.nat()), (json, replacement, picks) => {
        const changed: unknown = JSON.parse(JSON.stringify(json));
        plant(changed, replacement, picks);
        for (const read of readers) survives(() => read(changed));
      }),
      RUNS,
    );
  });

  test('is the same data whatever the order of the members', () => {
    assert.deepEqual(
      tracesFromJson({ resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'x', kind: 2 }], scope: {} }] }] }),
      tracesFromJson({ resourceSpans: [{ scopeSpans: [{ scope: {}, spans: [{ kind: 2, name: 'x' }] }] }] }),
    );
  });
});

/** Replaces one member, some levels down a random path. */
function plant(json: unknown, replacement: unknown, picks: IterableIterator<number>): void {
  let at = json;
  for (let level = 0; level < 20 && typeof at === 'object' && at !== null; level++) {
    const keys = Object.keys(at);
    if (keys.length === 0) return;
    const key = keys[picks.next().value % keys.length]!;
    const inner = (at as Record<string, unknown>)[key];
    if (typeof inner !== 'object' || inner === null || picks.next().value % 8 === 0) {
      (at as Record<string, unknown>)[key] = replacement;
      return;
    }
    at = inner;
  }
}

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type AttributeValue,
  ByteWriter,
  decodeLogs,
  decodeTraces,
  encodeLog,
  encodeSpan,
  type LogRecord,
  logsRequest,
  renderAttributes,
  type SpanRecord,
  tracesRequest,
} from '@plimsoll/wire';
import fc from 'fast-check';
import { anyLog, anySpan, decodedLog } from '../../support/arbitraries.ts';
import { arrives } from '../../support/arrives.ts';
import { attributesOfForeign, logOfForeign, readForeign, spanOfForeign } from '../../support/proto.ts';

const SENDER = {
  resource: { attributes: { 'service.name': 'divan-api' } },
  scopeName: 'plimsoll',
  scopeVersion: '0.1.0',
};
const SPAN: SpanRecord = {
  kind: 'span',
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  flags: 1,
  name: 'POST /chat/messages',
  spanKind: 'server',
  startTime: 1_795_400_000_000.25,
  endTime: 1_795_400_000_012.5,
  attributes: {},
  events: [],
  links: [],
  status: { code: 0 },
};

function written(encode: (w: ByteWriter) => void): Uint8Array {
  const w = new ByteWriter(8);
  encode(w);
  return w.take();
}

function tracesOf(...spans: readonly SpanRecord[]): Uint8Array {
  return tracesRequest({ ...SENDER, spans: spans.map(span => written(w => encodeSpan(w, span))) });
}

function logsOf(...logs: readonly LogRecord[]): Uint8Array {
  return logsRequest({ ...SENDER, logs: logs.map(log => written(w => encodeLog(w, log))) });
}

function carried(value: AttributeValue): AttributeValue | undefined {
  const [group] = readForeign('TracesData', tracesOf({ ...SPAN, attributes: { value } })).resourceSpans;
  return attributesOfForeign(group.scopeSpans[0].spans[0].attributes)['value'];
}

describe('a span of ours', () => {
  test('reads the same in protobufjs as it was recorded', () => {
    fc.assert(
      fc.property(fc.array(anySpan, { maxLength: 3 }), spans => {
        const [group] = readForeign('TracesData', tracesOf(...spans)).resourceSpans;
        assert.deepEqual(attributesOfForeign(group.resource.attributes), SENDER.resource.attributes);
        assert.equal(group.scopeSpans[0].scope.name, 'plimsoll');
        assert.equal(group.scopeSpans[0].scope.version, '0.1.0');
        assert.deepEqual(group.scopeSpans[0].spans.map(spanOfForeign), spans.map(arrives));
      }),
    );
  });

  test('reads the same in our reader as it was recorded', () => {
    fc.assert(
      fc.property(fc.array(anySpan, { maxLength: 3 }), spans => {
        assert.deepEqual(decodeTraces(tracesOf(...spans)), [
          {
            resource: SENDER.resource,
            scopes: [
              { scope: { name: 'plimsoll', version: '0.1.0', attributes: {} }, items: spans.map(arrives) },
            ],
          },
        ]);
      }),
    );
  });

  test('keeps NaN, infinities, minus zero, the limits of 64 bits and NUL', () => {
    for (const value of [
      Number.NaN,
      Infinity,
      -Infinity,
      -0,
      2n ** 63n - 1n,
      -(2n ** 63n),
      'a\0b',
      0.1,
      2 ** 53,
    ]) {
      assert.deepEqual(carried(value), value);
    }
  });

  test('sends a lone surrogate as U+FFFD, in short and in long texts', () => {
    assert.equal(carried('a\ud800b'), 'a\ufffdb');
    assert.equal(carried(`${'x'.repeat(200)}\udc00`), `${'x'.repeat(200)}\ufffd`);
  });

  test('sends an integer beyond 64 bits as the nearest limit', () => {
    assert.equal(carried(2n ** 70n), 2n ** 63n - 1n);
    assert.equal(carried(-(2n ** 70n)), -(2n ** 63n));
  });

  test('leaves out an attribute whose value is undefined, and does not read inherited ones', () => {
    const attributes = Object.assign(Object.create({ inherited: 1 }), { kept: 1, gone: undefined });
    const [group] = decodeTraces(tracesOf({ ...SPAN, attributes }));
    assert.deepEqual(group?.scopes[0]?.items[0]?.attributes, { kept: 1 });
  });

  test('writes what is nested too deep, or in itself, as null and still can be read', () => {
    const loop: AttributeValue[] = [];
    loop.push(loop);
    const [group] = decodeTraces(tracesOf({ ...SPAN, attributes: { loop, after: 1 } }));
    let depth = 0;
    let value = group?.scopes[0]?.items[0]?.attributes['loop'];
    for (; Array.isArray(value); value = value[0]) depth++;
    assert.equal(depth, 24);
    assert.equal(value, null);
    assert.equal(group?.scopes[0]?.items[0]?.attributes['after'], 1);
    assert.notEqual(carried(loop), undefined);
  });

  test('carries a time to the nanosecond, 0 before 1970 and for NaN, and the largest value past 2554', () => {
    const nanos = (startTime: number) =>
      readForeign('TracesData', tracesOf({ ...SPAN, startTime })).resourceSpans[0].scopeSpans[0].spans[0]
        .startTimeUnixNano ?? '0';
    assert.equal(nanos(1_795_400_000_000.25), '1795400000000250000');
    assert.equal(nanos(0.000001), '1');
    assert.equal(nanos(1.9999999), '2000000');
    assert.equal(nanos(4_294_967_296), '4294967296000000');
    for (const none of [-5, 0, Number.NaN, -Infinity]) assert.equal(nanos(none), '0');
    for (const late of [1e20, Infinity]) assert.equal(nanos(late), '18446744073709551615');
  });

  test('takes attributes that were rendered once', () => {
    const rendered = renderAttributes({ 'http.route': '/x', 'server.port': 8000, ok: true }, 9);
    const w = new ByteWriter();
    const start = w.beginMessage(2);
    w.append(rendered);
    w.endMessage(start);
    const [group] = decodeTraces(tracesRequest({ ...SENDER, spans: [w.take()] }));
    assert.deepEqual(group?.scopes[0]?.items[0]?.attributes, {
      'http.route': '/x',
      'server.port': 8000,
      ok: true,
    });
  });

  test('is the same after a thousand others with keys that were made up', () => {
    const w = new ByteWriter();
    for (let i = 0; i < 3000; i++) {
      w.reset();
      encodeSpan(w, { ...SPAN, attributes: { [`key.${i}`]: i, fixed: 'é', 'http.route': '/x' } });
    }
    const [group] = decodeTraces(tracesRequest({ ...SENDER, spans: [w.take()] }));
    const expected = { 'key.2999': 2999, fixed: 'é', 'http.route': '/x' };
    assert.deepEqual(group?.scopes[0]?.items[0]?.attributes, expected);
  });
});

describe('a log line of ours', () => {
  test('reads the same in protobufjs as it was recorded', () => {
    fc.assert(
      fc.property(anyLog, log => {
        const [group] = readForeign('LogsData', logsOf(log)).resourceLogs;
        const { logger, level: _level, ...rest } = decodedLog(log);
        const attributes = logger === '' ? log.attributes : { 'logger.name': logger, ...log.attributes };
        assert.deepEqual(group.scopeLogs[0].logRecords.map(logOfForeign), [arrives({ ...rest, attributes })]);
      }),
    );
  });

  test('reads the same in our reader as it was recorded', () => {
    fc.assert(
      fc.property(fc.array(anyLog, { maxLength: 3 }), logs => {
        const items = decodeLogs(logsOf(...logs))[0]?.scopes[0]?.items;
        assert.deepEqual(
          items,
          logs.map(log => arrives(decodedLog(log))),
        );
      }),
    );
  });

  test('keeps its logger where an attribute has the same key', () => {
    const log: LogRecord = {
      kind: 'log',
      time: 1_795_400_000_000,
      level: 'warn',
      body: 'x',
      logger: 'ops.http',
      attributes: { 'logger.name': 'other', a: 1 },
    };
    const [item] = decodeLogs(logsOf(log))[0]!.scopes[0]!.items;
    assert.equal(item?.logger, 'ops.http');
    assert.deepEqual(item?.attributes, { a: 1 });
  });
});

describe('a request', () => {
  test('concatenates batches of every size without reading them', () => {
    for (const count of [0, 1, 60, 130, 9000]) {
      const w = new ByteWriter();
      for (let i = 0; i < count; i++) encodeSpan(w, { ...SPAN, name: `span ${i}` });
      const [group] = decodeTraces(tracesRequest({ ...SENDER, spans: [w.take(), w.take()] }));
      assert.equal(group?.scopes[0]?.items.length, count * 2);
      assert.equal(group?.scopes[0]?.items.at(-1)?.name, count ? `span ${count - 1}` : undefined);
    }
  });

  test('carries texts of every length around the steps of a length prefix', () => {
    for (const length of [0, 41, 42, 59, 60, 61, 119, 120, 127, 128, 129, 5461, 5462, 16383, 16384, 70_000]) {
      for (const unit of ['a', 'é', '€']) assert.equal(carried(unit.repeat(length)), unit.repeat(length));
    }
  });
});

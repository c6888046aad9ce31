import type {
  Attributes,
  AttributeValue,
  DecodedLog,
  DecodedMetric,
  Level,
  LogRecord,
  SpanKind,
  SpanRecord,
} from '@plimsoll/wire';
import { SEVERITY, SPAN_KIND } from '@plimsoll/wire';
import fc from 'fast-check';

/** UTF-16 code units of every kind: ASCII, NUL, lone surrogates; often around the lengths where a prefix grows. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string(),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map(code => String.fromCharCode(code)) }),
  fc
    .tuple(fc.constantFrom('a', '\0', 'é', '€', '\ud83d\ude00', '\ud800'), fc.integer({ min: 0, max: 140 }))
    .map(([unit, count]) => unit.repeat(count)),
);

/** Milliseconds with the step that a double has at today's dates. */
export const anyTime: fc.Arbitrary<number> = fc
  .tuple(fc.integer({ min: 1_600_000_000_000, max: 2_100_000_000_000 }), fc.integer({ min: 0, max: 4095 }))
  .map(([whole, part]) => whole + part / 4096);

const hex = (digits: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: digits, maxLength: digits });
export const anyTraceId = hex(32);
export const anySpanId = hex(16);

export const anyValue: fc.Arbitrary<AttributeValue> = fc.letrec<{
  value: AttributeValue;
  leaf: AttributeValue;
}>(tie => ({
  leaf: fc.oneof(
    anyText,
    fc.double(),
    fc.maxSafeInteger(),
    fc.nat(300),
    fc.constantFrom(0, -0, 127, 128, 16383, 16384, 2 ** 31, 2 ** 32, -1, -(2 ** 40), 2 ** 53, Number.NaN),
    fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }),
    fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n, 5n),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 200 }),
  ),
  value: fc.oneof(
    { depthSize: 'small' },
    tie('leaf'),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(anyText, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

export const anyAttributes: fc.Arbitrary<Attributes> = fc.dictionary(
  fc.oneof(anyText, fc.constantFrom('__proto__', 'constructor', 'http.route')),
  anyValue,
  { maxKeys: 6, noNullPrototype: true },
);

const count = fc.integer({ min: 1, max: 0xffff_ffff });
const flags = fc.integer({ min: 0, max: 255 });
const positiveFlags = fc.integer({ min: 1, max: 255 });
const fullText = anyText.filter(text => text !== '');

export const anySpan: fc.Arbitrary<SpanRecord> = fc.record(
  {
    kind: fc.constant('span' as const),
    traceId: anyTraceId,
    spanId: anySpanId,
    parentSpanId: anySpanId,
    parentRemote: fc.boolean(),
    traceState: fullText,
    flags,
    name: anyText,
    spanKind: fc.constantFrom(...(Object.keys(SPAN_KIND) as SpanKind[])),
    startTime: anyTime,
    endTime: anyTime,
    attributes: anyAttributes,
    events: fc.array(fc.record({ name: anyText, time: anyTime, attributes: anyAttributes }), {
      maxLength: 3,
    }),
    links: fc.array(
      fc.record(
        {
          traceId: anyTraceId,
          spanId: anySpanId,
          traceState: fullText,
          flags: positiveFlags,
          attributes: anyAttributes,
        },
        { requiredKeys: ['traceId', 'spanId', 'attributes'] },
      ),
      { maxLength: 3 },
    ),
    status: fc.record(
      { code: fc.constantFrom(0 as const, 1 as const, 2 as const), message: fullText },
      { requiredKeys: ['code'] },
    ),
    droppedAttributes: count,
    droppedEvents: count,
    droppedLinks: count,
  },
  {
    requiredKeys: [
      'kind',
      'traceId',
      'spanId',
      'flags',
      'name',
      'spanKind',
      'startTime',
      'endTime',
      'attributes',
      'events',
      'links',
      'status',
    ],
  },
);

export const anyLog: fc.Arbitrary<LogRecord> = fc.record(
  {
    kind: fc.constant('log' as const),
    time: anyTime,
    level: fc.constantFrom(...(Object.keys(SEVERITY) as Level[])),
    body: anyText,
    logger: anyText,
    attributes: anyAttributes,
    traceId: anyTraceId,
    spanId: anySpanId,
    flags: positiveFlags,
    eventName: fullText,
  },
  { requiredKeys: ['kind', 'time', 'level', 'body', 'logger', 'attributes'] },
);

/** What a reader gives for a log of ours. */
export function decodedLog(log: LogRecord): DecodedLog {
  const { time: observedTime, level: severityText } = log;
  return { ...log, observedTime, severityNumber: SEVERITY[log.level], severityText };
}

const temporality = fc.constantFrom('unspecified' as const, 'delta' as const, 'cumulative' as const);
const total = fc.maxSafeInteger().map(Math.abs);
const numeric = fc.oneof(
  fc.record({ value: fc.double(), integer: fc.constant(false) }),
  fc.record({
    value: fc.oneof(fc.maxSafeInteger(), fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n))),
    integer: fc.constant(true),
  }),
);
const anyExemplar = fc
  .tuple(
    numeric,
    fc.record(
      { attributes: anyAttributes, time: anyTime, traceId: anyTraceId, spanId: anySpanId },
      { requiredKeys: ['attributes', 'time'] },
    ),
  )
  .map(([value, rest]) => ({ ...rest, ...value }));
const exemplars = fc.array(anyExemplar, { maxLength: 2 });
const stamp = {
  attributes: anyAttributes,
  startTime: fc.oneof(fc.constant(0), anyTime),
  time: anyTime,
  flags,
};
const buckets = fc.record({ offset: fc.integer(), counts: fc.array(total, { maxLength: 5 }) });
const numbers = fc.array(
  fc.tuple(numeric, fc.record({ ...stamp, exemplars })).map(([value, rest]) => ({ ...rest, ...value })),
  { maxLength: 3 },
);
const limits = { sum: fc.double(), min: fc.double(), max: fc.double() };
const stampKeys = ['attributes', 'startTime', 'time', 'flags'] as const;
const histograms = fc.array(
  fc.record(
    {
      ...stamp,
      ...limits,
      count: total,
      buckets: fc.array(total, { maxLength: 20 }),
      bounds: fc.array(fc.double(), { maxLength: 20 }),
      exemplars,
    },
    { requiredKeys: [...stampKeys, 'count', 'buckets', 'bounds', 'exemplars'] },
  ),
  { maxLength: 3 },
);
const exponentials = fc.array(
  fc.record(
    {
      ...stamp,
      ...limits,
      count: total,
      scale: fc.integer(),
      zeroCount: total,
      zeroThreshold: fc.double(),
      positive: buckets,
      negative: buckets,
      exemplars,
    },
    { requiredKeys: [...stampKeys, 'count', 'scale', 'zeroCount', 'zeroThreshold', 'exemplars'] },
  ),
  { maxLength: 3 },
);
const quantiles = fc.array(fc.record({ quantile: fc.double(), value: fc.double() }), { maxLength: 3 });
const summaries = fc.array(fc.record({ ...stamp, count: total, sum: fc.double(), quantiles }), {
  maxLength: 3,
});
const named = { name: anyText, description: anyText, unit: anyText };

export const anyMetric: fc.Arbitrary<DecodedMetric> = fc.oneof(
  fc.record({ ...named, type: fc.constant('gauge' as const), points: numbers }),
  fc.record({
    ...named,
    type: fc.constant('sum' as const),
    temporality,
    monotonic: fc.boolean(),
    points: numbers,
  }),
  fc.record({ ...named, type: fc.constant('histogram' as const), temporality, points: histograms }),
  fc.record({ ...named, type: fc.constant('exponential' as const), temporality, points: exponentials }),
  fc.record({ ...named, type: fc.constant('summary' as const), points: summaries }),
  fc.record({ ...named, type: fc.constant('empty' as const) }),
);

export function groupsOf<T>(item: fc.Arbitrary<T>) {
  const scope = fc.record({ name: anyText, version: anyText, attributes: anyAttributes });
  const inner = fc.record(
    { scope, schemaUrl: fullText, items: fc.array(item, { maxLength: 3 }) },
    { requiredKeys: ['scope', 'items'] },
  );
  return fc.array(
    fc.record(
      {
        resource: fc.record({ attributes: anyAttributes }),
        schemaUrl: fullText,
        scopes: fc.array(inner, { maxLength: 2 }),
      },
      { requiredKeys: ['resource', 'scopes'] },
    ),
    { maxLength: 2 },
  );
}

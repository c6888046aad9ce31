import { type MutableAttributes, readAttribute } from './decode-value.ts';
import type { Draft } from './draft.ts';
import { fields, type Reader } from './reader.ts';
import type {
  DecodedExemplar,
  DecodedExponentialPoint,
  DecodedHistogramPoint,
  DecodedNumberPoint,
  DecodedSummaryPoint,
  ExponentialBuckets,
} from './types.ts';

const NUMBER = fields(2, 3, 4, 5, 6, 7, 8);
const HISTOGRAM = fields(2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
const EXPONENTIAL = fields(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14);
const SUMMARY = fields(2, 3, 4, 5, 6, 7, 8);
const EXEMPLAR = fields(2, 3, 4, 5, 6, 7);
const PAIR = fields(1, 2);

export function readNumberPoint(r: Reader): DecodedNumberPoint {
  const outer = r.open();
  const attributes: MutableAttributes = {};
  const exemplars: DecodedExemplar[] = [];
  const point: Draft<DecodedNumberPoint> = { ...stamp(attributes), value: 0, integer: false, exemplars };
  while (r.more()) {
    const tag = r.varint();
    if (tag === 0x11) point.startTime = r.nanos();
    else if (tag === 0x19) point.time = r.nanos();
    else if (tag === 0x21) setValue(point, r.double(), false);
    else if (tag === 0x31) setValue(point, r.sfixed64(), true);
    else if (tag === 0x2a) exemplars.push(readExemplar(r));
    else if (tag === 0x3a) readAttribute(r, attributes);
    else if (tag === 0x40) point.flags = r.uint32();
    else r.skip(tag, NUMBER);
  }
  r.close(outer);
  return point;
}

export function readHistogramPoint(r: Reader): DecodedHistogramPoint {
  const outer = r.open();
  const attributes: MutableAttributes = {};
  const [buckets, bounds, exemplars]: [number[], number[], DecodedExemplar[]] = [[], [], []];
  const point: Draft<DecodedHistogramPoint> = { ...stamp(attributes), count: 0, buckets, bounds, exemplars };
  while (r.more()) {
    const tag = r.varint();
    if (tag === 0x11) point.startTime = r.nanos();
    else if (tag === 0x19) point.time = r.nanos();
    else if (tag === 0x21) point.count = r.fixed64();
    else if (tag === 0x29) point.sum = r.double();
    else if (tag === 0x32) readPacked(r, buckets, () => r.fixed64());
    else if (tag === 0x31) buckets.push(r.fixed64());
    else if (tag === 0x3a) readPacked(r, bounds, () => r.double());
    else if (tag === 0x39) bounds.push(r.double());
    else if (tag === 0x42) exemplars.push(readExemplar(r));
    else if (tag === 0x4a) readAttribute(r, attributes);
    else if (tag === 0x50) point.flags = r.uint32();
    else if (tag === 0x59) point.min = r.double();
    else if (tag === 0x61) point.max = r.double();
    else r.skip(tag, HISTOGRAM);
  }
  r.close(outer);
  return point;
}

export function readExponentialPoint(r: Reader): DecodedExponentialPoint {
  const outer = r.open();
  const attributes: MutableAttributes = {};
  const exemplars: DecodedExemplar[] = [];
  const point: Draft<DecodedExponentialPoint> = {
    ...stamp(attributes),
    count: 0,
    scale: 0,
    zeroCount: 0,
    zeroThreshold: 0,
    exemplars,
  };
  while (r.more()) {
    const tag = r.varint();
    if (tag === 0x0a) readAttribute(r, attributes);
    else if (tag === 0x5a) exemplars.push(readExemplar(r));
    else readExponentialField(r, tag, point);
  }
  r.close(outer);
  return point;
}

function readExponentialField(r: Reader, tag: number, point: Draft<DecodedExponentialPoint>): void {
  if (tag === 0x11) point.startTime = r.nanos();
  else if (tag === 0x19) point.time = r.nanos();
  else if (tag === 0x21) point.count = r.fixed64();
  else if (tag === 0x29) point.sum = r.double();
  else if (tag === 0x30) point.scale = r.sint32();
  else if (tag === 0x39) point.zeroCount = r.fixed64();
  else if (tag === 0x42) point.positive = readBuckets(r);
  else if (tag === 0x4a) point.negative = readBuckets(r);
  else if (tag === 0x50) point.flags = r.uint32();
  else if (tag === 0x61) point.min = r.double();
  else if (tag === 0x69) point.max = r.double();
  else if (tag === 0x71) point.zeroThreshold = r.double();
  else r.skip(tag, EXPONENTIAL);
}

function readBuckets(r: Reader): ExponentialBuckets {
  const outer = r.open();
  const counts: number[] = [];
  const buckets: Draft<ExponentialBuckets> = { offset: 0, counts };
  while (r.more()) {
    const tag = r.varint();
    if (tag === 0x08) buckets.offset = r.sint32();
    else if (tag === 0x12) readPacked(r, counts, () => r.varint());
    else if (tag === 0x10) counts.push(r.varint());
    else r.skip(tag, PAIR);
  }
  r.close(outer);
  return buckets;
}

export function readSummaryPoint(r: Reader): DecodedSummaryPoint {
  const outer = r.open();
  const attributes: MutableAttributes = {};
  const quantiles: { quantile: number; value: number }[] = [];
  const point: Draft<DecodedSummaryPoint> = { ...stamp(attributes), count: 0, sum: 0, quantiles };
  while (r.more()) {
    const tag = r.varint();
    if (tag === 0x11) point.startTime = r.nanos();
    else if (tag === 0x19) point.time = r.nanos();
    else if (tag === 0x21) point.count = r.fixed64();
    else if (tag === 0x29) point.sum = r.double();
    else if (tag === 0x32) quantiles.push(readQuantile(r));
    else if (tag === 0x3a) readAttribute(r, attributes);
    else if (tag === 0x40) point.flags = r.uint32();
    else r.skip(tag, SUMMARY);
  }
  r.close(outer);
  return point;
}

function readQuantile(r: Reader): { quantile: number; value: number } {
  const outer = r.open();
  const pair = { quantile: 0, value: 0 };
  while (r.more()) {
    const tag = r.varint();
    if (tag === 0x09) pair.quantile = r.double();
    else if (tag === 0x11) pair.value = r.double();
    else r.skip(tag, PAIR);
  }
  r.close(outer);
  return pair;
}

function readExemplar(r: Reader): DecodedExemplar {
  const outer = r.open();
  const attributes: MutableAttributes = {};
  const exemplar: Draft<DecodedExemplar> = { attributes, time: 0, value: 0, integer: false };
  while (r.more()) {
    const tag = r.varint();
    if (tag === 0x11) exemplar.time = r.nanos();
    else if (tag === 0x19) setValue(exemplar, r.double(), false);
    else if (tag === 0x31) setValue(exemplar, r.sfixed64(), true);
    else if (tag === 0x22) exemplar.spanId = r.hex() || undefined;
    else if (tag === 0x2a) exemplar.traceId = r.hex() || undefined;
    else if (tag === 0x3a) readAttribute(r, attributes);
    else r.skip(tag, EXEMPLAR);
  }
  r.close(outer);
  return exemplar;
}

function stamp(attributes: MutableAttributes) {
  return { attributes, startTime: 0, time: 0, flags: 0 };
}

function setValue(
  into: { value: number | bigint; integer: boolean },
  value: number | bigint,
  integer: boolean,
) {
  into.value = value;
  into.integer = integer;
}

function readPacked(r: Reader, into: number[], read: () => number): void {
  const outer = r.open();
  while (r.more()) into.push(read());
  r.close(outer);
}

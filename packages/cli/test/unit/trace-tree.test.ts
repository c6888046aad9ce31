import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SpanRow } from '@plimsoll/wire';
import { traceTree } from '../../src/output/trace-tree.ts';

const span = (spanId: string, parentSpanId?: string): SpanRow => ({
  service: 'shop',
  scope: '',
  traceId: '1'.repeat(32),
  spanId,
  ...(parentSpanId && { parentSpanId }),
  name: `span ${spanId}`,
  kind: 1,
  start: 1000,
  durationMs: 1,
  status: 0,
  flags: 1,
  attributes: {},
  resource: {},
  events: [],
  links: [],
});
const tree = (...spans: readonly SpanRow[]) =>
  traceTree({ traceId: '1'.repeat(32), spans, logs: [], critical: [] });
const names = (text: string) => [...text.matchAll(/(?: *)span \w+/g)].map(([name]) => name.trim());

test('spans that name each other as parents, or themselves, are shown once', () => {
  assert.deepEqual(names(tree(span('a', 'b'), span('b', 'a'), span('c', 'c'))), [
    'span a',
    'span b',
    'span c',
  ]);
});

test('a span whose parent is not there stands at the top', () => {
  assert.match(tree(span('a', 'gone')), /█ {2}span a {2}\(shop\)$/m);
});

test('two spans of one id are both shown', () => {
  assert.deepEqual(names(tree(span('a'), span('a'), span('b', 'a'))), ['span a', 'span b', 'span a']);
});

test('ten thousand spans in one line of descent are shown', () => {
  const chain = Array.from({ length: 10_000 }, (_, i) => span(`s${i}`, i === 0 ? undefined : `s${i - 1}`));
  assert.equal(names(tree(...chain)).length, 10_000);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDuckdbStore } from '../../src/store/duckdb/store.ts';
import type { LogQuery, LogRow, TraceQuery } from '../../src/store/types.ts';
import { tempFolder } from '../support/console.ts';
import { log, logs, span, traces } from './contract.ts';

const MIB = 2 ** 20;
const named = ({ body }: LogRow): string => body.slice(0, 12);

test('a search that has no time gives what it has found, says how far it came, and goes on to find each line once', async t => {
  const store = await openDuckdbStore({ dir: tempFolder(t), segmentBytes: MIB / 4 });
  t.after(() => store.close());
  const wanted: number[] = [];
  for (let batch = 0; batch < 12; batch++) {
    const lines = Array.from({ length: 1000 }, (_, i) => {
      const n = batch * 1000 + i + 1;
      if (n % 1500 === 0) wanted.push(n);
      // In two batches of three the times overlap those of the one before, as senders that are late do.
      const time = n - (batch % 3) * 700;
      return log(n, { time, body: `line ${n} ${n % 1500 === 0 ? 'needle' : 'hay'} ${'x'.repeat(300)}` });
    });
    await store.writeLogs(logs('shop', ...lines));
  }
  assert.ok((await store.stats()).segments > 6);
  for (const order of ['newest', 'oldest'] as const) {
    const query: LogQuery = { text: 'needle', order, limit: 3, budgetMs: 0 };
    const found: string[] = [];
    const edges: number[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const page = await store.logs({ ...query, ...(cursor && { cursor }) });
      found.push(...page.items.map(named));
      if (page.searchedTo !== undefined) edges.push(page.searchedTo);
      cursor = page.next;
      pages += 1;
    } while (cursor !== undefined && pages < 100);
    const all = await store.logs({ text: 'needle', order, limit: 1000 });
    assert.equal(all.items.length, wanted.length);
    assert.deepEqual(found, all.items.map(named));
    assert.ok(edges.length > 2, 'it stopped on its way');
    const sign = order === 'newest' ? -1 : 1;
    assert.deepEqual(
      edges,
      edges.toSorted((a, b) => sign * (a - b)),
    );
  }
});

test('a search of traces by an attribute that has no time comes to its end in parts, each trace once', async t => {
  const store = await openDuckdbStore({ dir: tempFolder(t), segmentBytes: MIB / 4 });
  t.after(() => store.close());
  for (let batch = 0; batch < 12; batch++) {
    const spans = Array.from({ length: 600 }, (_, i) => {
      const n = batch * 600 + i + 1;
      const startTime = n - (batch % 3) * 400;
      const attributes = { shelf: n % 700 === 0 ? 'needle' : 'hay', pad: `${n}`.repeat(60) };
      return span(n, {
        traceId: n.toString(16).padStart(32, '0'),
        startTime,
        endTime: startTime + 1,
        attributes,
      });
    });
    await store.writeTraces(traces('shop', ...spans));
  }
  const query: TraceQuery = { attribute: { key: 'shelf', value: 'needle' }, limit: 3 };
  const found: string[] = [];
  let cursor: string | undefined;
  let stops = 0;
  for (let pages = 0; pages < 100; pages++) {
    const page = await store.traces({ ...query, budgetMs: 0, ...(cursor && { cursor }) });
    found.push(...page.items.map(one => one.traceId));
    if (page.searchedTo !== undefined) stops += 1;
    cursor = page.next;
    if (cursor === undefined) break;
  }
  const all = await store.traces({ ...query, limit: 1000 });
  assert.equal(all.items.length, 10);
  assert.deepEqual(
    found,
    all.items.map(one => one.traceId),
  );
  assert.ok(stops > 0, 'it stopped on its way');
});

// Long because each fault is a story of its own, and they share what they set up.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { type ErrorCode, encodeLogs, encodeMetrics, encodeTraces, type SpanRecord } from '@plimsoll/wire';
import { openDuckdbStore } from '../../src/store/duckdb/store.ts';
import { log, logs, metrics, span, spanId, traceId, traces } from './contract.ts';

const ROUNDS = 50;
const program = join(import.meta.dirname, '../support/programs/receive.ts');
const MIB = 2 ** 20;

async function folder(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'plimsoll-faults-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

async function start(dir: string, segmentBytes = ''): Promise<{ child: ChildProcess; http: string }> {
  const child = spawn(process.execPath, ['--conditions=plimsoll-source', program, dir, segmentBytes], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout! })) {
    return { child, http: (JSON.parse(line) as { http: string }).http };
  }
  throw new Error('the receiver did not start');
}

const segmentsOf = async (dir: string) =>
  (await readdir(dir)).filter(name => /^seg-.*\.duckdb$/.test(name)).sort();

test(`nothing that was acknowledged is missing after ${ROUNDS} kills in the middle of ingest`, async t => {
  const dir = await folder(t);
  const acknowledged = { spans: [] as number[], logs: 0, points: 0 };
  let next = 1;
  for (let round = 0; round < ROUNDS; round++) {
    // Segments this small are sealed several times a round, so that kills hit that too.
    const { child, http } = await start(dir, String(MIB / 4));
    const post = async (path: string, body: Uint8Array) => {
      const headers = { 'Content-Type': 'application/x-protobuf' };
      const answer = await fetch(`${http}/v1/${path}`, { method: 'POST', headers, body: Buffer.from(body) });
      await answer.arrayBuffer();
      return answer.status === 200;
    };
    const sender = async () => {
      for (;;) {
        const own = Array.from({ length: 200 }, () => next++);
        const many = own.map(n => span(n, { attributes: { n, pad: `${n}`.repeat(20) } }));
        if (await post('traces', encodeTraces(traces(`svc ${round}`, ...many))))
          acknowledged.spans.push(...own);
        if (await post('logs', encodeLogs(logs('logs', log(own[0]!), log(own[1]!))))) acknowledged.logs += 2;
        const point = { attributes: { n: own[0]! % 100 }, startTime: 0, time: own[0]!, flags: 0 };
        const gauge = { ...point, value: 1, integer: false, exemplars: [] };
        const metric = { name: 'g', description: '', unit: '', type: 'gauge' as const, points: [gauge] };
        if (await post('metrics', encodeMetrics(metrics('m', metric)))) acknowledged.points += 1;
      }
    };
    const senders = Array.from({ length: 4 }, () => sender().catch(() => {}));
    await new Promise(done => setTimeout(done, 60 + ((round * 37) % 150)));
    child.kill('SIGKILL');
    await once(child, 'exit');
    await Promise.all(senders);
  }
  const reports: string[] = [];
  const store = await openDuckdbStore({ dir, report: (code, detail) => reports.push(`${code} ${detail}`) });
  t.after(() => store.close());
  assert.deepEqual(reports, [], 'every segment opens');
  const stats = await store.stats();
  t.diagnostic(
    `${acknowledged.spans.length} spans acknowledged, ${stats.spans} stored, ${stats.segments} segments`,
  );
  assert.ok(acknowledged.spans.length > 0);
  assert.ok(stats.spans >= acknowledged.spans.length);
  assert.ok(stats.logs >= acknowledged.logs);
  assert.ok(stats.points >= acknowledged.points);
  const stored = new Set<string>();
  for (let cursor: string | undefined; ; ) {
    const page = await store.traces({ limit: 1000, ...(cursor && { cursor }) });
    for (const one of page.items) stored.add(one.traceId);
    if (page.next === undefined) break;
    cursor = page.next;
  }
  assert.deepEqual(
    acknowledged.spans.filter(n => !stored.has(traceId(n))),
    [],
  );
});

test('a run of ten times the quota stays within a tenth of it', async t => {
  const dir = await folder(t);
  const maxBytes = 16 * MIB;
  const store = await openDuckdbStore({ dir, maxBytes });
  const size = async () => {
    const names = await readdir(dir);
    const sizes = await Promise.all(
      names.map(name =>
        stat(join(dir, name)).then(
          file => file.size,
          () => 0,
        ),
      ),
    );
    return sizes.reduce((sum, one) => sum + one, 0);
  };
  let written = 0;
  let most = 0;
  let state = 1;
  // Text that does not compress, so that what is written is what is stored.
  const noise = () => {
    let text = '';
    for (; text.length < 80; text += state.toString(36)) state = (Math.imul(state, 48_271) + 11) >>> 0;
    return text;
  };
  for (let n = 1; written < 10 * maxBytes; ) {
    const many: SpanRecord[] = [];
    for (let i = 0; i < 500; i++, n++) {
      const attributes = { a: noise(), b: noise(), c: noise() };
      many.push(span(n, { attributes }));
      written += JSON.stringify(attributes).length;
    }
    await store.writeTraces(traces('a', ...many));
    most = Math.max(most, await size());
  }
  const { bytes, spans } = await store.stats();
  t.diagnostic(
    `wrote ${(written / MIB).toFixed(0)} MiB, at most ${(most / MIB).toFixed(1)} of ${maxBytes / MIB} MiB`,
  );
  assert.ok(most <= maxBytes * 1.1, `${most} of ${maxBytes}`);
  assert.ok(bytes >= maxBytes * 0.5, `the quota is used: ${bytes}`);
  assert.ok(spans > 0);
  await store.close();
  assert.ok((await size()) <= maxBytes * 1.1);
});

test('a segment that is too old goes, whatever the quota', async t => {
  const dir = await folder(t);
  const old = await openDuckdbStore({ dir, maxAgeMs: 1 });
  await old.writeTraces(traces('a', span(1)));
  await new Promise(done => setTimeout(done, 5));
  await old.writeTraces(traces('a', span(2)));
  await old.close();
  await new Promise(done => setTimeout(done, 5));
  const store = await openDuckdbStore({ dir, maxAgeMs: 1 });
  t.after(() => store.close());
  assert.deepEqual(await store.trace(traceId(1)), []);
});

test('more segments than are kept open answer as one', async t => {
  const dir = await folder(t);
  const store = await openDuckdbStore({ dir, segmentBytes: 1 });
  t.after(() => store.close());
  const ids = Array.from({ length: 80 }, (_, i) => traceId(i + 1));
  for (let n = 1; n <= 80; n++) await store.writeTraces(traces(`svc ${n}`, span(n)));
  assert.ok((await store.stats()).segments >= 80);
  const ways = [{}, { order: 'slowest' as const }, { limit: 7 }];
  for (const query of ways) {
    const seen: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await store.traces({ ...query, ...(cursor && { cursor }) });
      seen.push(...page.items.map(one => one.traceId));
      if (page.next === undefined) break;
      cursor = page.next;
    }
    assert.deepEqual(seen.sort(), ids);
  }
  assert.deepEqual(
    (await Promise.all(ids.map(id => store.trace(id)))).flat().map(row => row.service).length,
    80,
  );
});

test('a trace that lies in several segments is one trace', async t => {
  const dir = await folder(t);
  const store = await openDuckdbStore({ dir, segmentBytes: 1 });
  t.after(() => store.close());
  const part = (n: number, more: Partial<SpanRecord> = {}) =>
    span(n, { traceId: traceId(1), parentSpanId: spanId(100), attributes: { n }, ...more });
  await store.writeTraces(traces('a', part(1)));
  await store.writeTraces(traces('b', part(2), span(50)));
  await store.writeTraces(
    traces('c', part(3, { spanId: spanId(100), parentSpanId: undefined as never, name: 'root' })),
  );
  for (const query of [{}, { order: 'slowest' as const }, { limit: 1 }]) {
    const first = await store.traces(query);
    const rest = first.next
      ? await store.traces({ ...query, limit: 100, cursor: first.next })
      : { items: [] };
    const items = [...first.items, ...rest.items];
    assert.equal(items.filter(one => one.traceId === traceId(1)).length, 1, JSON.stringify(query));
    const [one] = items.filter(item => item.traceId === traceId(1));
    assert.deepEqual(
      [one?.name, one?.services, one?.spans, one?.durationMs],
      ['root', ['a', 'b', 'c'], 3, 12.25],
    );
  }
  const found = await store.traces({ attribute: { key: 'n', value: '2' } });
  assert.deepEqual(
    found.items.map(item => item.traceId),
    [traceId(1)],
  );
  assert.equal((await store.trace(traceId(1))).length, 3);
});

async function threeSegments(dir: string): Promise<readonly string[]> {
  for (let i = 1; i <= 3; i++) {
    const store = await openDuckdbStore({ dir });
    // A segment of another day: what was made before is sealed as it is opened after a newer one.
    const spans = Array.from({ length: 2000 }, (_, j) =>
      span(i * 10_000 + j, { attributes: { pad: `${i * j}`.repeat(30) } }),
    );
    await store.writeTraces(traces(`svc ${i}`, ...spans));
    await store.close();
    const [current = ''] = (await segmentsOf(dir)).slice(-1);
    await copyFile(join(dir, current), join(dir, `seg-0000000000000${i}-${i + 100}.duckdb`));
    await rm(join(dir, current));
  }
  return segmentsOf(dir);
}

const damages: readonly (readonly [string, (path: string) => Promise<void>])[] = [
  ['that is no database', path => writeFile(path, 'nonsense'.repeat(1000))],
  ['that is empty', path => writeFile(path, '')],
  [
    'that is cut',
    async path => {
      const file = await open(path, 'r+');
      await file.truncate(20_000);
      await file.close();
    },
  ],
  [
    'whose middle was overwritten',
    async path => {
      const { size } = await stat(path);
      const file = await open(path, 'r+');
      for (let at = 16_384; at < size; at += 4096) await file.write(Buffer.alloc(512, 0xa5), 0, 512, at);
      await file.close();
    },
  ],
  ['with a log that is none', path => writeFile(`${path}.wal`, 'nonsense'.repeat(1000))],
];

for (const [what, damage] of damages) {
  test(`a segment ${what} is set aside with a coded line, and the others answer`, async t => {
    const dir = await folder(t);
    const [, second = ''] = await threeSegments(dir);
    await damage(join(dir, second));
    const codes: ErrorCode[] = [];
    const store = await openDuckdbStore({ dir, report: code => codes.push(code) });
    t.after(() => store.close());
    const found = [];
    for (const i of [1, 2, 3]) found.push((await store.trace(traceId(i * 10_000 + 5))).length);
    await store.traces({ minMs: 0, order: 'slowest' });
    assert.deepEqual([found[0], found[2]], [1, 1]);
    // DuckDB itself passes over an empty file and over a log that it can't read.
    const told = !what.includes('empty') && !what.includes('log');
    if (told) assert.deepEqual(codes, ['PLIMSOLL_STORE_SEGMENT']);
    if (what.includes('log')) assert.equal(found[1], 1, 'what the file itself holds is there');
    assert.equal(await store.writeTraces(traces('new', span(7))), 1);
    assert.equal((await store.trace(traceId(7))).length, 1);
  });
}

test('a segment of a newer version is left alone', async t => {
  const dir = await folder(t);
  const [first = ''] = await threeSegments(dir);
  const other = await DuckDBInstance.create(join(dir, first));
  const connection = await other.connect();
  await connection.run('UPDATE schema_version SET version = 9999');
  connection.closeSync();
  other.closeSync();
  const codes: ErrorCode[] = [];
  const store = await openDuckdbStore({ dir, report: code => codes.push(code) });
  assert.deepEqual(codes, ['PLIMSOLL_STORE_NEWER']);
  assert.equal((await store.services()).length, 2);
  await store.close();
  assert.equal((await segmentsOf(dir)).includes(first), true);
});

test('a segment whose making was cut short is made again', async t => {
  const dir = await folder(t);
  const empty = await DuckDBInstance.create(join(dir, `seg-${Date.now()}-1.duckdb`));
  empty.closeSync();
  const store = await openDuckdbStore({ dir });
  t.after(() => store.close());
  assert.equal(await store.writeTraces(traces('a', span(1))), 1);
  assert.equal((await segmentsOf(dir)).length, 1);
});

test('the folder is one process’s own', async t => {
  const dir = await folder(t);
  const { child } = await start(dir);
  t.after(() => child.kill('SIGKILL'));
  await assert.rejects(openDuckdbStore({ dir }), { code: 'PLIMSOLL_STORE_LOCKED' });
  child.kill('SIGKILL');
  await once(child, 'exit');
  const store = await openDuckdbStore({ dir });
  await store.close();
});

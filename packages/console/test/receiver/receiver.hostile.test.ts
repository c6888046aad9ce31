import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { encodeLogs, encodeMetrics, encodeTraces, tracesToJson } from '@plimsoll/wire';
import { log, logs, metrics, span, traces } from '../store/contract.ts';
import { receive } from '../support/receiving.ts';

const JSON_TYPE = { 'Content-Type': 'application/json' };
const histogram = {
  ...{ name: 'h', description: '', unit: '', type: 'histogram' as const, temporality: 'delta' as const },
  points: [
    {
      attributes: { k: 'v' },
      startTime: 0,
      time: 5,
      flags: 0,
      count: 1,
      sum: 1,
      buckets: [1],
      bounds: [],
      exemplars: [],
    },
  ],
};

/** A pseudo-random sequence that is the same in each run. */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test('a body cut at any byte, or with any byte changed, is answered and never ends the process', async t => {
  const { post, store } = await receive(t);
  const random = sequence(1);
  const full = [
    [
      '/v1/traces',
      encodeTraces(
        traces(
          'a',
          span(1, { attributes: { k: 'v', n: 1 }, events: [{ name: 'e', time: 1, attributes: {} }] }),
        ),
      ),
    ],
    ['/v1/logs', encodeLogs(logs('a', log(1, { body: { a: [1, 'x'] } })))],
    ['/v1/metrics', encodeMetrics(metrics('a', histogram))],
  ] as const;
  for (const [path, body] of full) {
    for (let size = 0; size < body.length; size++) {
      const { status } = await post(path, body.slice(0, size));
      assert.ok(status === 200 || status === 400, `${path} cut at ${size}: ${status}`);
    }
    for (let i = 0; i < 300; i++) {
      const changed = body.slice();
      changed[Math.floor(random() * body.length)] = Math.floor(random() * 256);
      const { status } = await post(path, changed);
      assert.ok(status === 200 || status === 400, `${path}: ${status}`);
    }
  }
  assert.equal((await post('/v1/traces', encodeTraces(traces('fine', span(7))))).status, 200);
  assert.ok((await store.services()).some(one => one.service === 'fine'));
});

test('JSON of the wrong types, nested for ever or huge is a 400', async t => {
  const { post } = await receive(t);
  const deep = (open: string, close: string, n: number) => open.repeat(n) + close.repeat(n);
  const value = `${'{"arrayValue":{"values":['.repeat(5000)}${']}}'.repeat(5000)}`;
  const bodies = [
    '7',
    '"x"',
    deep('[', ']', 100_000),
    deep('{"resourceSpans":', '}', 50_000).replace('}', '1}'),
    `{"resourceSpans":[{"resource":{"attributes":[{"key":"k","value":${value}}]},"scopeSpans":[]}]}`,
    '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":7}]}]}]}',
    '{"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":"x"}]}]}]}',
    '{"resourceSpans":{"length":1000000000}}',
    '\ud800',
  ];
  for (const body of bodies)
    assert.equal((await post('/v1/traces', body, JSON_TYPE)).status, 400, body.slice(0, 60));
  const odd = tracesToJson(traces('a', span(1))) as Record<string, unknown>;
  const polluted = JSON.stringify({ ...odd, constructor: 1 }).replace('{', '{"__proto__":{"polluted":1},');
  assert.equal((await post('/v1/traces', polluted, JSON_TYPE)).status, 200);
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
});

test('a body that unpacks to very much is refused before it has', async t => {
  const { post } = await receive(t);
  const bomb = gzipSync(Buffer.alloc(64 * 2 ** 20));
  const before = process.memoryUsage().rss;
  for (let i = 0; i < 5; i++) {
    assert.equal((await post('/v1/traces', bomb, { 'Content-Encoding': 'gzip' })).status, 413);
  }
  assert.ok(process.memoryUsage().rss - before < 300 * 2 ** 20);
  const twice = gzipSync(bomb);
  assert.equal((await post('/v1/traces', twice, { 'Content-Encoding': 'gzip' })).status, 400);
  assert.equal((await post('/v1/traces', brotliCompressSync('x'), { 'Content-Encoding': 'br' })).status, 400);
  assert.equal((await post('/v1/traces', bomb.subarray(0, 100), { 'Content-Encoding': 'gzip' })).status, 400);
  const { receiver } = await receive(t, { maxBytes: 1000 });
  const endless = new ReadableStream({ pull: controller => controller.enqueue(new Uint8Array(10_000)) });
  const sent = fetch(`${receiver.httpUrl}/v1/traces`, {
    ...{ method: 'POST', body: endless, duplex: 'half' },
    headers: { 'Content-Type': 'application/x-protobuf' },
  } as RequestInit);
  // The sender never stops, so it sees either the answer or the end of the connection.
  assert.ok(
    await sent.then(
      answer => answer.status === 413,
      () => true,
    ),
  );
});

test('a sender that is slow, or stops, is cut and gives its room back', async t => {
  const { receiver, post } = await receive(t, { timeoutMs: 300, maxPendingBytes: 5000 });
  const { hostname, port } = new URL(receiver.httpUrl);
  const heads = [
    'POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\nContent-Length: 9000\r\n\r\nabc',
    'POST /v1/traces HTTP/1.1\r\nHost: x\r\nX-Slow: ',
  ];
  const closed = heads.map(
    head =>
      new Promise<void>(done => {
        const socket = connect(Number(port), hostname, () => socket.write(head));
        const drip = setInterval(() => socket.write('a'), 50);
        socket.on('error', () => {});
        socket.on('close', () => {
          clearInterval(drip);
          done();
        });
      }),
  );
  await Promise.all(closed);
  for (let i = 0; i < 5; i++) {
    const gone = connect(Number(port), hostname, () => {
      gone.write(
        `POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\nContent-Length: 4000\r\n\r\n`,
      );
      gone.write(new Uint8Array(3000), () => gone.destroy());
    });
    await new Promise(done => gone.on('close', done));
  }
  let status = 0;
  for (let i = 0; i < 50 && status !== 200; i++) {
    ({ status } = await post('/v1/traces', encodeTraces(traces('a', span(1)))));
    if (status !== 200) await new Promise(done => setTimeout(done, 20));
  }
  assert.equal(status, 200);
});

test('many services, names and labels do not fill the memory', async t => {
  const { post, store } = await receive(t);
  for (let round = 0; round < 30; round++) {
    const groups = Array.from(
      { length: 500 },
      (_, i) => traces(`svc ${round} ${i}`, span(round * 500 + i + 1))[0]!,
    );
    assert.equal((await post('/v1/traces', encodeTraces(groups))).status, 200);
  }
  assert.equal((await store.services()).length, 15_000);
  assert.ok(process.memoryUsage().heapUsed < 400 * 2 ** 20);
});

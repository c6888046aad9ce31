import assert from 'node:assert/strict';
import { it } from 'node:test';
import { memory, type Recent } from '../src/parts/memory/part.ts';
import { openKit } from './unit/parts/support.ts';

async function remembering() {
  const kit = openKit({ env: 'development', trace: { enabled: true } });
  await kit.use(memory);
  return { kit, recent: () => kit.read<Recent>('recent')! };
}

it('keeps the spans of a trace together, with route, status and duration, newest trace first', async () => {
  const { kit, recent } = await remembering();
  for (const path of ['/a', '/b']) {
    kit.trace.span(`GET ${path}`, { kind: 'server' }, span => {
      span.setAttributes({ 'http.route': path, 'http.response.status_code': 201 });
      kit.trace.span('query', () => {});
    });
  }
  const { traces } = recent();
  assert.deepEqual(
    traces.map(trace => trace.name),
    ['GET /b', 'GET /a'],
  );
  const [last] = traces;
  assert.equal(last?.route, '/b');
  assert.equal(last?.status, 201);
  assert.deepEqual(
    last?.spans.map(span => span.name),
    ['GET /b', 'query'],
  );
  assert.equal(last?.spans[1]?.parent_span_id, last?.spans[0]?.span_id);
  assert.equal(typeof last?.duration_ms, 'number');
  await kit.close();
});

it('holds the last 50 traces and 500 lines, and 100 spans of a trace with its root', async () => {
  const { kit, recent } = await remembering();
  for (let n = 0; n < 60; n++) kit.trace.start(`trace ${n}`).end();
  for (let n = 0; n < 600; n++) kit.log.info({ n }, 'line');
  let { traces, lines } = recent();
  assert.equal(traces.length, 50);
  assert.equal(traces[0]?.name, 'trace 59');
  assert.equal(lines.length, 500);
  assert.equal((lines[0] as { n: number }).n, 599);
  kit.trace.span('long', () => {
    for (let n = 0; n < 300; n++) kit.trace.start(`step ${n}`).end();
  });
  ({ traces, lines } = recent());
  assert.equal(traces[0]?.name, 'long');
  assert.equal(traces[0]?.spans.length, 101);
  assert.equal(traces[0]?.dropped_spans, 200);
  await kit.close();
});

it('is bounded in size too, whatever the spans and lines hold', async () => {
  const { kit, recent } = await remembering();
  const attributes = Object.fromEntries(
    Array.from({ length: 100 }, (_, n) => [`key.${n}`, 'x '.repeat(125)]),
  );
  for (let trace = 0; trace < 60; trace++) {
    kit.trace.span('wide', () => {
      for (let n = 0; n < 20; n++) kit.trace.start('span', { attributes }).end();
    });
  }
  for (let n = 0; n < 500; n++)
    kit.log.info({ list: Array.from({ length: 10 }, () => 'y '.repeat(120)) }, 'wide');
  const { traces, lines } = recent();
  assert.ok(JSON.stringify(traces).length < 6_000_000);
  assert.ok(JSON.stringify(lines).length < 1_200_000);
  assert.ok(traces.length > 0 && lines.length > 0);
  await kit.close();
});

it('its answer is JSON, whatever attributes hold', async () => {
  const { kit, recent } = await remembering();
  kit.trace
    .start('odd', { attributes: { big: 2n ** 60n, bytes: new Uint8Array(3), nested: { list: [1n] } } })
    .end();
  assert.doesNotThrow(() => JSON.stringify(recent()));
  await kit.close();
  assert.equal(recent(), undefined);
});

it('holds 200 spans of a trace at most, where a caller sends all its requests under one trace id', async () => {
  const { kit, recent } = await remembering();
  const parent = kit.trace.extract({ traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` });
  for (let n = 0; n < 1000; n++) kit.trace.start('request', { kind: 'server', parent }).end();
  const [trace] = recent().traces;
  assert.equal(trace?.spans.length, 200);
  assert.equal(trace?.dropped_spans, 800);
  await kit.close();
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { init } from 'plimsoll';
import { Sketch } from '../src/parts/profiler/sketch.ts';
import { type Json, perf, TOKEN } from './support/perf.ts';

const ON = { enable_perf_profiler_dashboard: true };
const P = '/api/perf/profiler';
const names = (rows: Json[]) => rows.map(({ name }) => name);

test('while the profiler is off its routes are 403, and its calls just call', async t => {
  const { ask, obs } = await perf(t, { enable_perf_budgets: true });
  for (const path of ['mark', 'span', 'reset'])
    assert.equal((await ask(`${P}/${path}`, '{')).status, 403, path);
  assert.equal((await ask(`${P}/dashboard`)).status, 403);
  const token = { 'x-admin-token': TOKEN };
  for (const path of ['cpu', 'heap']) {
    const { status, body } = await ask(`${P}/${path}`, '', token);
    assert.deepEqual([status, body['detail']], [403, 'enable_perf flag disabled']);
  }
  const { profiler, profiler_enabled, budgets_enabled } = (await ask('/api/perf/health')).body;
  assert.deepEqual([profiler, profiler_enabled, budgets_enabled], [null, false, true]);
  for (const { profiler: off } of [obs, await init({ enabled: false })]) {
    assert.equal(
      off.profile('x', {}, () => 7),
      7,
    );
    assert.equal(off.dashboard(), undefined);
    await assert.rejects(off.cpu(), { code: 'PLIMSOLL_OFF' });
  }
});

test('a mark is echoed, and then seen in the dashboard and in health', async t => {
  const { ask } = await perf(t, ON);
  const sent = { name: 'bench.warmup', category: 'ci', metadata: { phase: 'first-paint' } };
  const { status, body } = await ask(`${P}/mark`, sent);
  assert.deepEqual([status, body['ok'], body['feature_flag']], [200, true, true]);
  const { timestamp, ...rest } = body['mark'];
  assert.deepEqual(rest, sent);
  assert.ok(Math.abs(timestamp - Date.now() / 1000) < 60);
  assert.deepEqual((await ask(`${P}/dashboard`)).body['dashboard'].marks, [body['mark']]);
  const { profiler } = (await ask('/api/perf/health')).body;
  assert.deepEqual([profiler.recent_marks, profiler.marks_recorded], [[body['mark']], 1]);
  for (const name of ['', 'x'.repeat(129)]) assert.equal((await ask(`${P}/mark`, { name })).status, 422);
  assert.equal((await ask(`${P}/mark`, { name: 'a', category: 'x'.repeat(65) })).status, 422);
  assert.equal((await ask(`${P}/mark`, { name: 'a', more: 1 })).body['mark'].category, 'general');
});

test('spans of one name are one row, ranked by time and by memory apart', async t => {
  const { ask } = await perf(t, ON);
  const span = (name: string, duration_ms: number, memory_kb = 0, category = 'render') =>
    ask(`${P}/span`, { name, category, duration_ms, memory_kb });
  await span('pass', 10, 5);
  await span('pass', 30);
  await span('quick', 5, 900);
  const { body } = await span('pass', -4, -4, 'other');
  assert.deepEqual([body['span'].duration_ms, body['span'].memory_kb], [0, 0]);
  const { dashboard } = (await ask(`${P}/dashboard`)).body;
  const [top] = dashboard.top_time;
  const { count, total_ms, max_ms, avg_ms, max_kb, avg_kb, p50_ms, p95_ms, name, category } = top;
  assert.deepEqual(
    [name, category, count, total_ms, max_ms, avg_ms, max_kb, avg_kb],
    ['pass', 'render', 2, 40, 30, 20, 5, 2.5],
  );
  assert.ok(Math.abs(p50_ms - 10) <= 0.2 && Math.abs(p95_ms - 30) <= 0.6, `${p50_ms} ${p95_ms}`);
  assert.deepEqual(names(dashboard.top_time), ['pass', 'quick', 'pass']);
  assert.deepEqual(names(dashboard.top_memory), ['quick', 'pass']);
  assert.deepEqual(Object.keys(dashboard.categories), ['render', 'other']);
  const one = (await ask(`${P}/dashboard?limit=1`)).body['dashboard'];
  const lists = [one.top_time, one.top_memory, one.spans, one.categories.render];
  assert.deepEqual(
    lists.map((list: unknown[]) => list.length),
    [1, 1, 1, 1],
  );
  assert.equal(one.aggregates.length, 3);
  const { profiler } = (await ask('/api/perf/health?limit=1')).body;
  assert.deepEqual([names(profiler.top_time), names(profiler.top_memory)], [['pass'], ['quick']]);
  assert.deepEqual([profiler.spans_recorded, profiler.recent_spans.length], [4, 1]);
  for (const limit of ['0', '-1', '101', 'x']) {
    assert.equal((await ask(`${P}/dashboard?limit=${limit}`)).status, 422, limit);
    assert.equal((await ask(`/api/perf/health?limit=${limit}`)).status, 422, limit);
  }
});

test('profile measures what it calls, also when that throws or rejects', async t => {
  const { obs } = await perf(t, ON);
  const labels = { category: 'work', metadata: { step: 1 } };
  assert.equal(
    obs.profiler.profile('sync', labels, () => 7),
    7,
  );
  assert.equal(await obs.profiler.profile('async', labels, async () => 7), 7);
  assert.throws(() => obs.profiler.profile('throws', labels, () => assert.fail('no')), { message: 'no' });
  await assert.rejects(
    obs.profiler.profile('rejects', labels, () => Promise.reject(new Error('no'))),
    { message: 'no' },
  );
  let kept: unknown;
  obs.profiler.profile('memory', labels, () => {
    kept = Array.from({ length: 300_000 }, (_, n) => ({ n }));
  });
  assert.ok(kept);
  const { spans = [], top_memory = [] } = obs.profiler.dashboard(10) ?? {};
  assert.deepEqual(
    spans.map(({ name, metadata }) => [name, metadata['exception']]),
    [
      ['sync', undefined],
      ['async', undefined],
      ['throws', 'AssertionError [ERR_ASSERTION]: no'],
      ['rejects', 'Error: no'],
      ['memory', undefined],
    ],
  );
  assert.ok(top_memory[0]?.name === 'memory' && top_memory[0].max_kb > 1000);
});

test('what is kept is bounded: the newest, all names up to a thousand, and a count of everything', async t => {
  const { obs, ask } = await perf(t, ON);
  for (let n = 0; n < 300; n++) obs.profiler.mark(`m${n}`);
  for (let n = 0; n < 1500; n++) obs.profiler.recordSpan(`s${n}`, { duration_ms: n });
  const { marks = [], aggregates = [] } = obs.profiler.dashboard(1000) ?? {};
  assert.deepEqual([marks.length, marks.at(-1)?.name, marks[0]?.name], [256, 'm299', 'm44']);
  assert.equal(aggregates.length, 1001);
  assert.equal(aggregates.find(({ name }) => name === 'other')?.count, 500);
  const { profiler } = (await ask('/api/perf/health')).body;
  assert.deepEqual(
    [profiler.marks_recorded, profiler.marks_kept, profiler.spans_recorded, profiler.spans_kept],
    [300, 256, 1500, 256],
  );
});

test('secrets and personal values in metadata are not kept', async t => {
  const { ask } = await perf(t, ON);
  await ask(`${P}/mark`, {
    name: 'a',
    metadata: { password: 'hunter2', note: 'key sk_live_51H8xAbCdEfGhIjKlMnOpQrStUv' },
  });
  const text =
    JSON.stringify((await ask(`${P}/dashboard`)).body) + JSON.stringify((await ask('/api/perf/health')).body);
  assert.ok(!text.includes('hunter2') && !text.includes('sk_live_51H8'), text);
});

test('marks, spans, a changed dashboard and a reset are hooks; polling is not', async t => {
  const { ask, hooks, obs } = await perf(t, ON);
  let ahead = 0;
  const real = obs.clock.monotonic;
  Object.assign(obs.clock, { monotonic: () => real() + ahead });
  const said = () =>
    hooks
      .splice(0)
      .map(({ event, data }) => (event === 'on_perf_profiler_snapshot' ? data['trigger'] : event));
  await ask(`${P}/mark`, { name: 'a' });
  await ask(`${P}/span`, { name: 'b', duration_ms: 1 });
  for (let n = 0; n < 5; n++) await ask(`${P}/dashboard`);
  const snapshot = hooks.find(({ data }) => data['trigger'] === 'snapshot.generated')?.data['payload'];
  assert.deepEqual(Object.keys(snapshot).sort(), [
    'aggregates',
    'marks',
    'timestamp',
    'top_memory',
    'top_time',
  ]);
  assert.deepEqual(said(), ['mark.emitted', 'span.recorded', 'snapshot.generated']);
  ahead += 2000;
  await ask(`${P}/dashboard`);
  assert.deepEqual(said(), [], 'nothing changed');
  await ask(`${P}/dashboard?emit=1`);
  await ask(`${P}/dashboard?emit=1`);
  assert.deepEqual(said(), ['snapshot.generated'], 'asked for, and once a second');
  assert.deepEqual((await ask(`${P}/reset`, '')).body, { ok: true, feature_flag: true });
  assert.deepEqual(said(), ['reset']);
  const { top_time, marks, aggregates, spans } = (await ask(`${P}/dashboard`)).body['dashboard'];
  assert.deepEqual([top_time, marks, aggregates, spans], [[], [], [], []]);
});

test('quantiles are within 2 % of the truth', () => {
  const values = fc.array(fc.double({ min: 0.01, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(values, fc.constantFrom(0.5, 0.95, 1), (input, q) => {
      const sketch = new Sketch();
      for (const value of input) sketch.add(value);
      const truth = [...input].sort((a, b) => a - b)[Math.ceil(input.length * q) - 1] as number;
      assert.ok(Math.abs(sketch.quantile(q) / truth - 1) <= 0.0201, `${sketch.quantile(q)} for ${truth}`);
    }),
  );
});

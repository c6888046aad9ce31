import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SpanRecord } from '@plimsoll/wire';
import { serve, TOKEN } from './ops/server.ts';

const base = { env: 'development', ops: { adminToken: [TOKEN] }, trace: { enabled: true } };
const run = { method: 'POST', headers: { 'x-admin-token': TOKEN } };

async function exposition(kit: {
  metrics: { expose(format: 'prometheus'): Promise<Uint8Array> };
}): Promise<string> {
  return Buffer.from(await kit.metrics.expose('prometheus')).toString();
}

test('a job route runs the job: 200, or 500 with its code, each run counted and timed', async t => {
  const { ask, ops, kit, lines } = await serve(t, base);
  let broken = false;
  ops.job(
    'leaderboard_rollover',
    () => {
      if (broken) throw new Error('period is locked');
    },
    { path: '/ops/rollover', failed: 'rollover_failed' },
  );
  const good = await ask('/ops/rollover', run);
  assert.deepEqual([good.status, good.body], [200, { status: 'ok' }]);
  broken = true;
  const bad = await ask('/ops/rollover', run);
  assert.deepEqual(
    [bad.status, bad.body['code'], bad.body['detail']],
    [500, 'rollover_failed', 'rollover_failed'],
  );
  assert.doesNotMatch(bad.text, /locked/);
  const text = await exposition(kit);
  assert.match(text, /^jobs_runs_total\{name="leaderboard_rollover",result="ok"\} 1$/m);
  assert.match(text, /^jobs_runs_total\{name="leaderboard_rollover",result="error"\} 1$/m);
  assert.match(text, /^jobs_duration_seconds_count\{name="leaderboard_rollover"\} 2$/m);
  const failures = lines.filter(({ level }) => level === 'error');
  assert.equal(failures.length, 1);
  assert.equal(failures[0]?.['msg'], 'job_failed');
  assert.match(JSON.stringify(failures[0]), /period is locked.*stack/s);
});

test('a run has a trace and a request id of its own, and its lines carry them', async t => {
  const { jobs, kit, lines } = await serve(t, base);
  const spans: SpanRecord[] = [];
  kit.on('span', span => void spans.push(span));
  const nightly = jobs.job('nightly', async (kind: string) => {
    kit.log.info({ kind }, 'working');
    await kit.trace.span('inner', async () => kit.log.info('deeper'));
    return kind.length;
  });
  const lengths = await kit.trace.span('outer', () => Promise.all([nightly('ab'), nightly('abc')]));
  assert.deepEqual(lengths, [2, 3]);
  const outer = spans.find(({ name }) => name === 'outer');
  const roots = spans.filter(({ name }) => name === 'job nightly');
  assert.equal(roots.length, 2);
  assert.notEqual(roots[0]?.traceId, roots[1]?.traceId);
  for (const root of roots) {
    assert.equal(root.parentSpanId, undefined);
    assert.notEqual(root.traceId, outer?.traceId);
    const own = lines.filter(({ trace_id }) => trace_id === root.traceId);
    assert.deepEqual(
      own.map(({ msg }) => msg),
      ['working', 'deeper'],
    );
    assert.equal(new Set(own.map(({ request_id }) => request_id)).size, 1);
    assert.match(String(own[0]?.['request_id']), /^[0-9a-f-]{36}$/);
    assert.equal(
      spans.find(({ name, traceId }) => name === 'inner' && traceId === root.traceId)?.parentSpanId,
      root.spanId,
    );
  }
});

test('a failed run marks its span, is logged once with its trace, and throws on', async t => {
  const { jobs, kit, lines } = await serve(t, { ...base, trace: { enabled: true, ratio: 0 } });
  const spans: SpanRecord[] = [];
  kit.on('span', span => void spans.push(span));
  const thrown = new Error('disk full');
  await assert.rejects(
    jobs.job('sync', () => {
      throw thrown;
    })(),
    error => error === thrown,
  );
  assert.deepEqual(
    spans.map(({ name, status }) => [name, status.code]),
    [['job sync', 2]],
  );
  const failures = lines.filter(({ msg }) => msg === 'job_failed');
  assert.equal(failures.length, 1);
  assert.equal(failures[0]?.['trace_id'], spans[0]?.traceId);
});

test('ids flow through a job where tracing is off or nothing is recorded', async t => {
  for (const trace of [{ enabled: false }, { enabled: true, ratio: 0, keepErrors: false, slowMs: 0 }]) {
    const { jobs, kit, lines } = await serve(t, { ...base, trace });
    await jobs.job('quiet', () => kit.log.info('working'))();
    const line = lines.find(({ msg }) => msg === 'working');
    assert.match(String(line?.['trace_id']), /^(?!0{32})[0-9a-f]{32}$/);
    assert.match(String(line?.['span_id']), /^(?!0{16})[0-9a-f]{16}$/);
  }
});

test('a job name is taken once, with or without a route', async t => {
  const { jobs, ops } = await serve(t, base);
  jobs.job('one', () => {});
  assert.throws(() => ops.job('one', () => {}), { code: 'PLIMSOLL_DUPLICATE_JOB' });
});

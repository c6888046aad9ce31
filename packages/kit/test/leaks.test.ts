import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeApp, send, until } from './support/apps.ts';
import { openKit, openTracing } from './support/kit.ts';
import { type Json, perf, TOKEN } from './support/perf.ts';

/** What `test/markers.hostile.test.ts` found, each by itself. */
const KEY = 'sk-proj-4Zk8Q1mX7vN2bT6wR9yL3abc';

test('a request id that is a key or a token is not taken over', async () => {
  const { port, lines } = await nodeApp((_req, res) => void res.end('ok'));
  for (const id of [KEY, 'AKIAIOSFODNN7EXAMPLE', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl']) {
    const answer = await send(
      port,
      `GET / HTTP/1.1\r\nHost: x\r\nX-Request-Id: ${id}\r\nConnection: close\r\n\r\n`,
    );
    assert.match(answer, /x-request-id: [0-9a-f-]{36}\r\n/i);
    assert.ok(!answer.includes(id));
  }
  await until(() => lines.filter(line => line['msg'] === 'http_request').length === 3 || undefined);
  assert.doesNotMatch(JSON.stringify(lines), /sk-proj|AKIA|eyJ/);
});

test('a tracestate with an address in it is left out, and the trace goes on', () => {
  const { kit, spans } = openTracing();
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  for (const tracestate of ['rojo=00f067aa0ba902b7', 'a=anna.berg%40mail.example.org', `a=${KEY}`]) {
    kit.trace.start('work', { parent: kit.trace.extract({ traceparent, tracestate }) }).end();
  }
  assert.deepEqual(
    spans.map(({ traceId, traceState }) => [traceId.slice(0, 6), traceState]),
    [
      ['0af765', 'rojo=00f067aa0ba902b7'],
      ['0af765', undefined],
      ['0af765', undefined],
    ],
  );
});

test("a label's name says what its value is", async () => {
  const { kit } = openKit();
  const labels = ['user_id', 'password', 'lat', 'path', 'route', 'kind'] as const;
  const counter = kit.metrics.counter('seen_total', { help: 'Seen', labels });
  counter.inc({
    ...{ user_id: 48213, password: 'hunter2', lat: 52.52 },
    path: '/srv/x/48213.png',
    route: '/a/:id',
    kind: 'x',
  });
  const text = Buffer.from(await kit.metrics.expose('prometheus')).toString();
  const line = text.split('\n').find(one => one.startsWith('seen_total{'));
  assert.match(line ?? '', /user_id="\[redacted\]".*password="\[redacted\]".*lat="\[redacted\]"/);
  assert.match(line ?? '', /route="\/a\/:id".*kind="x"/);
  assert.ok(!line?.includes('48213'), line);
});

test('what jobs, assets and marks are called and carry is under the policy in answers, their ids are not', async t => {
  const { ask } = await perf(t, { enable_perf: true });
  const admin = { 'x-admin-token': TOKEN };
  const job_id = 'anna.berg@mail.example.org-7';
  await ask('/api/perf/budgets/jobs/register', { job_id, job_type: `render ${KEY}` });
  await ask('/api/perf/budgets/jobs/start', { job_id });
  const ended = await ask('/api/perf/budgets/jobs/finish', {
    job_id,
    status: `failed ${KEY}`,
    reason: `for ${KEY}`,
  });
  assert.equal((ended.body['job'] as Json).id, job_id);
  const metadata = { password: 'hunter2', caption: 'mine', note: KEY };
  await ask('/api/perf/budgets/assets/register', { asset_id: 'a', size_mb: 1, metadata });
  const mark = await ask('/api/perf/profiler/mark', { name: `mark ${KEY}`, category: KEY });
  const snapshot = await ask('/api/perf/budgets', undefined, admin);
  const [asset] = snapshot.body['assets'] as Json[];
  assert.deepEqual([asset?.metadata.password, asset?.metadata.caption], ['********', 'mine']);
  const dashboard = await ask('/api/perf/profiler/dashboard', undefined, admin);
  for (const { body } of [ended, mark, snapshot, dashboard])
    assert.doesNotMatch(JSON.stringify(body), /sk-proj|hunter2/);
});

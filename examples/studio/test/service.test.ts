import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { applyAliases } from '../src/obs.ts';
import { CONFIG_FILE, HOME, settingsFrom } from '../src/settings.ts';
import { folder, type Json, startStudio, until } from './support.ts';

test('health is told under its three names', async t => {
  const { call, obs } = await startStudio(t);
  let down = false;
  obs.health.check('disk', () => ({ ok: !down }), { intervalMs: 20 });
  await until(async () => (await call('/health')).body.checks.disk?.ok === true);
  assert.equal((await call('/health')).body.status, 'ok');
  for (const path of ['/healthz', '/status']) assert.deepEqual((await call(path)).body, { status: 'ok' });
  down = true;
  await until(async () => (await call('/healthz')).body.status === 'degraded');
  assert.deepEqual([(await call('/health')).status, (await call('/status')).status], [200, 200]);
});

test('studio and the ops API tell a failure with the same members', async t => {
  const { call } = await startStudio(t, { obs: { ops: { adminToken: ['right'] } } });
  const cases: [path: string, body: unknown, status: number, code: string][] = [
    ['/nothing', undefined, 404, 'http_404'],
    ['/api/save/x', undefined, 404, 'http_404'],
    ['/api/save/x', '{', 400, 'invalid_json'],
    ['/api/presentation/plan', {}, 422, 'validation_error'],
    ['/api/save/x', 'x'.repeat(1_100_000), 413, 'http_413'],
    ['/ops/', undefined, 403, 'forbidden'],
    ['/ops/log-level', {}, 403, 'forbidden'],
  ];
  for (const [path, body, status, code] of cases) {
    const answer = await call(path, body);
    const { ok, message, detail, status: told, code: coded, request_id } = answer.body;
    assert.deepEqual([answer.status, told, ok, coded], [status, status, false, code], path);
    assert.equal(message, detail);
    assert.equal(request_id, answer.headers.get('x-request-id'));
    assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
  }
});

test('a body without a length is cut off at the same size', async t => {
  const { origin } = await startStudio(t);
  const body = new ReadableStream({
    pull(controller) {
      controller.enqueue(Buffer.alloc(65_536, 0x20));
    },
  });
  const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
  const answer = await fetch(`${origin}/api/save/x`, init).catch(() => undefined);
  // The answer may find the connection closed under the writer.
  if (answer) assert.equal(answer.status, 413);
});

test('a failure that nobody expected stays inside, and is logged with its request', async t => {
  const policy = {
    source: 'test',
    judge: () => {
      throw new Error('disk at /secret/path');
    },
  };
  const studio = await startStudio(t, { policy, obs: { log: { stdout: false, samplingRateInfo: 1 } } });
  const lines: Json[] = [];
  studio.obs.onLine(line => lines.push(JSON.parse(line)));
  const { writeFixture } = await import('./golden/fixture.ts');
  writeFixture(studio.settings.runtimeRoot);
  const { status, body, text } = await studio.call('/api/export/renpy?timeline_id=main', {});
  assert.deepEqual([status, body.code, body.message], [500, 'internal_error', 'internal error']);
  assert.ok(!text.includes('secret'));
  await until(() => lines.some(line => line.event === 'http_request' && line.request_id === body.request_id));
  assert.ok(lines.some(line => line.event === 'route_failed' && line.request_id === body.request_id));
});

test('a job is queued and polled; budgets that are bound say what they decided', async t => {
  const plain = await startStudio(t);
  const { status, body } = await plain.call('/jobs/submit', { type: 'render' });
  assert.deepEqual([status, Object.keys(body)], [200, ['ok', 'id']]);
  const { items } = (await plain.call('/jobs/poll')).body;
  assert.deepEqual(
    [items.length, items[0].id, items[0].type, items[0].status],
    [1, body.id, 'render', 'queued'],
  );

  let delayed = true;
  const tickets: Json[] = [];
  const decision = () =>
    delayed ? { status: 'delayed', budget: { reason: 'job cap reached' } } : { status: 'queued', budget: {} };
  const budget = {
    annotate: (ticket: Json) => {
      tickets.push(ticket);
      return decision();
    },
    annotation: decision,
  };
  const { call } = await startStudio(t, { budget });
  const job = (await call('/jobs/submit', { type: 'render', payload: { perf: { ram_mb: 600 } } })).body;
  assert.deepEqual(job, { ok: true, id: job.id, ...decision() });
  assert.deepEqual(tickets, [{ job_id: job.id, job_type: 'render', payload: { perf: { ram_mb: 600 } } }]);
  delayed = false;
  assert.equal((await call('/jobs/poll')).body.items[0].status, 'queued');
  for (const bad of [{ type: '' }, { type: 5 }, { payload: [] }, { payload: { perf: { ram_mb: 'much' } } }])
    assert.equal((await call('/jobs/submit', bad)).status, 422, JSON.stringify(bad));
  assert.equal(tickets.length, 1);
  assert.equal((await call('/jobs/submit', undefined, { method: 'POST' })).status, 200);
});

test('a queue that nobody works off keeps its last thousand jobs', async t => {
  const { call } = await startStudio(t, { obs: { env: 'production', ops: { enabled: false } } });
  const first = (await call('/jobs/submit', {})).body.id;
  for (let count = 0; count < 1000; count += 50)
    await Promise.all(Array.from({ length: 50 }, () => call('/jobs/submit', {})));
  const { items } = (await call('/jobs/poll')).body;
  assert.equal(items.length, 1000);
  assert.ok(!items.some(({ id }: Json) => id === first));
});

test('a new root gets the config of a fresh install, and one that has its own keeps it', async t => {
  const root = folder(t);
  const settings = { runtimeRoot: root };
  const first = await startStudio(t, { settings });
  const file = join(root, CONFIG_FILE);
  assert.equal(readFileSync(file, 'utf8'), readFileSync(join(HOME, CONFIG_FILE), 'utf8'));
  assert.equal(first.obs.flags.isEnabled('enable_perf'), false);
  assert.ok(existsSync(join(root, 'logs')), 'the log is below the root too');

  const own = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...own, features: { enable_perf: true } }));
  writeFileSync(join(root, 'studio.json'), '{"features":{"enable_perf":false,"enable_observability":true}}');
  const flags = first.obs.flags.refresh();
  assert.deepEqual(
    [flags['enable_perf'], flags['enable_observability']],
    [true, true],
    'the second file wins',
  );
  const second = await startStudio(t, { settings });
  assert.equal(second.obs.flags.isEnabled('enable_perf'), true);
});

test('the variables of the first documents stand for ours, which win', () => {
  const env: Record<string, string | undefined> = {
    COMFYVN_LOG_LEVEL: 'DEBUG',
    COMFYVN_LOG_DIR: '/logs',
    LOG_DIR: '/mine',
    COMFYVN_RUNTIME_ROOT: 'here',
    COMFYVN_DEV_MODE: '',
  };
  applyAliases(env);
  assert.deepEqual(
    [env['LOG_LEVEL'], env['LOG_DIR'], env['PLIMSOLL_DEV_MODE']],
    ['DEBUG', '/mine', undefined],
  );
  assert.equal(settingsFrom(env).runtimeRoot, join(HOME, 'here'));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problem } from '@plimsoll/wire/ops';
import { z } from 'zod';
import { sendChunked, serve, TOKEN } from './ops/server.ts';

const admin = { 'x-admin-token': TOKEN };
const base = { env: 'development', ops: { adminToken: [TOKEN] } };
const post = (body: unknown) => ({ method: 'POST', headers: admin, body: JSON.stringify(body) });

test('an input that the schema refuses is 422 with fields and codes and nothing of the input', async t => {
  const { ask } = await serve(t, base);
  const cases: [body: string, errors: { field: string; code: string }[]][] = [
    ['{"level":"hunter2"}', [{ field: 'level', code: 'invalid_value' }]],
    ['{}', [{ field: 'level', code: 'invalid_value' }]],
    ['{"level":"info","hunter2":1}', [{ field: '', code: 'unrecognized_keys' }]],
    ['{"level":"info","logger":5}', [{ field: 'logger', code: 'invalid_type' }]],
    ['{"level":"info","logger":"', [{ field: '', code: 'invalid_json' }]],
    ['hunter2', [{ field: '', code: 'invalid_json' }]],
    ['', [{ field: '', code: 'invalid_type' }]],
  ];
  for (const [body, errors] of cases) {
    const answer = await ask('/ops/log-level', { method: 'POST', headers: admin, body });
    assert.equal(answer.status, 422, body);
    const { code, detail, ...rest } = problem.parse(answer.body);
    assert.deepEqual([code, detail, rest.errors], ['validation_error', 'validation_error', errors], body);
    assert.doesNotMatch(answer.text, /hunter2/);
  }
});

test('keys that only the input knows are not named in an error', async t => {
  const { ask, kit } = await serve(t, base);
  const body = z.object({ flags: z.record(z.string(), z.boolean()), list: z.array(z.number()) });
  kit.routes({
    name: 'words',
    paths: ['/api/words'],
    load: async () => [
      { method: 'POST', path: '/api/words', access: 'local', body, answer: z.any(), handle: () => ({}) },
    ],
  });
  const { status, body: answer } = await ask('/api/words', post({ flags: { hunter2: 'x' }, list: ['y'] }));
  assert.equal(status, 422);
  assert.deepEqual(answer['errors'], [
    { field: 'flags.*', code: 'invalid_type' },
    { field: 'list.0', code: 'invalid_type' },
  ]);
});

test('a body over 64 KB is 413, with a length or without', async t => {
  const { ask, port } = await serve(t, base);
  const big = await ask('/ops/log-level', post({ level: 'info', logger: 'x'.repeat(65_536) }));
  assert.deepEqual([big.status, big.body['code']], [413, 'payload_too_large']);
  assert.ok(big.headers.get('x-request-id'));
  const line = await sendChunked(port, { path: '/ops/log-level', token: TOKEN, bytes: 100_000 });
  assert.match(line, /^HTTP\/1\.1 413 /);
});

test('a wrong method is 405 and Allow names the right ones', async t => {
  const { ask, ops } = await serve(t, base);
  ops.job('nightly', () => {});
  for (const [path, allow] of [
    ['/health/ready', 'GET, HEAD'],
    ['/metrics', 'GET, HEAD'],
    ['/ops/log-level', 'GET, HEAD, POST'],
    ['/ops/nightly', 'POST'],
  ] as const) {
    for (const method of ['DELETE', 'PATCH', 'OPTIONS']) {
      const answer = await ask(path, { method });
      assert.deepEqual([answer.status, answer.headers.get('allow')], [405, allow], `${method} ${path}`);
      assert.equal(answer.body['code'], 'method_not_allowed');
      assert.ok(answer.headers.get('x-request-id'));
    }
  }
});

test('HEAD is GET without a body, guards included', async t => {
  const { ask } = await serve(t, base);
  for (const path of ['/health', '/health/live', '/health/ready', '/health/startup']) {
    const answer = await ask(path, { method: 'HEAD' });
    assert.deepEqual([answer.status, answer.text], [200, ''], path);
    assert.match(answer.headers.get('content-type') ?? '', /json/);
  }
  assert.equal((await ask('/metrics', { method: 'HEAD' })).status, 403);
  assert.equal((await ask('/metrics', { method: 'HEAD', headers: admin })).status, 200);
});

test('a safe request id is kept and a hostile one replaced, on every answer', async t => {
  const { ask } = await serve(t, base);
  for (const path of ['/health/live', '/metrics', '/ops/log-level']) {
    const kept = await ask(path, { headers: { 'x-request-id': 'abc-1:2.3_4' } });
    assert.equal(kept.headers.get('x-request-id'), 'abc-1:2.3_4');
    const replaced = await ask(path, { headers: { 'x-request-id': 'a"b {evil}' } });
    assert.match(replaced.headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/);
  }
});

test('only its own paths are owned, and paths of a group come and go with it', async t => {
  const { ask, ops, kit } = await serve(t, base);
  for (const path of [
    '/',
    '/healthz',
    '/health/',
    '/health/ready/',
    '/metrics/x',
    '/ops/none',
    '/Metrics',
    '/api/things/1',
  ]) {
    assert.equal(ops.owns(path), false, path);
  }
  const remove = kit.routes({
    name: 'things',
    paths: ['/api/things/:id'],
    load: async () => [
      {
        method: 'GET',
        path: '/api/things/:id',
        access: 'open',
        answer: z.any(),
        handle: c => ({ ...c.params, q: c.query.get('q') }),
      },
    ],
  });
  assert.equal(ops.owns('/api/things/1'), true);
  assert.equal(ops.owns('/api/things/'), false);
  assert.equal(ops.owns('/api/things/1/2'), false);
  assert.deepEqual((await ask('/api/things/a%20b?q=c')).body, { id: 'a b', q: 'c' });
  await remove();
  assert.equal(ops.owns('/api/things/1'), false);
  assert.equal((await ask('/api/things/1')).text, 'app');
  assert.throws(() => kit.routes({ name: 'twice', paths: ['/metrics'], load: async () => [] }), {
    code: 'PLIMSOLL_DUPLICATE_ROUTE',
  });
});

test('with the ops API off nothing is owned', async t => {
  const { ask, ops } = await serve(t, { ...base, ops: { ...base.ops, enabled: false } });
  assert.equal(ops.owns('/health'), false);
  assert.equal((await ask('/metrics', { headers: admin })).text, 'app');
});

test('an expected error keeps its status and code, a bug is 500 without its text and one line with it', async t => {
  const { ask, kit, lines } = await serve(t, base);
  let loads = 0;
  const route = (path: string, error: unknown) => ({
    ...{ method: 'GET', path, access: 'open' as const, answer: z.any() },
    handle: () => {
      throw error;
    },
  });
  kit.routes({
    name: 'broken',
    paths: ['/api/gone', '/api/bug'],
    load: async () => {
      loads += 1;
      if (loads === 1) throw new Error('the chunk is missing');
      return [
        route(
          '/api/gone',
          Object.assign(new Error('row 7'), { status: 410, code: 'gone', hint: 'Ask again.' }),
        ),
        route('/api/bug', new Error('secret detail')),
      ];
    },
  });
  assert.equal((await ask('/api/gone')).body['code'], 'internal_error');
  const gone = await ask('/api/gone');
  const { request_id, ...rest } = gone.body;
  assert.deepEqual(rest, { status: 410, code: 'gone', detail: 'gone', hint: 'Ask again.' });
  assert.ok(request_id);
  const bug = await ask('/api/bug', { headers: { 'x-request-id': 'bug-1' } });
  const { hint, ...bare } = bug.body;
  assert.ok(hint);
  assert.deepEqual(bare, {
    ...{ status: 500, code: 'internal_error', detail: 'internal_error' },
    request_id: 'bug-1',
  });
  assert.doesNotMatch(bug.text, /secret detail/);
  const told = lines.filter(({ msg }) => msg === 'ops_route_failed');
  assert.equal(told.length, 2);
  assert.equal(told[1]?.['request_id'], 'bug-1');
});

test('without a header for request ids the answers have none, and all else', async t => {
  const { ask } = await serve(t, { ...base, http: { requestIdHeader: '' } });
  assert.equal((await ask('/health/live')).status, 200);
  assert.equal((await ask('/ops/log-level', { headers: admin })).status, 200);
  assert.equal(problem.parse((await ask('/ops/log-level')).body).status, 403);
});

test('an error of a client that a route used gives its status and code, and neither its headers nor its inputs', async t => {
  const { ask, kit } = await serve(t, base);
  const foreign = Object.assign(new Error('refused'), {
    ...{ status: 401, code: 'ERR_BAD_REQUEST', headers: { 'set-cookie': 'session=1' } },
    errors: [{ value: 'ada@example.com' }],
  });
  const handle = (): never => {
    throw foreign;
  };
  kit.routes({
    name: 'proxy',
    paths: ['/api/proxy'],
    load: async () => [{ method: 'GET', path: '/api/proxy', access: 'admin', answer: z.any(), handle }],
  });
  const answer = await ask('/api/proxy', { headers: admin });
  assert.equal(answer.status, 401);
  assert.equal(answer.headers.get('set-cookie'), null);
  const { request_id, ...rest } = problem.parse(answer.body);
  assert.deepEqual(rest, { status: 401, code: 'ERR_BAD_REQUEST', detail: 'ERR_BAD_REQUEST' });
  assert.doesNotMatch(answer.text, /ada@/);
});

test('a group whose code cannot be loaded is missing in the index, and breaks no other', async t => {
  const { ask, kit } = await serve(t, base);
  kit.routes({
    name: 'broken',
    paths: ['/api/broken'],
    load: () => Promise.reject(new Error('no such file')),
  });
  for (const path of ['/ops/', '/openapi.json']) {
    const answer = await ask(path, { headers: admin });
    assert.equal(answer.status, 200);
    assert.match(answer.text, /health\/ready/);
  }
  assert.equal((await ask('/api/broken', { headers: admin })).status, 500);
});

test('ops.problem ok adds ok and message to every refusal, and to nothing else', async t => {
  const { ask } = await serve(t, { ...base, ops: { ...base.ops, problem: 'ok' } });
  const cases: [path: string, options: { method?: string; body?: string }, status: number][] = [
    ['/ops/log-level', { method: 'POST', body: '{"level":"no"}' }, 422],
    ['/ops/log-level', { method: 'PUT' }, 405],
    ['/ops/log-level', { method: 'POST', body: 'x'.repeat(70_000) }, 413],
  ];
  for (const [path, options, status] of cases) {
    const answer = await ask(path, { headers: admin, ...options });
    const { ok, message, code, detail } = problem.parse(answer.body);
    assert.deepEqual([answer.status, ok, message, detail], [status, false, code, code], answer.text);
  }
  assert.deepEqual((await ask('/health/live')).body, { status: 'ok' });
  const standard = await serve(t, base);
  const plain = await standard.ask('/ops/log-level', { method: 'PUT', headers: admin });
  assert.deepEqual([plain.status, 'ok' in plain.body, 'message' in plain.body], [405, false, false]);
});

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { z } from 'zod';
import { type Answer, type OpsServer, serve, TOKEN } from './ops/server.ts';

const CREDENTIALS: [name: string, headers: Record<string, string>, right: boolean][] = [
  ['none', {}, false],
  ['wrong', { 'x-admin-token': 'wrong' }, false],
  ['right by header', { 'x-admin-token': TOKEN }, true],
  ['right by bearer', { authorization: `Bearer ${TOKEN}` }, true],
  ['header wrong, bearer right', { 'x-admin-token': 'wrong', authorization: `Bearer ${TOKEN}` }, false],
  ['header blank, bearer right', { 'x-admin-token': '  ', authorization: `Bearer ${TOKEN}` }, true],
  ['right between blanks', { 'x-admin-token': `  ${TOKEN} ` }, true],
  ['the other of two while rotating', { 'x-admin-token': 'old-token' }, true],
];

const GUARDED: [method: string, path: string][] = [
  ['GET', '/metrics'],
  ['POST', '/ops/rollover'],
  ['POST', '/ops/trace/test'],
  ['GET', '/ops/recent'],
  ['GET', '/ops/log-level'],
  ['GET', '/ops/'],
  ['GET', '/ops'],
  ['GET', '/openapi.json'],
];
/** As optional parts have them: guarded outside development, and open to this machine in it. */
const LOCAL: [method: string, path: string][] = [
  ['GET', '/api/widgets'],
  ['POST', '/api/widgets'],
  ['GET', '/api/widgets/7'],
];
const OPEN = ['/health', '/health/live', '/health/ready', '/health/startup'];

async function matrix(t: TestContext, code: Parameters<typeof serve>[1]): Promise<OpsServer> {
  const server = await serve(t, { trace: { testInProd: true }, ...code });
  server.ops.job('leaderboard_rollover', () => {}, { path: '/ops/rollover' });
  const answer = z.looseObject({});
  server.kit.routes({
    name: 'widgets',
    paths: ['/api/widgets', '/api/widgets/:id'],
    load: async () => [
      { method: 'GET', path: '/api/widgets', access: 'local', answer, handle: ({ admin }) => ({ admin }) },
      { method: 'POST', path: '/api/widgets', access: 'local', answer, handle: ({ admin }) => ({ admin }) },
      { method: 'GET', path: '/api/widgets/:id', access: 'local', answer, handle: ({ params }) => params },
    ],
  });
  return server;
}

function assertRefused(answer: Answer, code: string, about: string): void {
  assert.equal(answer.status, 403, about);
  assert.equal(answer.headers.get('content-type'), 'application/problem+json', about);
  const { status, detail, request_id, ...rest } = answer.body;
  assert.deepEqual({ status, detail, code: rest['code'] }, { status: 403, detail: code, code }, about);
  assert.equal(request_id, answer.headers.get('x-request-id'), about);
}

const rotating = { adminToken: [TOKEN, 'old-token'] };

for (const env of ['production', 'prod', 'live']) {
  test(`in ${env} every route but health wants the token, from loopback as well`, async t => {
    const server = await matrix(t, { env, ops: rotating });
    for (const [name, headers, right] of CREDENTIALS) {
      for (const [method, path] of [...GUARDED, ...LOCAL]) {
        const answer = await server.ask(path, { method, headers });
        if (right) assert.equal(answer.status, 200, `${name} ${method} ${path}: ${answer.text}`);
        else assertRefused(answer, 'forbidden', `${name} ${method} ${path}`);
        // Wrong tokens lock an address out after ten; that has its own test.
        server.advance(10_000);
      }
      for (const path of OPEN)
        assert.equal((await server.ask(path, { headers })).status, 200, `${name} ${path}`);
    }
  });
}

test('in development the token still guards metrics and /ops, and the others answer this machine', async t => {
  const server = await matrix(t, { env: 'development', ops: rotating });
  for (const [name, headers, right] of CREDENTIALS) {
    for (const [method, path] of GUARDED) {
      const answer = await server.ask(path, { method, headers });
      if (right) assert.equal(answer.status, 200, `${name} ${method} ${path}: ${answer.text}`);
      else assertRefused(answer, 'forbidden', `${name} ${method} ${path}`);
      server.advance(10_000);
    }
    for (const [method, path] of LOCAL) {
      assert.equal((await server.ask(path, { method, headers })).status, 200, `${name} ${method} ${path}`);
      server.advance(10_000);
    }
    const { body } = await server.ask('/api/widgets', { headers });
    assert.equal(body['admin'], right, name);
  }
});

test('without a configured token every guarded route is refused with its own code and one warning', async t => {
  const { ask, lines } = await matrix(t, { env: 'production' });
  for (const [, headers] of CREDENTIALS) {
    for (const [method, path] of [...GUARDED, ...LOCAL]) {
      assertRefused(await ask(path, { method, headers }), 'admin_token_not_configured', path);
    }
    for (const path of OPEN) assert.equal((await ask(path, { headers })).status, 200, path);
  }
  assert.equal(lines.filter(({ msg }) => msg === 'admin_token_not_configured').length, 1);
});

test('in development a forwarded request, a foreign Host or a foreign browser write is not this machine', async t => {
  const { ask } = await matrix(t, { env: 'development', ops: rotating });
  const elsewhere: Record<string, string>[] = [
    { host: 'evil.example' },
    { forwarded: 'for=127.0.0.1' },
    { 'x-forwarded-for': '127.0.0.1' },
    { 'x-forwarded-proto': 'https' },
  ];
  for (const headers of elsewhere) {
    assertRefused(await ask('/api/widgets', { headers }), 'forbidden', JSON.stringify(headers));
  }
  const origin = async (value: string, host = 'localhost:8000') =>
    ask('/api/widgets', { method: 'POST', headers: { origin: value, host } });
  assertRefused(await origin('http://evil.example'), 'forbidden', 'foreign origin');
  assertRefused(await origin('null'), 'forbidden', 'opaque origin');
  assert.equal((await origin('http://localhost:8000')).status, 200);
});

test('in development without a token the local routes still answer', async t => {
  const { ask } = await matrix(t, { env: 'development' });
  assert.equal((await ask('/api/widgets')).status, 200);
  assertRefused(await ask('/metrics'), 'admin_token_not_configured', '/metrics');
});

test('ten wrong tokens lock the address out for a minute, a right token included', async t => {
  const { ask, advance, lines } = await serve(t, { env: 'production', ops: rotating });
  const wrong = { headers: { 'x-admin-token': 'wrong' } };
  const right = { headers: { 'x-admin-token': TOKEN } };
  for (let i = 0; i < 30; i += 1)
    assertRefused(await ask('/metrics'), 'forbidden', 'a missing token is never counted');
  for (let i = 0; i < 9; i += 1) assertRefused(await ask('/metrics', wrong), 'forbidden', `wrong ${i}`);
  assert.equal((await ask('/metrics', right)).status, 200);
  assertRefused(await ask('/metrics', wrong), 'forbidden', 'the tenth');
  const locked = await ask('/metrics', right);
  assertRefused(locked, 'admin_locked', 'locked');
  const seconds = Number(locked.headers.get('retry-after'));
  assert.ok(seconds > 50 && seconds <= 60, `Retry-After ${seconds}`);
  assert.equal((await ask('/health/ready')).status, 200);
  advance(60_000);
  assert.equal((await ask('/metrics', right)).status, 200);
  assert.equal(lines.filter(({ result }) => result === 'locked').length, 1);
});

test('every use of a token leaves one audit line, whatever the level, without token or address in it', async t => {
  const { ask, kit, lines } = await serve(t, { env: 'production', ops: rotating, log: { level: 'error' } });
  await ask('/metrics', { headers: { 'x-admin-token': TOKEN, 'x-request-id': 'audit-1' } });
  await ask('/ops/recent', { headers: { authorization: 'Bearer not-the-token' } });
  await ask('/ops/recent');
  const audit = lines.filter(({ logger }) => logger === 'plimsoll.audit');
  assert.deepEqual(
    audit.map(({ level, msg, method, ops_route, result }) => ({ level, msg, method, ops_route, result })),
    [
      { level: 'info', msg: 'admin_token_used', method: 'GET', ops_route: '/metrics', result: 'allowed' },
      {
        level: 'warn',
        msg: 'admin_token_used',
        method: 'GET',
        ops_route: '/ops/recent',
        result: 'forbidden',
      },
    ],
  );
  assert.equal(audit[0]?.['request_id'], 'audit-1');
  assert.equal(audit[0]?.['peer'], kit.privacy.hash('127.0.0.1', 'ip'));
  assert.doesNotMatch(JSON.stringify(audit), /right-token|not-the-token|127\.0\.0\.1/);
});

test('a route with a scope takes its own token and an admin token, tells them apart in the audit, and is 401 else', async t => {
  const { ask, kit, lines } = await serve(t, { env: 'development', ops: rotating });
  const tokens = { scope: 'widgets.write', accepted: ['writer'] };
  const answer = z.looseObject({});
  kit.routes({
    name: 'widgets',
    paths: ['/api/widgets'],
    load: async () => [
      {
        ...{ method: 'POST', path: '/api/widgets', access: 'token', tokens },
        answer,
        handle: c => ({ admin: c.admin }),
      },
    ],
  });
  const post = async (token?: string) => {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return ask('/api/widgets', { method: 'POST', headers });
  };
  const bare = await post();
  assert.deepEqual([bare.status, bare.body['code']], [401, 'missing bearer token']);
  assert.equal(bare.headers.get('www-authenticate'), 'Bearer scope="widgets.write"');
  assert.deepEqual((await post('writer')).body, { admin: false });
  assert.deepEqual((await post(TOKEN)).body, { admin: true });
  assert.equal((await post('other')).body['code'], 'invalid token');
  assertRefused(
    await ask('/metrics', { headers: { authorization: 'Bearer writer' } }),
    'forbidden',
    'metrics',
  );
  assert.deepEqual(
    lines
      .filter(line => line['logger'] === 'plimsoll.audit')
      .map(line => [line['msg'], line['result'], line['scope']]),
    [
      ['scope_token_used', 'allowed', 'widgets.write'],
      ['admin_token_used', 'allowed', undefined],
      ['admin_token_used', 'forbidden', 'widgets.write'],
      ['admin_token_used', 'forbidden', undefined],
    ],
  );
});

test('public metrics are honoured in development', async t => {
  const { ask } = await serve(t, { env: 'development', metrics: { public: true } });
  const answer = await ask('/metrics', {
    headers: { host: 'prometheus.internal', 'x-forwarded-for': '10.0.0.9' },
  });
  assert.equal(answer.status, 200);
});

test('public metrics are refused in production, with a warning at the start', async t => {
  const { ask, lines } = await serve(t, { env: 'production', metrics: { public: true }, ops: rotating });
  assertRefused(await ask('/metrics'), 'forbidden', '/metrics');
  assert.equal(lines.filter(({ msg }) => msg === 'metrics_public_refused_outside_development').length, 1);
});

test('the trace test is refused in production, prod and live alike, unless an admin may by option', async t => {
  for (const env of ['prod', 'production', 'live']) {
    const closed = await serve(t, { env, ops: rotating });
    const post = (server: OpsServer, token?: string) =>
      server.ask('/ops/trace/test', { method: 'POST', headers: token ? { 'x-admin-token': token } : {} });
    assertRefused(await post(closed), 'forbidden', env);
    assertRefused(await post(closed, TOKEN), 'disabled in prod', env);
    const open = await serve(t, { env, ops: rotating, trace: { testInProd: true } });
    assertRefused(await post(open), 'forbidden', env);
    assert.equal((await post(open, TOKEN)).status, 200, env);
  }
});

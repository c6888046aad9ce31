import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { type TestContext, test } from 'node:test';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import type { Obs } from 'plimsoll';
import { onNodeServer, stop, urlOf } from '../adapters/serve.ts';
import { until } from '../support/apps.ts';
import { type Dump, dumps, open } from './support.ts';

/** Each framework with a route that throws and one that answers, observed. */
const APPS: Readonly<Record<string, (obs: Obs) => Promise<Server>>> = {
  async node(obs) {
    const server = createServer(
      obs.handler(({ url }, res) => {
        obs.route(url === '/fine' ? '/fine' : '/users/:id');
        if (url === '/fine') return res.end('fine');
        return broken();
      }),
    );
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    return server;
  },
  async fastify(obs) {
    const app = fastify();
    await obs.attach(app);
    app.get('/users/:id', async () => broken());
    app.get('/fine', async () => 'fine');
    await app.listen({ port: 0, host: '127.0.0.1' });
    return app.server;
  },
  async express(obs) {
    const app = express();
    // Else its own handler writes the error to the test's output.
    app.set('env', 'test');
    await obs.attach(app);
    app.get('/users/:id', async () => broken());
    app.get('/fine', (_req, res) => void res.send('fine'));
    const server = app.listen(0, '127.0.0.1');
    await new Promise(resolve => server.once('listening', resolve));
    return server;
  },
  async hono(obs) {
    const app = new Hono();
    await obs.attach(app);
    app.get('/users/:id', () => broken());
    app.get('/fine', c => c.text('fine'));
    return onNodeServer(app.fetch as never);
  },
};

function broken(): never {
  throw new RangeError('a handler broke');
}

async function serve(
  t: TestContext,
  name: string,
  options = {},
): Promise<{ root: string; url: string; obs: Obs }> {
  const { obs, root } = await open(t, options);
  const server = await APPS[name]!(obs);
  t.after(() => stop(server));
  return { obs, root, url: urlOf(server) };
}

const one = (root: string): Promise<Dump> => until(() => dumps(root)[0]);

for (const name of Object.keys(APPS)) {
  test(`a handler of ${name} that throws is 500 and one dump with the id of its request`, async t => {
    const { root, url } = await serve(t, name);
    assert.equal((await fetch(`${url}/fine`)).status, 200);
    const answer = await fetch(`${url}/users/48213`, { headers: { 'x-request-id': 'req-17' } });
    assert.equal(answer.status, 500);
    await answer.arrayBuffer();
    const dump = await one(root);
    assert.equal(dumps(root).length, 1);
    assert.deepEqual(
      [dump['request_id'], dump['route'], dump['method'], dump['source'], dump['exc_type'], dump['message']],
      ['req-17', '/users/:id', 'GET', 'request', 'RangeError', 'a handler broke'],
    );
    const span = dump.spans.find(found => found['span_id'] === dump['span_id']);
    assert.deepEqual([span?.['trace_id'], span?.['name']], [dump['trace_id'], 'GET /users/:id']);
    assert.equal(dump.lines.at(-1)?.['msg'], 'http_request_error');
    assert.doesNotMatch(JSON.stringify(dump), /48213/);
  });
}

test('a route that keeps failing is dumped once in the interval, and the next dump says how often it did', async t => {
  const { obs, root, url } = await serve(t, 'node', { crash: { intervalMs: 400 } });
  for (let n = 0; n < 30; n++) assert.equal((await fetch(`${url}/users/${n}`)).status, 500);
  await until(() => (value(obs, 'suppressed') >= 29 ? true : undefined));
  assert.equal(dumps(root).length, 1);
  // Until the interval is over, whenever that is.
  let again: Dump | undefined;
  while (again === undefined) {
    await fetch(`${url}/users/1`);
    again = dumps(root).find(dump => 'suppressed' in dump);
  }
  assert.ok(Number(again['suppressed']) >= 29);
  assert.equal(value(obs, 'written'), 2);
});

function value(obs: Obs, result: string): number {
  const family = obs.metrics.snapshot().find(({ name }) => name === 'plimsoll_crashes_total');
  const points = (family?.points ?? []) as readonly { labels: readonly string[]; value: number }[];
  return points.find(({ labels }) => labels[1] === result)?.value ?? 0;
}

test('many failures at once do not fill the disk, whatever their kind', async t => {
  const { obs, root } = await open(t);
  const server = createServer(
    obs.handler(({ url }) => {
      throw Object.assign(new Error('x'), { name: `Kind${url}` });
    }),
  );
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => stop(server));
  for (let n = 0; n < 60; n++) assert.equal((await fetch(`${urlOf(server)}/${n}`)).status, 500);
  await until(() => (value(obs, 'written') + value(obs, 'suppressed') === 60 ? true : undefined));
  assert.equal(dumps(root).length, 20);
});

test('an error that a handler reported itself is no second dump', async t => {
  const { obs, root } = await open(t);
  const server = createServer(
    obs.handler(() => {
      const error = new Error('told by hand');
      obs.crash.capture(error, { context: { job: 'j-17' } });
      throw error;
    }),
  );
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => stop(server));
  const answer = await fetch(urlOf(server));
  await until(() =>
    obs.metrics.snapshot().some(({ name }) => name === 'http_requests_total') ? true : undefined,
  );
  const [dump, ...more] = dumps(root);
  assert.deepEqual([more.length, dump?.context['job']], [0, 'j-17']);
  assert.equal(dump?.['request_id'], answer.headers.get('x-request-id'));
});

test('the ops API lists the dumps and gives one, to those who may', async t => {
  const { obs, url } = await serve(t, 'fastify', { ops: { adminToken: ['right-token'] } });
  for (const n of [1, 2, 3]) obs.crash.capture(new Error(`n ${n}`), { eventId: `event-${n}` });
  const headers = { 'x-admin-token': 'right-token' };
  for (const path of ['/api/crashes', '/api/crashes/event-1']) {
    assert.equal((await fetch(url + path)).status, 403);
    assert.equal((await fetch(url + path, { headers: { 'x-admin-token': 'wrong' } })).status, 403);
  }
  const listed = (await (await fetch(`${url}/api/crashes?limit=2`, { headers })).json()) as {
    crashes: { id: string; path: string }[];
    feature_flag: boolean;
  };
  assert.deepEqual([listed.crashes.length, listed.feature_flag], [2, true]);
  assert.deepEqual(
    listed.crashes,
    obs.crash.list(2).map(row => ({ ...row })),
  );
  const id = listed.crashes[0]?.id ?? '';
  for (const name of [id, 'event-1']) {
    const answer = await fetch(`${url}/api/crashes/${name}`, { headers });
    const dump = (await answer.json()) as Dump;
    assert.equal(answer.status, 200);
    assert.match(String(dump['traceback']), /^Error: n \d\n/);
  }
  for (const name of ['nothing', '..%2f..%2fetc%2fpasswd', 'a%00b']) {
    const answer = await fetch(`${url}/api/crashes/${name}`, { headers });
    assert.deepEqual(
      [answer.status, ((await answer.json()) as { code: string }).code],
      [404, 'unknown_crash'],
    );
  }
  assert.equal((await fetch(`${url}/api/crashes?limit=0`, { headers })).status, 422);
});

test('without a runtime root the paths of the ops API are the app’s own', async t => {
  const { url } = await serve(t, 'fastify', { runtimeRoot: undefined, crash: { enabled: false } });
  assert.equal((await fetch(`${url}/api/crashes`)).status, 404);
});

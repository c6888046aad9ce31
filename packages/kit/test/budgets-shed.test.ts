import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { serve } from '@hono/node-server';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import type { Obs } from 'plimsoll';
import { type Json, perf } from './support/perf.ts';

const ON = { enable_perf_budgets: true };
const ONE = { maxInFlight: 1, except: ['/free'] };

/** A request that stays under way until it is told to end. */
class Hold {
  readonly #held: (() => void)[] = [];
  came = 0;
  wait = (): Promise<string> => {
    this.came += 1;
    return new Promise(resolve => this.#held.push(() => resolve('done')));
  };
  open = (): void => {
    for (const open of this.#held.splice(0)) open();
  };
}

const listening = async (t: TestContext, server: Server): Promise<string> => {
  if (!server.listening) await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

/** One app for each way to guard one: `/slow` holds, `/free` is excepted. */
const APPS: Readonly<Record<string, (t: TestContext, obs: Obs, hold: Hold) => Promise<string>>> = {
  async fastify(t, obs, hold) {
    const app = fastify();
    await obs.attach(app);
    app.addHook('onRequest', obs.budgets.guard(ONE).fastify);
    app.get('/slow', hold.wait);
    app.get('/free', async () => 'free');
    await app.listen({ port: 0, host: '127.0.0.1' });
    t.after(() => app.close());
    return listening(t, app.server);
  },
  async express(t, obs, hold) {
    const app = express();
    await obs.attach(app);
    app.use(obs.budgets.guard(ONE).express);
    app.get('/slow', async (_req, res) => void res.send(await hold.wait()));
    app.get('/free', (_req, res) => void res.send('free'));
    return listening(t, createServer(app));
  },
  async hono(t, obs, hold) {
    const app = new Hono();
    await obs.attach(app);
    app.use('*', obs.budgets.guard(ONE).hono);
    app.get('/slow', async c => c.text(await hold.wait()));
    app.get('/free', c => c.text('free'));
    return listening(t, serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server);
  },
  async node(t, obs, hold) {
    const guarded = obs.budgets.guard(ONE).node(async (req, res) => {
      res.end(req.url === '/free' ? 'free' : await hold.wait());
    });
    return listening(t, createServer(obs.handler(guarded)));
  },
  async fetch(t, obs, hold) {
    const handler = async (request: Request) =>
      new Response(request.url.endsWith('/free') ? 'free' : await hold.wait());
    const fetch = obs.fetch(obs.budgets.guard(ONE).fetch(handler));
    return listening(t, serve({ fetch, port: 0, hostname: '127.0.0.1' }) as Server);
  },
};

for (const [name, start] of Object.entries(APPS)) {
  test(`${name}: a full house answers 503 and says the same everywhere; probes, ops and exceptions are let in`, async t => {
    const { obs, hooks, lines } = await perf(t, ON);
    const records: Json[] = [];
    obs.on('breach', record => records.push(record));
    const hold = new Hold();
    const url = await start(t, obs, hold);
    const first = fetch(`${url}/slow`);
    while (hold.came === 0) await new Promise(resolve => setTimeout(resolve, 5));

    const refused = await fetch(`${url}/slow`, { headers: { 'x-request-id': 'r-1' } });
    assert.deepEqual(
      [refused.status, refused.headers.get('retry-after'), refused.headers.get('content-type')],
      [503, '1', 'application/problem+json'],
    );
    const body = (await refused.json()) as Json;
    const { queue_state, reasons, position, retry_after_ms } = body;
    assert.deepEqual([body['code'], body['request_id']], ['over_budget', 'r-1']);
    const said = { queue_state: 'delayed', reasons: ['requests 1/1'], position: 2, retry_after_ms: 1000 };
    assert.deepEqual({ queue_state, reasons, position, retry_after_ms }, said);

    const own = lines.find(line => line['msg'] === 'http_request' && line['request_id'] === 'r-1');
    assert.deepEqual(
      [own?.['status'], own?.['level']],
      [503, 'warn'],
      'a refusal is no failure of the service',
    );
    const { msg: _msg, ...line } = lines.find(({ msg }) => msg === 'requests_shed') ?? {};
    const { time: _time, ...record } = records[0] ?? {};
    const { payload } = hooks.find(({ data }) => data['trigger'] === 'requests.shed')?.data ?? {};
    for (const [key, value] of Object.entries(said)) assert.deepEqual(line[key as never], value, key);
    assert.deepEqual(payload, { ...said, count: 1 });
    const { queue_state: queueState, retry_after_ms: retryAfterMs, ...rest } = said;
    assert.deepEqual(record, { kind: 'breach', of: 'requests', count: 1, queueState, retryAfterMs, ...rest });
    const { shed } = (await (await fetch(`${url}/api/perf/budgets`)).json()) as Json;
    assert.deepEqual(shed, { in_flight: 1, limit: 1, total: 1, ...said });
    const text = new TextDecoder().decode(await obs.metrics.expose('prometheus'));
    assert.match(text, /plimsoll_budget_shed_total\{queue_state="delayed",budget="requests"\} 1/);
    assert.match(text, /plimsoll_budget_retry_after_seconds\{of="requests"\} 1\n/);
    assert.match(text, /plimsoll_budget_position\{of="requests"\} 2/);
    assert.equal(obs.budgets.shed()?.reasons[0], 'requests 1/1');

    for (const path of ['/health/live', '/health/ready', '/health', '/api/perf/health', '/free']) {
      assert.equal((await fetch(url + path)).status, 200, path);
    }
    hold.open();
    assert.equal(await (await first).text(), 'done');
    // The place is free again when the answer is out.
    let again = await fetch(`${url}/free`);
    for (let tries = 0; tries < 100 && obs.budgets.shed() !== undefined; tries++)
      again = await fetch(`${url}/free`);
    assert.equal(again.status, 200);
    assert.equal(obs.budgets.shed(), undefined);
    const next = fetch(`${url}/slow`);
    while (hold.came < 2) await new Promise(resolve => setTimeout(resolve, 5));
    hold.open();
    assert.equal((await next).status, 200);
  });

  test(`${name}: while budgets are off the guard lets everyone in, and follows the flag`, async t => {
    const { obs, flags } = await perf(t, {});
    const hold = new Hold();
    const url = await start(t, obs, hold);
    const both = [fetch(`${url}/slow`), fetch(`${url}/slow`)];
    while (hold.came < 2) await new Promise(resolve => setTimeout(resolve, 5));
    assert.equal(obs.budgets.shed(), undefined);
    await flags(ON);
    const third = fetch(`${url}/slow`);
    while (hold.came < 3) await new Promise(resolve => setTimeout(resolve, 5));
    assert.equal((await fetch(`${url}/slow`)).status, 503);
    hold.open();
    const statuses = (await Promise.all([...both, third])).map(({ status }) => status);
    assert.deepEqual(statuses, [200, 200, 200]);
  });
}

import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { init } from 'plimsoll';
import { type Json, perf } from './support/perf.ts';

const ON = { enable_perf_budgets: true };
const ONE = { maxInFlight: 1 };

const listening = async (t: TestContext, server: Server): Promise<string> => {
  if (!server.listening) await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

test('a client that leaves gives its place back, and so does a handler that throws', async t => {
  const { obs } = await perf(t, ON);
  const guarded = obs.budgets.guard(ONE).node(req => {
    if (req.url === '/throw') throw new Error('no');
    return new Promise(() => {});
  });
  const url = await listening(t, createServer(obs.handler(guarded)));
  const controller = new AbortController();
  const gone = fetch(`${url}/hang`, { signal: controller.signal }).catch(() => {});
  while (obs.budgets.snapshot()?.shed.in_flight !== 1) await new Promise(resolve => setTimeout(resolve, 5));
  controller.abort();
  await gone;
  while (obs.budgets.snapshot()?.shed.in_flight !== 0) await new Promise(resolve => setTimeout(resolve, 5));
  assert.equal((await fetch(`${url}/throw`)).status, 500);
  while (obs.budgets.snapshot()?.shed.in_flight !== 0) await new Promise(resolve => setTimeout(resolve, 5));
});

test('what waits in the event loop longer than it may is turned away, and its turn is not lost', async t => {
  const { obs } = await perf(t, ON);
  const guard = obs.budgets.guard({ burstMs: 5 });
  const handler = guard.node((_req, res) => {
    for (const until = performance.now() + 30; performance.now() < until; );
    res.end('ok');
  });
  const url = await listening(t, createServer(obs.handler(handler)));
  const sockets = await Promise.all(Array.from({ length: 8 }, () => opened(Number(new URL(url).port))));
  const ask = (socket: Socket): Promise<string> => {
    const answer = new Promise<string>(resolve => socket.once('data', data => resolve(String(data))));
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    return answer;
  };
  // A turn of the loop accepts one connection, and serves all that are there.
  for (const socket of sockets) assert.match(await ask(socket), /^HTTP\/1.1 200/);
  const heads = await Promise.all(sockets.map(ask));
  for (const socket of sockets) socket.destroy();
  const served = heads.filter(head => head.startsWith('HTTP/1.1 200')).length;
  assert.ok(served >= 1 && served < 8, `${served} of 8`);
  assert.match(
    heads.find(head => head.startsWith('HTTP/1.1 503')) ?? '',
    /"reasons":\["loop [\d.]+ms\/[\d.]+ms"\]/,
  );
});

function opened(port: number): Promise<Socket> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
  });
}

test('a flood of refusals is one line with a count, and traces are not kept for it as they are for errors', async t => {
  const log = { samplingRateInfo: 0, samplingMode: 'always' } as const;
  const { obs, lines } = await perf(t, ON, { log, trace: { enabled: true, ratio: 0 } });
  const spans: string[] = [];
  obs.on('span', span => void spans.push(span.name));
  const app = obs.fetch(
    obs.budgets.guard({ except: ['/fails'] }).fetch(() => new Response('', { status: 500 })),
  );
  await obs.budgets.apply({ max_mem_mb: 1500 });
  await obs.budgets.sampler(() => ({ mem_used_mb: 1700 }));
  const ask = async (path: string) => {
    const response = await app(new Request(`http://localhost${path}`));
    await response.text();
    return response.status;
  };
  for (let n = 0; n < 50; n++) assert.equal(await ask('/work'), 503);
  assert.equal(await ask('/fails'), 500);
  const of = (msg: string) => lines.filter(line => line['msg'] === msg);
  assert.deepEqual(
    of('http_request').map(line => line['status']),
    [500],
  );
  assert.deepEqual(
    of('requests_shed').map(line => line['count']),
    [1],
  );
  assert.equal(spans.length, 1, 'of the error alone');
  const text = new TextDecoder().decode(await obs.metrics.expose('prometheus'));
  assert.match(text, /http_requests_total\{[^}]*status="503"\} 50/);
  assert.match(text, /plimsoll_budget_shed_total\{queue_state="delayed",budget="memory"\} 50/);
});

test('memory over its budget turns everyone away until it has fallen', async t => {
  const { obs } = await perf(t, ON);
  const fetchGuarded = obs.budgets.guard().fetch(() => new Response('ok'));
  const ask = () => fetchGuarded(new Request('http://localhost/work'));
  assert.equal((await ask()).status, 200);
  await obs.budgets.apply({ max_mem_mb: 1500 });
  await obs.budgets.sampler(() => ({ mem_used_mb: 1700 }));
  const refused = await ask();
  assert.deepEqual(
    [refused.status, ((await refused.json()) as Json)['reasons']],
    [503, ['ram 1700MB/1500MB']],
  );
  await obs.budgets.sampler(() => ({ mem_used_mb: 1400 }));
  assert.equal((await ask()).status, 200);
});

test('a service that gets slower under load finds its limit, and grows again when it is quick', async t => {
  const { obs } = await perf(t, ON);
  const guard = obs.budgets.guard({ minInFlight: 2 });
  let under = 0;
  const backend = guard.fetch(async () => {
    under += 1;
    // A backend that does eight at once: what is more only waits.
    await new Promise(resolve => setTimeout(resolve, 5 * Math.max(1, under / 8)));
    under -= 1;
    return new Response('ok');
  });
  const request = new Request('http://localhost/work');
  const load = async (clients: number, ms: number) => {
    const until = performance.now() + ms;
    const client = async () => {
      while (performance.now() < until) {
        if ((await backend(request)).status === 503) await new Promise(resolve => setTimeout(resolve, 2));
      }
    };
    await Promise.all(Array.from({ length: clients }, client));
  };
  const limit = () => obs.budgets.snapshot()?.shed.limit ?? 0;
  await load(4, 300);
  assert.equal(limit(), 100);
  await load(120, 2500);
  const narrowed = limit();
  assert.ok(narrowed < 80 && narrowed >= 2, `limit ${narrowed}`);
});

test('where everything is off a guard is nothing', async () => {
  const obs = await init({ enabled: false });
  const guard = obs.budgets.guard();
  let passed = 0;
  guard.express({ url: '/' } as never, {} as never, () => (passed += 1));
  guard.fastify({ raw: {} } as never, {} as never, () => (passed += 1));
  assert.equal(
    await (await guard.fetch(() => new Response('x'))(new Request('http://localhost/'))).text(),
    'x',
  );
  assert.deepEqual([passed, obs.budgets.shed()], [2, undefined]);
});

import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { init, type Obs } from 'plimsoll';

type Line = Record<string, unknown>;

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function handed(pick: (obs: Obs) => Obs['log'] = obs => obs.log) {
  const log = { stdout: false, samplingRateInfo: 1 };
  const obs = await init({ service: 'handed', env: 'production', trace: { enabled: true }, log });
  const lines: Line[] = [];
  obs.onLine(line => lines.push(JSON.parse(line) as Line));
  const app = fastify({
    loggerInstance: pick(obs) as unknown as FastifyBaseLogger,
  }) as unknown as FastifyInstance;
  await obs.attach(app);
  open.push(
    () => obs.close(),
    () => app.close(),
  );
  const start = async (): Promise<string> => app.listen({ port: 0, host: '127.0.0.1' });
  const of = async (id: string): Promise<Line[]> => {
    for (let turn = 0; turn < 400; turn++) {
      const mine = lines.filter(line => line['request_id'] === id);
      if (mine.some(line => line['msg'] === 'http_request')) return mine;
      await new Promise(resolve => setTimeout(resolve, 5));
    }
    throw new Error(`no line for ${id}`);
  };
  const get = async (url: string, id: string): Promise<Line[]> => {
    await (await fetch(url, { headers: { 'x-request-id': id } })).text();
    return of(id);
  };
  return { obs, app, lines, start, get };
}

const messages = (lines: readonly Line[]): unknown[] => lines.map(line => line['msg']);

describe('Fastify with our logger', () => {
  test('gives one line per request: its own are dropped, also for 404, 4xx, 5xx and ops routes', async () => {
    const { app, lines, start, get } = await handed();
    app.get('/ok', async () => 'ok');
    app.get('/bad', async () => {
      throw Object.assign(new Error('not like this'), { statusCode: 400 });
    });
    app.get('/boom', async () => {
      throw new Error('boom');
    });
    const url = await start();
    assert.deepEqual(messages(await get(`${url}/ok`, 'ok')), ['http_request']);
    assert.deepEqual(messages(await get(`${url}/nowhere`, 'nowhere')), ['http_request']);
    assert.deepEqual(messages(await get(`${url}/bad`, 'bad')), ['http_request']);
    assert.deepEqual(messages(await get(`${url}/boom`, 'boom')), ['http_request_error', 'http_request']);
    await fetch(`${url}/health/live`);
    const text = JSON.stringify(lines);
    assert.ok(!/incoming request|request completed|request errored|not found|health/.test(text), text);
    assert.ok(messages(lines).some(msg => String(msg).startsWith('Server listening')));
  });

  test('writes what the service says through request.log, without the request object', async () => {
    const { app, start, get } = await handed();
    app.get('/users/:id', async request => {
      request.log.info({ n: 1 }, 'mine');
      request.log.info({ req: request, n: 2 }, 'with the request');
      request.log.child({ part: 'db' }).warn({ n: 3 }, 'of a child');
      request.log.error(new Error('handled'));
      return 'ok';
    });
    const lines = await get(`${await start()}/users/7?secret=query-text`, 'mine');
    assert.deepEqual(messages(lines), ['mine', 'with the request', 'of a child', 'handled', 'http_request']);
    assert.deepEqual([lines[1]?.['n'], lines[1]?.['req']], [2, undefined]);
    assert.deepEqual([lines[2]?.['part'], lines[2]?.['level']], ['db', 'warn']);
    for (const line of lines) assert.equal(line['route'], '/users/:id');
    assert.ok(!JSON.stringify(lines).includes('query-text'));
  });

  test("keeps a route's own log level, and the name and fields of the logger it was handed", async () => {
    const { app, start, get } = await handed(obs => obs.log.named('api', { team: 'north' }));
    app.get('/loud', { logLevel: 'debug' }, async request => request.log.debug('debug') ?? 'ok');
    app.get('/quiet', { logLevel: 'error' }, async request => request.log.info('info') ?? 'ok');
    const url = await start();
    const loud = await get(`${url}/loud`, 'loud');
    assert.deepEqual(messages(loud), ['debug', 'http_request']);
    assert.deepEqual([loud[0]?.['logger'], loud[0]?.['team']], ['api', 'north']);
    assert.deepEqual(messages(await get(`${url}/quiet`, 'quiet')), ['http_request']);
  });
});

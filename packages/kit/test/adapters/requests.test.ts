// Long because it is one list of what a request leaves behind.
import assert from 'node:assert/strict';
import { AsyncResource } from 'node:async_hooks';
import { describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { LogRecord } from '@plimsoll/wire';
import type { KitCore } from '../../src/kernel/kit.ts';
import { fastifyApp, type Line, nodeApp, send, until } from '../support/apps.ts';

const POST = (id: string) =>
  `POST /things HTTP/1.1\r\nHost: x\r\nX-Request-Id: ${id}\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n`;
const CHUNKED = (id: string) =>
  `POST /things HTTP/1.1\r\nHost: x\r\nX-Request-Id: ${id}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;

describe('the context of a request whose body comes late', () => {
  const pieces = (id: string): string[][] => [
    [POST(`${id}-sized`), '{"a"', ':1}'],
    [CHUNKED(`${id}-chunked`), '7\r\n{"a":1}\r\n', '0\r\n\r\n'],
  ];

  test('is there in the callbacks of node:http', async () => {
    const { port, lines } = await nodeApp((req, res, obs) => {
      req.on('data', () => obs.log.info('data'));
      req.on('end', () => {
        obs.log.info('end');
        res.end('ok');
      });
      res.on('finish', () => obs.log.info('finish'));
    });
    for (const parts of pieces('node')) assert.match(await send(port, ...parts), /^HTTP\/1.1 200/);
    for (const id of ['node-sized', 'node-chunked']) {
      await until(() => lines.find(line => line['msg'] === 'http_request' && line['request_id'] === id));
      const seen = new Set(lines.filter(line => line['request_id'] === id).map(line => line['msg']));
      for (const msg of ['data', 'end', 'finish']) assert.ok(seen.has(msg), `${id} ${msg}`);
    }
  });

  test("is there in Fastify's hooks and handlers", async () => {
    const { port, lines } = await fastifyApp((app, obs) => {
      app.addHook('preValidation', async () => obs.log.info('preValidation'));
      app.addHook('preHandler', async () => obs.log.info('preHandler'));
      app.post('/things', async request => {
        obs.log.info('handler');
        return request.body;
      });
      app.addHook('onSend', async () => obs.log.info('onSend'));
    });
    for (const parts of pieces('fastify')) assert.match(await send(port, ...parts), /^HTTP\/1.1 200/);
    for (const id of ['fastify-sized', 'fastify-chunked']) {
      await until(() => lines.find(line => line['msg'] === 'http_request' && line['request_id'] === id));
      const seen = new Set(lines.filter(line => line['request_id'] === id).map(line => line['msg']));
      for (const msg of ['preValidation', 'preHandler', 'handler', 'onSend'])
        assert.ok(seen.has(msg), `${id} ${msg}`);
    }
  });
});

test('a body that is no JSON, and comes late, is refused within the context of its request', async () => {
  const { port, lines } = await fastifyApp((app, obs) => {
    app.setErrorHandler(async (_error, _request, reply) => {
      obs.log.warn('refused');
      return reply.code(400).send('no');
    });
    app.post('/things', async () => 'never');
  });
  assert.match(await send(port, POST('bad-json'), '{"a"', ':1,'), /^HTTP\/1.1 400/);
  const line = await until(() => lines.find(one => one['msg'] === 'refused'));
  assert.equal(line['request_id'], 'bad-json');
});

describe('an ops request with a hostile Host header', () => {
  const hosts = [
    'a:b@c',
    'x/y?z',
    'x#y',
    '[',
    '%',
    'a b',
    '999.999.999.999',
    `${'h'.repeat(300)}.example`,
    '',
  ];
  for (const [name, app] of [
    ['node:http', () => nodeApp((_req, res) => res.end('app'))],
    ['Fastify', () => fastifyApp(() => {})],
  ] as const) {
    test(`is answered, and the process lives on (${name})`, async () => {
      const { port } = await app();
      for (const host of hosts) {
        const answer = await send(
          port,
          `GET /health/live HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
        );
        assert.match(answer, /^HTTP\/1.1 (200|400)/, host);
      }
      const answer = await send(port, 'GET /health/live HTTP/1.1\r\nHost: ok\r\n\r\n');
      assert.match(answer, /^HTTP\/1.1 200/);
    });
  }
});

describe('an error after the answer has begun', () => {
  test('is logged with its stack, and half an answer does not look whole', async () => {
    const { url, lines, spans } = await nodeApp(async (_req, res) => {
      res.writeHead(200, { 'content-type': 'text/plain' });
      res.write('half');
      await new Promise(resolve => setTimeout(resolve, 10));
      throw new Error('late trouble');
    });
    await assert.rejects(fetch(url).then(res => res.text()));
    const error = await until(() => lines.find(line => line['msg'] === 'http_request_error'));
    assert.equal((error['err'] as Line)['message'], 'late trouble');
    const line = await until(() => lines.find(one => one['msg'] === 'http_request'));
    assert.deepEqual([line['status'], line['aborted']], [200, true]);
    assert.equal(spans[0]?.status.code, 2);
  });

  test('leaves an answer that is whole alone, and is logged as well', async () => {
    const { url, lines } = await nodeApp(async (_req, res) => {
      res.end('x'.repeat(1_000_000));
      throw new Error('after the end');
    });
    assert.equal((await (await fetch(url)).text()).length, 1_000_000);
    const error = await until(() => lines.find(line => line['msg'] === 'http_request_error'));
    assert.equal((error['err'] as Line)['message'], 'after the end');
    const line = await until(() => lines.find(one => one['msg'] === 'http_request'));
    assert.equal(line['status'], 200);
  });

  test('and after the request is over is logged too', async () => {
    const { url, lines } = await nodeApp(async (_req, res) => {
      res.end('ok');
      await new Promise(resolve => res.on('close', () => setTimeout(resolve, 10)));
      throw new Error('much later');
    });
    assert.equal(await (await fetch(url)).text(), 'ok');
    const error = await until(() => lines.find(line => line['msg'] === 'http_request_error'));
    assert.equal((error['err'] as Line)['message'], 'much later');
    assert.equal(error['method'], 'GET');
  });
});

describe('what a request leaves', () => {
  test('is not itself, where something that lives longer began in it', async () => {
    const collect = collector();
    const requests: WeakRef<object>[] = [];
    const pool: AsyncResource[] = [];
    const { url } = await fastifyApp(app => {
      app.get('/', async request => {
        requests.push(new WeakRef(request));
        pool.push(new AsyncResource('CONNECTION'));
        return 'ok';
      });
      app.get('/other', async () => 'ok');
    });
    for (const path of ['/', '/', '/', '/other']) {
      await (await fetch(`${url}${path}`, { headers: { connection: 'close' } })).text();
    }
    await until(() => {
      collect();
      return requests.every(request => request.deref() === undefined) || undefined;
    });
    assert.equal(pool.length, 3);
  });

  test('shows no address where the service names a route with a raw path', async () => {
    const { url, lines, spans, obs } = await nodeApp((_req, res, { route }) => {
      route('/users/ada@example.com');
      res.end();
    });
    const encoded: Buffer[] = [];
    obs.onBytes('span', bytes => encoded.push(Buffer.from(bytes)));
    await fetch(url);
    await until(() => lines.find(line => line['msg'] === 'http_request'));
    (obs as unknown as KitCore).core.flush();
    const metrics = Buffer.from(await obs.metrics.expose('prometheus')).toString();
    const all = [JSON.stringify(lines), JSON.stringify(spans), String(Buffer.concat(encoded)), metrics];
    for (const sink of all) assert.match(sink, /\/users\//);
    for (const sink of all) assert.doesNotMatch(sink, /ada@/);
  });

  test('with its user: the same hash in lines and span, the id in neither', async () => {
    const { url, lines, spans } = await nodeApp((_req, res, obs) => {
      obs.context.user(48_213);
      obs.route('/me');
      res.end();
    });
    await fetch(url);
    const line = await until(() => lines.find(one => one['msg'] === 'http_request'));
    assert.match(line['user_id'] as string, /^[0-9a-f]{32}$/);
    assert.equal(spans[0]?.attributes['user.id'], line['user_id']);
    assert.ok(!JSON.stringify([lines, spans]).includes('48213'));
  });

  test('as records: request, error and inbound lines, under the names of the lines', async () => {
    const app = await nodeApp(
      (req, res, obs) => {
        obs.route('/boom');
        if (req.url === '/boom') throw new TypeError('boom');
        res.end();
      },
      { log: { inbound: true } },
    );
    const records: LogRecord[] = [];
    app.obs.on('log', record => records.push(record));
    await (await fetch(`${app.url}/boom`, { headers: { 'x-request-id': 'r-1' } })).text();
    await until(() => records.find(record => record.body === 'http_request'));
    assert.deepEqual(
      records.map(record => [record.body, record.level, record.logger, record.attributes['request_id']]),
      [
        ['http_request_start', 'info', 'http', 'r-1'],
        ['http_request_error', 'error', 'http', 'r-1'],
        ['http_request', 'error', 'http', 'r-1'],
      ],
    );
    const [, error, done] = records;
    assert.equal((error?.attributes['err'] as Line | undefined)?.['type'], 'TypeError');
    assert.deepEqual([done?.attributes['status'], done?.attributes['route']], [500, '/boom']);
    assert.equal(typeof done?.attributes['latency_ms'], 'number');
    assert.deepEqual([done?.traceId, error?.traceId], [app.spans[0]?.traceId, app.spans[0]?.traceId]);
  });

  test('where request lines are silenced: none, but its span and its count', async () => {
    const { obs, url, lines, spans } = await nodeApp((_req, res) => res.end());
    obs.log.named('http').level = 'silent';
    await fetch(url);
    await until(() => spans[0]);
    assert.deepEqual(
      lines.filter(line => line['logger'] === 'http'),
      [],
    );
  });

  test('where tracing is off: ids with flag 00, and no span', async () => {
    const options = { trace: { enabled: false }, http: { traceparentHeader: true } };
    const { url, lines, spans } = await nodeApp((_req, res, obs) => {
      obs.trace.span('inner', () => obs.log.info('inside'));
      res.end();
    }, options);
    const res = await fetch(url);
    const line = await until(() => lines.find(one => one['msg'] === 'http_request'));
    assert.equal(res.headers.get('traceparent'), `00-${line['trace_id']}-${line['span_id']}-00`);
    assert.equal(lines.find(one => one['msg'] === 'inside')?.['trace_id'], line['trace_id']);
    assert.equal(spans.length, 0);
  });

  test('where the service asked for addresses: the caller behind trusted proxies only', async () => {
    const options = { log: { ip: true }, http: { trustedProxies: ['127.0.0.0/8', '10.0.0.1'] } };
    const { url, lines } = await nodeApp((_req, res) => res.end(), options);
    for (const forwarded of ['203.0.113.7', '198.51.100.1, 203.0.113.7, 10.0.0.1', '203.0.113.7, junk']) {
      await fetch(url, { headers: { 'x-forwarded-for': forwarded } });
    }
    await until(() => lines.filter(one => one['msg'] === 'http_request')[2]);
    assert.deepEqual(
      lines.filter(line => line['msg'] === 'http_request').map(line => line['ip']),
      ['203.0.113.7', '203.0.113.7', undefined],
    );
  });
});

/** Node's garbage collector, without a flag for the whole process. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

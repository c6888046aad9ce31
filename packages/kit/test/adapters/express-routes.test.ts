import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import express, { type Express } from 'express';
import { init, type Obs } from 'plimsoll';

type Line = Record<string, unknown>;

/** An observed app, its lines, and a way to ask what route a path gave. */
async function observed(build: (app: Express, obs: Obs) => void) {
  const app = express();
  app.set('env', 'test');
  const obs = await init(app, { log: { stdout: false, samplingRateInfo: 1 }, metrics: { runtime: false } });
  const lines: Line[] = [];
  obs.onLine(line => lines.push(JSON.parse(line)));
  build(app, obs);
  const server = await new Promise<Server>(resolve => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ask = async (path: string, init?: RequestInit): Promise<Line & { text: string; errors: Line[] }> => {
    const res = await fetch(url + path, init);
    const text = await res.text();
    const mine = () => lines.filter(line => line['request_id'] === res.headers.get('x-request-id'));
    for (;;) {
      const done = mine().find(line => line['msg'] === 'http_request');
      if (done !== undefined)
        return { ...done, text, errors: mine().filter(line => line['msg'] === 'http_request_error') };
      await new Promise(resolve => setTimeout(resolve, 2));
    }
  };
  const close = async () => {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
    await obs.close();
  };
  return { ask, close };
}

const ok: express.RequestHandler = (_req, res) => void res.json({ ok: true });

test('a template is what was written: mounts with parameters, several paths, wildcards, roots', async () => {
  const { ask, close } = await observed(app => {
    const orders = express.Router({ mergeParams: true });
    orders.get('/', ok);
    orders.get('/:order', ok);
    app.use('/tenants/:tenant/orders', orders);
    app.get(['/old/:id', '/older/:id'], ok);
    app.use(['/a', '/b'], express.Router().get('/c/:d', ok));
    app.get('/files/*path', ok);
    app.use('/any/*rest', express.Router().get('/', ok));
    app.get('/', ok);
  });
  try {
    const cases = [
      ['/tenants/4711/orders', '/tenants/:tenant/orders'],
      ['/tenants/4711/orders/4712?q=4713', '/tenants/:tenant/orders/:order'],
      ['/old/4711', '/old/:id'],
      ['/older/4711', '/older/:id'],
      ['/a/c/4711', '/a/c/:d'],
      ['/b/c/4711', '/b/c/:d'],
      ['/files/4711/x', '/files/*path'],
      ['/any/4711/y', '/any/*rest'],
      ['/', '/'],
    ] as const;
    for (const [path, route] of cases) assert.equal((await ask(path))['route'], route, path);
  } finally {
    await close();
  }
});

test('an expression has no template: it is a star, in a mount and in a route', async () => {
  const { ask, close } = await observed(app => {
    app.use(/^\/v\d+/, express.Router().get('/items/:item', ok));
    app.get(/^\/raw\/(.*)$/, ok);
  });
  try {
    assert.equal((await ask('/v47/items/11'))['route'], '/*/items/:item');
    assert.equal((await ask('/raw/4711'))['route'], '/*');
  } finally {
    await close();
  }
});

test('what hangs in several places is told apart by the path', async () => {
  const { ask, close } = await observed(app => {
    const shared = express.Router().get('/x/:id', ok);
    app.use('/one', shared);
    app.use('/two', shared);
    const sub = express();
    sub.get('/y/:id', ok);
    app.use('/first', sub);
    app.use('/second', sub);
    const other = express();
    other.get('/y/:id', ok);
    app.use('/third', other);
    const inner = express();
    inner.get('/z/:id', ok);
    app.use('/router', express.Router().use('/inner', inner));
    const deep = express();
    deep.get('/w/:id', ok);
    other.use('/deep', deep);
  });
  try {
    const cases = [
      ['/one/x/1', '/one/x/:id'],
      ['/two/x/1', '/two/x/:id'],
      ['/first/y/1', '/first/y/:id'],
      ['/second/y/1', '/second/y/:id'],
      ['/third/y/1', '/third/y/:id'],
      ['/router/inner/z/1', '/router/inner/z/:id'],
      ['/third/deep/w/1', '/third/deep/w/:id'],
    ] as const;
    for (const [path, route] of [...cases, ...cases]) assert.equal((await ask(path))['route'], route, path);
  } finally {
    await close();
  }
});

test("an error is told with its route, whatever the app's own handler answers", async () => {
  const { ask, close } = await observed(app => {
    const sub = express();
    sub.get('/things/:thing', () => {
      throw new Error('sub broke');
    });
    app.use('/sub', sub);
    app.get('/late', (_req, res, next) => {
      res.write('a');
      next(new Error('late broke'));
    });
    app.get('/refused', () => {
      throw Object.assign(new Error('not today'), { status: 403 });
    });
    app.use(((error, _req, res, next) => {
      if (res.headersSent) return next(error);
      return res.status(error.status ?? 503).send(`mine: ${error.message}`);
    }) as express.ErrorRequestHandler);
  });
  try {
    const failed = await ask('/sub/things/4711');
    assert.deepEqual([failed['route'], failed['status']], ['/sub/things/:thing', 503]);
    assert.equal(failed.text, 'mine: sub broke');
    assert.equal(failed.errors.length, 1);
    assert.equal(failed.errors[0]?.['route'], '/sub/things/:thing');
    assert.match(JSON.stringify(failed.errors[0]?.['err']), /sub broke\\n\s+at /);
    const refused = await ask('/refused');
    assert.deepEqual([refused['status'], refused.errors.length], [403, 0]);
    await assert.rejects(ask('/late'));
  } finally {
    await close();
  }
});

test('obs.route names what no router knows, and the context reaches callbacks of a raw body', async () => {
  const { ask, close } = await observed((app, obs) => {
    app.use('/hand', (req, res) => {
      obs.route('/hand/:made');
      req.on('data', () => {}).on('end', () => res.end(obs.context.current()?.requestId ?? 'none'));
    });
  });
  try {
    const body = new ReadableStream({
      async start(controller) {
        controller.enqueue(Buffer.from('a'));
        await new Promise(resolve => setTimeout(resolve, 20));
        controller.enqueue(Buffer.from('b'));
        controller.close();
      },
    });
    const line = await ask('/hand/4711', { method: 'POST', body, duplex: 'half' } as RequestInit);
    assert.equal(line['route'], '/hand/:made');
    assert.equal(line.text, line['request_id']);
  } finally {
    await close();
  }
});

test('an app that has layers already is refused', async () => {
  const app = express();
  app.get('/early', ok);
  await assert.rejects(init(app, { log: { stdout: false } }), { code: 'PLIMSOLL_LATE' });
});

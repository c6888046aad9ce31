import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Hono } from 'hono';
import { init, type Obs } from 'plimsoll';

type Line = Record<string, unknown>;
const OPTIONS = { log: { stdout: false, samplingRateInfo: 1 }, metrics: { runtime: false } } as const;

async function observed(app?: object): Promise<{ obs: Obs; done: Line[]; errors: Line[] }> {
  const obs = app === undefined ? await init(OPTIONS) : await init(app, OPTIONS);
  const done: Line[] = [];
  const errors: Line[] = [];
  obs.onLine(text => {
    const line = JSON.parse(text) as Line;
    if (line['msg'] === 'http_request') done.push(line);
    if (line['msg'] === 'http_request_error') errors.push(line);
  });
  return { obs, done, errors };
}

const request = (path: string, init?: RequestInit) => new Request(`http://service.test${path}`, init);

test('a request lasts until its body is read, and a reader that leaves is an abort', async () => {
  const { obs, done } = await observed();
  const handler = obs.fetch(
    () =>
      new Response(
        new ReadableStream({ pull: controller => controller.enqueue(new TextEncoder().encode('x')) }),
      ),
    { route: '/endless' },
  );
  const reader = (await handler(request('/endless'))).body?.getReader();
  await reader?.read();
  assert.equal(done.length, 0);
  await reader?.cancel();
  assert.deepEqual([done.length, done[0]?.['route'], done[0]?.['aborted']], [1, '/endless', true]);
  await obs.close();
});

test('an answer without a body is done at once, and immutable headers are no obstacle', async () => {
  const { obs, done } = await observed();
  const handler = obs.fetch(() => Response.redirect('http://service.test/there'));
  const res = await handler(request('/here', { headers: { 'x-request-id': 'web-1' } }));
  assert.deepEqual([res.status, res.headers.get('location')], [302, 'http://service.test/there']);
  assert.equal(res.headers.get('x-request-id'), 'web-1');
  assert.equal(done[0]?.['status'], 302);
  await obs.close();
});

test('a body that fails while it is sent is told, with what was sent before', async () => {
  const { obs, done, errors } = await observed();
  const handler = obs.fetch(() => {
    const body = new ReadableStream({
      pull(controller) {
        controller.error(new Error('source broke'));
      },
    });
    return new Response(body);
  });
  const res = await handler(request('/broken'));
  await assert.rejects(res.text(), /source broke/);
  assert.equal(done[0]?.['aborted'], true);
  assert.match(JSON.stringify(errors[0]?.['err']), /source broke/);
  await obs.close();
});

test('what is no Response is a failure of the handler: 500, counted', async () => {
  const { obs, done } = await observed();
  const handler = obs.fetch((() => undefined) as unknown as () => Response);
  const res = await handler(request('/nothing'));
  assert.equal(res.status, 500);
  assert.equal(res.headers.get('content-type'), 'application/problem+json');
  assert.equal(((await res.json()) as { code: string }).code, 'internal_error');
  assert.equal(done[0]?.['status'], 500);
  await obs.close();
});

test('the rest of the arguments reach the handler as they came', async () => {
  const { obs } = await observed();
  const handler = obs.fetch((_request: Request, env: { key: string }, more: number) =>
    Response.json([env.key, more]),
  );
  assert.deepEqual(await (await handler(request('/'), { key: 'k' }, 2)).json(), ['k', 2]);
  await obs.close();
});

test('Hono: a middleware that answers gives the route that it stood before', async () => {
  const app = new Hono();
  const { obs, done } = await observed(app);
  app.use('/api/*', async (c, next) => (c.req.header('key') === 'k' ? next() : c.text('no', 401)));
  app.get('/api/items/:item', c => c.text('ok'));
  app.get('/pages/*', c => c.text('page'));
  const routes = async (path: string, headers = {}): Promise<unknown> => {
    await (await app.fetch(request(path, { headers }))).text();
    return done.at(-1)?.['route'];
  };
  assert.equal(await routes('/api/items/4711'), '/api/items/:item');
  assert.equal(await routes('/api/items/4711', { key: 'k' }), '/api/items/:item');
  assert.equal(await routes('/api/4711'), '/api/*');
  assert.equal(await routes('/api/4711', { key: 'k' }), 'unmatched');
  assert.equal(await routes('/pages/4711'), '/pages/*');
  assert.equal(await routes('/4711'), 'unmatched');
  await obs.close();
});

test("Hono: an error is told though the app answers it, and the app's headers stay single", async () => {
  const app = new Hono();
  const { obs, done, errors } = await observed(app);
  app.onError((_error, c) => c.text('mine', 503));
  app.get('/boom', () => {
    throw new Error('hono broke');
  });
  app.get('/cookies', c => {
    c.header('set-cookie', 'a=1', { append: true });
    c.header('set-cookie', 'b=2', { append: true });
    return c.text('ok');
  });
  app.get('/throws-text', () => {
    throw 'no error';
  });
  const boom = await app.fetch(request('/boom'));
  assert.equal(await boom.text(), 'mine');
  assert.equal(done[0]?.['status'], 503);
  assert.match(JSON.stringify(errors[0]?.['err']), /hono broke/);
  const cookies = await app.fetch(request('/cookies'));
  assert.deepEqual(cookies.headers.getSetCookie(), ['a=1', 'b=2']);
  await assert.rejects(
    async () => app.fetch(request('/throws-text')),
    error => error === 'no error',
  );
  assert.deepEqual([done.at(-1)?.['route'], done.at(-1)?.['status']], ['/throws-text', 500]);
  await obs.close();
});

test('Hono: an app that has routes already is refused', async () => {
  const app = new Hono().get('/early', c => c.text('x'));
  await assert.rejects(init(app, OPTIONS), { code: 'PLIMSOLL_LATE' });
});

import { Hono } from 'hono';
import { init } from 'plimsoll';
import { adapterContract, SECRET } from '../../src/testing/contracts/adapter.ts';
import { alone, onNodeServer, slowBody, stop, urlOf } from './serve.ts';

for (const [runtime, serve] of [
  ['@hono/node-server', onNodeServer],
  ['a runtime without node', alone],
] as const) {
  let current: Hono;

  adapterContract({
    name: `Hono 4 on ${runtime}`,
    // A mounted app is a function; Hono knows no route beyond it.
    mounted: '/mounted/*',
    async build(options) {
      const app = new Hono();
      // Hono prints what it answers with 500, unless the app answers it.
      app.onError((_error, c) => c.text('failed', 500));
      const obs = await init(app, options);
      app.use('/users/*', async (_c, next) => next());
      app.get('/users/:id', async c => {
        const id = c.req.param('id');
        await new Promise(resolve => setImmediate(resolve));
        obs.log.info({ n: id }, 'seen');
        return c.json({ id });
      });
      app.post('/echo', async c => c.json(await c.req.json()));
      app.get('/boom', () => {
        throw new Error(`boom ${SECRET}`);
      });
      app.get('/reject', () => Promise.reject(new Error(`boom ${SECRET}`)));
      app.get('/stream', () => new Response(slowBody(false)));
      app.get('/hang', () => new Response(slowBody(true)));
      const v1 = new Hono();
      v1.get('/items/:item', c => c.json({ ok: true }));
      const api = new Hono();
      api.route('/v1', v1);
      app.route('/api', api);
      const mounted = new Hono();
      mounted.get('/things/:thing', c => c.json({ ok: true }));
      app.mount('/mounted', mounted.fetch);
      const server = await serve(app.fetch as never);
      if (options.enabled !== false) current = app;
      const close = async () => {
        await stop(server);
        await obs.close();
      };
      return { obs, url: urlOf(server), close };
    },
    async again() {
      const second = await init(current, { log: { stdout: false }, ops: { enabled: false } });
      await second.close();
    },
  });
}

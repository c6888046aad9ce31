/** One Hono service on @hono/node-server in the variant that `argv[2]` names, measured through IPC. */
import { serve as listen } from '@hono/node-server';
import { Hono } from 'hono';
import { serve } from '../lib/measured.ts';
import { answerer, handlerOf, plimsoll, plimsollOff, variant } from './service.ts';
import { type Handler, SILENT } from './stacks.ts';

let hooks: string[] = [];

const variants: Record<string, () => Promise<Hono>> = {
  bare: async () => routes(new Hono(), SILENT),
  async on() {
    const app = new Hono();
    return routes(app, handlerOf(await plimsoll(app)));
  },
  async off() {
    const app = new Hono();
    const obs = await plimsollOff(app);
    hooks = app.routes.map(({ method, path }) => `${method} ${path}`);
    return routes(app, handlerOf(obs));
  },
};

function routes(app: Hono, handler: Handler): Hono {
  const answer = answerer(handler);
  app.get('/users/:id', c => c.json(answer(c.req.param('id'))));
  return app;
}

const app = await (variants[variant] as () => Promise<Hono>)();
listen({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => {
  serve({ url: `http://127.0.0.1:${port}`, hooks });
});

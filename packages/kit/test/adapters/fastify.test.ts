import fastify, { type FastifyInstance } from 'fastify';
import { init } from 'plimsoll';
import { adapterContract, SECRET } from '../../src/testing/contracts/adapter.ts';

let current: FastifyInstance;

adapterContract({
  name: 'Fastify 5',
  async build(options) {
    const app = fastify();
    const obs = await init(app, options);
    app.get('/users/:id', async request => {
      const { id } = request.params as { id: string };
      await new Promise(resolve => setImmediate(resolve));
      obs.log.info({ n: id }, 'seen');
      return { id };
    });
    app.post('/echo', async request => request.body);
    app.get('/boom', () => {
      throw new Error(`boom ${SECRET}`);
    });
    app.get('/reject', () => Promise.reject(new Error(`boom ${SECRET}`)));
    app.get('/stream', (_request, reply) => {
      reply.hijack();
      reply.raw.write('a');
      setTimeout(() => reply.raw.end('b'), 60);
    });
    app.get('/hang', (_request, reply) => {
      reply.hijack();
      reply.raw.write('a');
    });
    app.register(
      async api => {
        api.register(async v1 => v1.get('/items/:item', async () => ({ ok: true })), { prefix: '/v1' });
      },
      { prefix: '/api' },
    );
    app.register(async mounted => mounted.get('/things/:thing', async () => ({ ok: true })), {
      prefix: '/mounted',
    });
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    if (options.enabled !== false) current = app;
    const close = async () => {
      await app.close();
      await obs.close();
    };
    return { obs, url, close };
  },
  async again() {
    const second = await init(current, { log: { stdout: false }, ops: { enabled: false } });
    await second.close();
  },
});

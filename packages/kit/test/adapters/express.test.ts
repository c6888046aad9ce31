import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import { init } from 'plimsoll';
import { adapterContract, SECRET } from '../../src/testing/contracts/adapter.ts';

let current: Express;

adapterContract({
  name: 'Express 5',
  async build(options) {
    const app = express();
    // Express prints what its own error handler answers, unless this says test.
    app.set('env', 'test');
    const obs = await init(app, options);
    app.use(express.json({ limit: '1mb' }));
    app.get('/users/:id', async (req, res) => {
      await new Promise(resolve => setImmediate(resolve));
      obs.log.info({ n: req.params.id }, 'seen');
      res.json({ id: req.params.id });
    });
    app.post('/echo', (req, res) => void res.json(req.body));
    app.get('/boom', () => {
      throw new Error(`boom ${SECRET}`);
    });
    app.get('/reject', () => Promise.reject(new Error(`boom ${SECRET}`)));
    app.get('/stream', (_req, res) => {
      res.write('a');
      setTimeout(() => res.end('b'), 60);
    });
    app.get('/hang', (_req, res) => void res.write('a'));
    const v1 = express.Router();
    v1.get('/items/:item', (_req, res) => void res.json({ ok: true }));
    const api = express.Router();
    api.use('/v1', v1);
    app.use('/api', api);
    const mounted = express();
    mounted.get('/things/:thing', (_req, res) => void res.json({ ok: true }));
    app.use('/mounted', mounted);
    const server = await new Promise<Server>(resolve => {
      const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
    });
    if (options.enabled !== false) current = app;
    const close = async () => {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
      await obs.close();
    };
    return { obs, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
  },
  async again() {
    const second = await init(current, { log: { stdout: false }, ops: { enabled: false } });
    await second.close();
  },
});

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { init, type Obs } from 'plimsoll';
import { adapterContract, SECRET } from '../../src/testing/contracts/adapter.ts';

/** A service without a router: it names its routes itself. */
function service(obs: Obs) {
  return async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const path = (req.url ?? '/').split('?')[0] as string;
    const [, first, , third] = path.split('/');
    const json = (value: unknown) => {
      res.writeHead(200, { 'content-type': 'application/json' });
      res.end(JSON.stringify(value));
    };
    if (first === 'users' && (req.method === 'GET' || req.method === 'HEAD')) {
      obs.route('/users/:id');
      const id = path.slice('/users/'.length);
      await new Promise(resolve => setImmediate(resolve));
      obs.log.info({ n: id }, 'seen');
      return json({ id });
    }
    if (path === '/echo') {
      obs.route('/echo');
      const chunks: Buffer[] = [];
      for await (const chunk of req) chunks.push(chunk as Buffer);
      return json(JSON.parse(Buffer.concat(chunks).toString()));
    }
    if (path === '/boom' || path === '/reject') {
      obs.route(path);
      throw new Error(`boom ${SECRET}`);
    }
    if (path === '/stream') {
      obs.route('/stream');
      res.write('a');
      await new Promise(resolve => setTimeout(resolve, 60));
      res.end('b');
      return;
    }
    if (path === '/hang') {
      obs.route('/hang');
      res.write('a');
      return;
    }
    if (first === 'api' && third === 'items') obs.route('/api/v1/items/:item');
    else if (first === 'mounted') obs.route('/mounted/things/:thing');
    else {
      res.writeHead(404).end();
      return;
    }
    json({ ok: true });
  };
}

let current: ReturnType<typeof createServer>;

adapterContract({
  name: 'node:http',
  async build(options) {
    const obs = await init(options);
    const server = createServer(obs.handler(service(obs)));
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    current = server;
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const close = async () => {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
      await obs.close();
    };
    return { obs, url, close };
  },
  async again() {
    // The handler is observed already; attaching its server wraps it once more.
    const second = await init(current, { log: { stdout: false }, ops: { enabled: false } });
    await second.close();
  },
});

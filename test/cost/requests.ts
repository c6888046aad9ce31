/** Serves itself `argv[3]` requests over one connection and says what the heap grew by, a request. `argv[2]`: bare or on. */
import { Agent, createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const [variant, count, folder] = process.argv.slice(2) as [string, string, string];
const listener = (_req: IncomingMessage, res: ServerResponse) => res.end('{"id":"1"}');

let handler: (req: IncomingMessage, res: ServerResponse) => unknown = listener;
if (variant === 'on') {
  const { init } = await import('plimsoll');
  const obs = await init({
    ...{
      service: 'cost',
      env: 'production',
      trace: { enabled: true, clients: false },
      ops: { adminToken: ['x'] },
    },
    log: { stdout: false, dir: folder, samplingRateInfo: 1 },
  });
  obs.onBytes('span', () => {});
  handler = obs.handler((req, res) => {
    obs.route('/users/:id');
    return listener(req, res);
  });
}
const server = createServer(handler);
await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const one = () =>
  new Promise<void>(resolve => {
    get({ port, host: '127.0.0.1', agent, path: '/users/1' }, res => res.resume().on('end', resolve));
  });

const many = async (n: number) => {
  for (let i = 0; i < n; i++) await one();
};
await many(3000);
globalThis.gc?.();
const before = process.memoryUsage().heapUsed;
await many(Number(count));
const bytes = (process.memoryUsage().heapUsed - before) / Number(count);
process.send?.({ bytes });
process.exit(0);

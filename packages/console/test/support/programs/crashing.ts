// A service whose orders break: by the environment alone it knows where to export, to announce itself and to dump.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { init } from 'plimsoll';

const obs = await init({ service: 'crashing-shop', env: 'development', log: { stdout: false } });
const server = createServer(
  obs.handler(req => {
    obs.route('/orders/:id');
    obs.log.warn({ stock: 0 }, 'nothing_left');
    obs.trace.span('look up stock', () => {});
    return ship(req.url ?? '');
  }),
);

function ship(url: string): never {
  try {
    throw new RangeError('no hat of size 58');
  } catch (cause) {
    if (url.endsWith('/1')) throw new TypeError('an order could not be shipped', { cause });
    throw new Error('another order is lost', { cause });
  }
}

await obs.attach(server);
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  obs.crash.capture(new Error('a plugin did not start'), {
    context: { plugin: 'asset_sync', job: 'j-17', password: 'hunter2' },
  });
  console.log(`listens on http://127.0.0.1:${port}`);
});

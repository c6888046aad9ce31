/** A service of somebody's: it says where it listens, answers, and ends as it is asked to. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { init } from 'plimsoll';

const obs = await init({ service: 'hello' });
const server = createServer(
  obs.handler((request, response) => {
    obs.log.info({ path: request.url }, 'greeted');
    response.end('hello');
  }),
);
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  console.log(JSON.stringify({ listens: `http://127.0.0.1:${port}` }));
});

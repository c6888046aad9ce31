/** A service with the assets on, in the runtime root argv[2]; says its port, and takes uploads of up to 4 GiB. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { init } from 'plimsoll';

const [, , runtimeRoot = ''] = process.argv;
const obs = await init({
  ...{ service: 'assets', env: 'development', runtimeRoot, log: { stdout: false } },
  assets: { writeToken: ['write-token'] },
});
const server = createServer(obs.handler((_req, res) => res.writeHead(404).end()) as never);
server.requestTimeout = 0;
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));

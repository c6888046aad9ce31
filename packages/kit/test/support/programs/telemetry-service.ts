import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { init } from 'plimsoll';

/** Telemetry's routes on a port of their own, told to the parent; ends with the parent. */
const [root = ''] = process.argv.slice(2);
const app = new Hono();
const obs = await init(app, {
  ...{ service: 'telemetry-faults', env: 'development', runtimeRoot: root },
  log: { stdout: false },
  trace: { enabled: false },
});
const server = createServer(getRequestListener(app.fetch));
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('message', async (message: { features?: number; name?: string } | 'close') => {
  if (message === 'close') {
    server.closeAllConnections();
    server.close();
    await obs.close();
    process.disconnect();
    return;
  }
  // By code: true is an acknowledgement too.
  let counted = 0;
  for (let n = 0; n < (message.features ?? 0); n++)
    if (obs.telemetry.feature(message.name ?? '')) counted += 1;
  process.send?.({ counted });
});

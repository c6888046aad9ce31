/** A collector in a process of its own that takes everything and keeps nothing, and misbehaves on request. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

export type Mode = 'ok' | 'slow' | 'refuse' | 'reset' | 'nonsense' | 'gone';

/** The answer of the slow one comes after this, ms. */
const SLOW = 3000;
let mode: Mode = 'ok';
let bytes = 0;
let requests = 0;

function answer(req: IncomingMessage, res: ServerResponse): void {
  req.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  req.on('end', () => {
    requests += 1;
    if (mode === 'reset') req.socket.resetAndDestroy();
    else if (mode === 'refuse') res.writeHead(503).end();
    else if (mode === 'nonsense')
      res.writeHead(200, { 'content-type': 'text/html' }).end('<html>\u0000\u00ff');
    else if (mode === 'slow') setTimeout(() => accept(req, res), SLOW);
    else accept(req, res);
  });
  req.on('error', () => {});
}

/** Empty protobuf for OTLP; the agents of others want an object. */
function accept(req: IncomingMessage, res: ServerResponse): void {
  const otlp = req.url?.startsWith('/v1/') === true;
  res.writeHead(200, { 'content-type': otlp ? 'application/x-protobuf' : 'application/json' });
  res.end(otlp ? undefined : '{}');
}

let server: Server;
function listen(port: number): Promise<number> {
  server = createServer({ keepAliveTimeout: 600_000 }, answer);
  return new Promise(resolve =>
    server.listen(port, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  );
}

const port = await listen(0);
process.on('message', async (order: { mode?: Mode }) => {
  if (order.mode !== undefined && order.mode !== mode) {
    if (mode === 'gone') await listen(port);
    mode = order.mode;
    if (mode === 'gone') {
      server.close();
      server.closeAllConnections();
    }
  }
  process.send?.({ bytes, requests });
});
process.on('disconnect', () => process.exit(0));
process.send?.({ url: `http://127.0.0.1:${port}` });

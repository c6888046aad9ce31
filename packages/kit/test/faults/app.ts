// A service whose requests make many spans, and a second server, unobserved, that tells how the export fares.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { init } from '../../src/app/init.ts';
import type { OtlpState } from '../../src/parts/otlp/part.ts';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;
const SPANS = 10;
const filler = 'x'.repeat(900);
let requests = 0;

const server = createServer((_incoming, answer) => {
  requests += 1;
  answer.on('close', () => (ended += 1));
  for (let n = 0; n < SPANS; n++) obs.trace.start(`work ${n}`, { attributes: { filler } }).end();
  answer.end('ok');
});
let ended = 0;
const obs = await init(server);

const control = createServer(async (incoming, answer) => {
  const otlp = (): OtlpState => obs.read<OtlpState>('otlp')!;
  if (incoming.url === '/flush') await otlp().flush();
  gc();
  const { heapUsed, external } = process.memoryUsage();
  const { traces } = otlp().signals;
  answer.end(
    JSON.stringify({ ...traces, recorded: requests * SPANS + ended, bytes: heapUsed + external, requests }),
  );
});
await listen(server);
await listen(control);
console.log(JSON.stringify({ port: portOf(server), control: portOf(control) }));

function listen(one: Server): Promise<void> {
  return new Promise(done => one.listen(0, '127.0.0.1', () => done()));
}

function portOf(one: Server): number {
  return (one.address() as AddressInfo).port;
}

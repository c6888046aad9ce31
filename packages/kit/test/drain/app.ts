// A service for the drain tests. It tells its port on the first line of standard output; the others are its log.
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Drain } from '../../src/app/drain.ts';
import { init } from '../../src/app/init.ts';

const { OWN, LATE, SECOND, OPS, NO_SERVER, PORT = '0', WORK_MS } = process.env;

const server: Server = createServer((incoming, answer) => {
  // Answers when the caller has said all it has to say.
  incoming.resume().on('end', () => (WORK_MS ? setTimeout(finish, Number(WORK_MS)) : finish()));
  const finish = () => answer.end('hello');
  if (incoming.url === '/quit') process.exit(8);
  if (incoming.url === '/started') answer.write('…');
});

const ownHandler = async (): Promise<void> => {
  console.log(JSON.stringify({ msg: 'own_handler' }));
  if (OWN === 'run') {
    await obs.read<Drain>('drain')?.run();
    console.log(JSON.stringify({ msg: 'own_close' }));
    await obs.close();
    process.exit(7);
  }
};
if (OWN === 'once-before') process.once('SIGTERM', () => setTimeout(() => process.exit(9), 300));

if (LATE) await listen();
const obs = await init(server);
if (SECOND) await init({ service: 'second', log: { stdout: false } });
if (OWN && OWN !== 'once-before') process.on('SIGTERM', ownHandler);
if (!LATE && !NO_SERVER) await listen();
if (NO_SERVER) setInterval(() => {}, 60_000);
if (LATE)
  await new Promise(done =>
    request(`http://127.0.0.1:${port()}/health/ready`, answer => answer.resume().on('end', done)).end(),
  );
const ops = OPS ? (obs.read<AddressInfo>('ops-address')?.port ?? 0) : 0;
console.log(JSON.stringify({ port: NO_SERVER ? 0 : port(), ops }));

function listen(): Promise<void> {
  return new Promise(done => server.listen(Number(PORT), '127.0.0.1', () => done()));
}

function port(): number {
  return (server.address() as AddressInfo).port;
}

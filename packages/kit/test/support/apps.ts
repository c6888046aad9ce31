import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach } from 'node:test';
import type { SpanRecord } from '@plimsoll/wire';
import fastify, { type FastifyInstance } from 'fastify';
import { init, type Obs } from 'plimsoll';
import type { InitOptions } from '../../src/config/options/table.ts';

export type Line = Record<string, unknown>;
type Handler = (req: IncomingMessage, res: ServerResponse, obs: Obs) => unknown;
/** An observed app on a port of its own, and all that it writes. */
export interface App {
  readonly obs: Obs;
  readonly port: number;
  readonly url: string;
  readonly lines: Line[];
  readonly spans: SpanRecord[];
}

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function observed(options: InitOptions): Promise<Omit<App, 'port' | 'url'>> {
  const { log, ...rest } = options;
  const base = { service: 'requests', env: 'production', trace: { enabled: true } };
  const obs = await init({
    ...base,
    ...rest,
    log: { stdout: false, samplingRateInfo: 1, ...log },
  } as InitOptions);
  const lines: Line[] = [];
  const spans: SpanRecord[] = [];
  obs.onLine(line => lines.push(JSON.parse(line) as Line));
  obs.on('span', span => spans.push(span));
  open.push(() => obs.close());
  return { obs, lines, spans };
}

export async function nodeApp(handler: Handler, options: InitOptions = {}): Promise<App> {
  const made = await observed(options);
  const server = createServer(made.obs.handler((req, res) => handler(req, res, made.obs)));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  open.push(async () => {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { ...made, port, url: `http://127.0.0.1:${port}` };
}

export async function fastifyApp(
  routes: (app: FastifyInstance, obs: Obs) => void,
  options: InitOptions = {},
): Promise<App> {
  const made = await observed(options);
  const app: FastifyInstance = fastify();
  await made.obs.attach(app);
  routes(app, made.obs);
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  open.push(() => app.close());
  return { ...made, url, port: (app.server.address() as AddressInfo).port };
}

/** Sends the pieces with a pause between them and gives the head of the answer, or `closed`. */
export async function send(port: number, ...pieces: string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const answer = new Promise<string>(resolve => {
    socket.once('data', data => resolve(String(data)));
    socket.once('close', () => resolve('closed'));
    socket.on('error', () => {});
  });
  for (const piece of pieces) {
    socket.write(piece);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  const text = await answer;
  socket.destroy();
  return text;
}

export async function until<T>(what: () => T | undefined): Promise<T> {
  for (let turn = 0; turn < 500; turn++) {
    const found = what();
    if (found !== undefined) return found;
    await new Promise(resolve => setTimeout(resolve, 5));
  }
  throw new Error(`never: ${what}`);
}

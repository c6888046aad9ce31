import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach } from 'node:test';
import { init, type Obs } from 'plimsoll';
import { WebSocket } from 'ws';
import type { InitOptions } from '../../src/config/options/table.ts';

/** Whatever JSON says, for assertions. */
// biome-ignore lint/suspicious/noExplicitAny: an assertion on it is what checks its type
export type Json = any;

const closers: (() => unknown)[] = [];
export const later = (close: () => unknown): void => void closers.push(close);
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'plimsoll-hooks-'));
  folders.push(made);
  return made;
}

/** Sets the flags of the config file in this runtime root. */
export function flags(root: string, features: Record<string, boolean>): void {
  mkdirSync(join(root, 'config'), { recursive: true });
  writeFileSync(join(root, 'config', 'plimsoll.json'), JSON.stringify({ features }));
}

export interface Service {
  readonly obs: Obs;
  readonly root: string;
  readonly port: number;
  readonly url: string;
  readonly lines: Record<string, unknown>[];
  ask(path: string, options?: { method?: string; body?: unknown }): Promise<{ status: number; body: Json }>;
}

export interface OpenOptions {
  readonly code?: InitOptions;
  readonly root?: string;
  readonly on?: boolean;
}

/** A service with the hook bus on, on a port of its own. */
export async function open({ code = {}, root = folder(), on = true }: OpenOptions = {}): Promise<Service> {
  flags(root, { enable_hooks: on });
  const { hooks, ...rest } = code;
  const obs = await init({
    ...{ service: 'hooks', env: 'test', runtimeRoot: root, drain: { enabled: false } },
    log: { stdout: false, dir: '', level: 'debug', samplingRateInfo: 1 },
    hooks: { allowPrivate: ['127.0.0.1'], ...hooks },
    ...rest,
  } as InitOptions);
  later(() => obs.close());
  const lines: Record<string, unknown>[] = [];
  obs.onLine(line => lines.push(JSON.parse(line)));
  const server = createServer(obs.handler((_req, res) => void (res as ServerResponse).writeHead(404).end()));
  const port = await listen(server);
  const url = `http://127.0.0.1:${port}`;
  const ask: Service['ask'] = async (path, { method = 'GET', body } = {}) => {
    const response = await fetch(url + path, {
      method,
      ...(body !== undefined && {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
      redirect: 'manual',
    });
    const text = await response.text();
    return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text };
  };
  return { obs, root, port, url, lines, ask };
}

export async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  later(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

export interface Received {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly json: Json;
}
export interface Receiver {
  readonly url: string;
  readonly port: number;
  readonly got: Received[];
}

export function headersOf({ headers }: Received): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

/** Takes webhooks; `answer` says how, else 204. */
export async function receiver(
  answer: (one: Received, res: ServerResponse, count: number) => void = (_one, res) =>
    res.writeHead(204).end(),
): Promise<Receiver> {
  const got: Received[] = [];
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    const one = { path: req.url ?? '', headers: req.headers, body, json: JSON.parse(body) };
    got.push(one);
    answer(one, res, got.length);
  });
  const port = await listen(server);
  return { url: `http://127.0.0.1:${port}/hook`, port, got };
}

export interface Tail {
  readonly ws: WebSocket;
  readonly messages: Json[];
  readonly closed: Promise<{ code: number; reason: string }>;
}

export async function tail(url: string): Promise<Tail> {
  const ws = new WebSocket(url.replace('http:', 'ws:'));
  later(() => ws.terminate());
  const messages: unknown[] = [];
  ws.on('message', data => messages.push(JSON.parse(String(data))));
  const closed = new Promise<{ code: number; reason: string }>(resolve =>
    ws.on('close', (code, reason) => resolve({ code, reason: String(reason) })),
  );
  await new Promise((resolve, reject) => ws.once('open', resolve).once('error', reject));
  return { ws, messages, closed };
}

export async function until<T>(what: () => T | undefined | false, ms = 10_000): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const found = what();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`never: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

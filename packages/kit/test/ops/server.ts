import http from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { serveOps } from '../../src/adapters/node.ts';
import { systemClock } from '../../src/base/clock.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { InitOptions } from '../../src/config/options/table.ts';
import { createKit } from '../../src/kernel/create-kit.ts';
import { createJobs, type Jobs } from '../../src/kernel/job.ts';
import type { KitCore } from '../../src/kernel/kit.ts';
import { createOps, type Ops } from '../../src/ops/router.ts';

export const TOKEN = 'right-token';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON, loosely typed for assertions. */
  readonly body: Record<string, unknown>;
}

export interface OpsServer {
  readonly kit: KitCore;
  readonly ops: Ops;
  readonly jobs: Jobs;
  readonly port: number;
  /** Log lines so far, parsed. */
  readonly lines: Record<string, unknown>[];
  /** Moves the kit's clock on. */
  advance(ms: number): void;
  ask(
    path: string,
    options?: { method?: string; headers?: Record<string, string>; body?: string },
  ): Promise<Answer>;
}

/** A real kit's ops API behind a real socket, with every option from the given code. */
export async function serve(t: TestContext, code: InitOptions = {}): Promise<OpsServer> {
  const real = systemClock();
  let ahead = 0;
  const clock = {
    now: () => real.now() + ahead,
    monotonic: () => real.monotonic() + ahead,
    epoch: (monotonic: number) => real.epoch(monotonic),
  };
  const config = loadConfig({
    code: { service: 'demo', log: { samplingRateInfo: 1 }, ...code },
    env: {},
    argv1: undefined,
  });
  const kit = createKit({ config, clock });
  const lines: Record<string, unknown>[] = [];
  kit.onLine(line => void lines.push(JSON.parse(line)));
  const jobs = createJobs(kit);
  const ops = createOps(kit, { jobs });
  const server = http.createServer((req, res) => {
    if (!ops.owns((req.url ?? '').split('?')[0] as string)) return void res.writeHead(404).end('app');
    serveOps(ops, req, res).catch(error => res.destroy(error));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  t.after(async () => {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
    await kit.close();
  });
  const ask: OpsServer['ask'] = async (path, { method = 'GET', headers = {}, body } = {}) => {
    const response = await request(port, { path, method, headers, body });
    await turn();
    return response;
  };
  return {
    ...{ kit, ops, jobs, port, lines, ask },
    advance: ms => {
      ahead += ms;
    },
  };
}

/** node:http and not fetch, which refuses Host, Forwarded and friends. */
function request(
  port: number,
  {
    path,
    method,
    headers,
    body,
  }: { path: string; method: string; headers: Record<string, string>; body: string | undefined },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const req = http.request({ host: '127.0.0.1', port, path, method, headers, agent: false }, res => {
      const chunks: Buffer[] = [];
      res.on('data', chunk => chunks.push(chunk));
      res.on('end', () => {
        const text = Buffer.concat(chunks).toString('latin1');
        const answer = new Headers(Object.entries(res.headers).map(([name, value]) => [name, String(value)]));
        resolve({ status: res.statusCode ?? 0, headers: answer, text, body: parse(text) });
      });
    });
    req.on('error', reject);
    req.end(body);
  });
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** Sends a body without a length, in chunks, and gives the status line. */
export function sendChunked(
  port: number,
  { path, token, bytes }: { path: string; token: string; bytes: number },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', data => {
      resolve(data.toString().split('\r\n')[0] as string);
      socket.destroy();
    });
    socket.on('error', reject);
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: localhost\r\nX-Admin-Token: ${token}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    const chunk = 'x'.repeat(8192);
    for (let sent = 0; sent < bytes; sent += chunk.length) socket.write(`2000\r\n${chunk}\r\n`);
    socket.write('0\r\n\r\n');
  });
}

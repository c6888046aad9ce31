import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type InitOptions, init, type Obs } from 'plimsoll';

// biome-ignore lint/suspicious/noExplicitAny: answers are asserted field by field
export type Loose = any;

export const TOKEN = 'right-token';

export interface Service {
  readonly obs: Obs;
  readonly url: string;
  readonly root: string;
  readonly lines: string[];
  ask(
    path: string,
    init?: RequestInit,
  ): Promise<{ status: number; body: Loose; text: string; headers: Headers }>;
}

export function tempFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-part-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A service in development with these flags on, behind a socket of its own. */
export async function startService(
  t: TestContext,
  { flags, root = tempFolder(t), ...code }: { flags: readonly string[]; root?: string } & InitOptions,
): Promise<Service> {
  mkdirSync(join(root, 'config'), { recursive: true });
  const features = Object.fromEntries(flags.map(flag => [flag, true]));
  writeFileSync(join(root, 'config/plimsoll.json'), JSON.stringify({ features }));
  const { log, ops, ...rest } = code;
  const obs = await init({
    ...{ service: 'parts', env: 'development', runtimeRoot: root },
    ...rest,
    ops: { adminToken: [TOKEN], ...ops },
    log: { stdout: false, samplingRateInfo: 1, level: 'debug', ...log },
  } as InitOptions);
  const lines: string[] = [];
  obs.onLine(line => void lines.push(line));
  const server = createServer(obs.handler((_req, res) => res.writeHead(404).end('app')) as never);
  const url = await listen(t, server);
  t.after(() => obs.close());
  return {
    ...{ obs, url, root, lines },
    async ask(path, options) {
      const response = await fetch(`${url}${path}`, options);
      const text = await response.text();
      let body: unknown;
      try {
        body = JSON.parse(text);
      } catch {
        body = undefined;
      }
      return { status: response.status, headers: response.headers, text, body: body as Loose };
    },
  };
}

export async function listen(t: TestContext, server: ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  t.after(async () => {
    server.closeAllConnections();
    await new Promise(done => server.close(done));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A real provider of the test's own. */
export function remote(
  t: TestContext,
  handle: (req: IncomingMessage, res: ServerResponse) => void,
): Promise<string> {
  return listen(t, createServer(handle));
}

export const json = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type InitOptions, init, type Obs } from 'plimsoll';

// Consent is given by the file below, and CI and others who set these speak for no user of theirs.
for (const name of ['CI', 'DO_NOT_TRACK', 'OBS_ADMIN_TOKEN', 'OBS_ASSETS_TOKEN']) delete process.env[name];

/** Every flag on, and consent to all. */
export const EVERYTHING = {
  features: {
    ...{ enable_observability: true, enable_crash_uploader: true, enable_perf: true },
    ...{ enable_hooks: true, enable_providers: true, enable_assets: true },
  },
  telemetry: { telemetry_opt_in: true, crash_opt_in: true, diagnostics_opt_in: true, dry_run: true },
};

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of the loopback, whose addresses are many: who is asking. */
  readonly from?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

export interface Service {
  readonly obs: Obs;
  readonly root: string;
  readonly port: number;
  ask(call: Call): Promise<Answer>;
}

/** A node:http service with every part on, behind a real socket, in a runtime root of its own. */
export async function startService(t: TestContext, options: InitOptions): Promise<Service> {
  const root = mkdtempSync(join(tmpdir(), 'plimsoll-access-'));
  mkdirSync(join(root, 'config'));
  writeFileSync(join(root, 'config/plimsoll.json'), JSON.stringify(EVERYTHING));
  const obs = await init({
    ...{ service: 'access', runtimeRoot: root, log: { stdout: false }, drain: { enabled: false } },
    ...options,
  });
  obs.ops.job('rollover', () => {});
  const server = http.createServer(obs.handler((_req, res) => void (res as http.ServerResponse).end()));
  await obs.attach(server);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const agent = new http.Agent({ keepAlive: true });
  t.after(async () => {
    agent.destroy();
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
    await obs.close();
    rmSync(root, { recursive: true, force: true });
  });
  return { obs, root, port, ask: call => ask({ port, agent }, call) };
}

/** node:http and not fetch, which refuses Host, Forwarded and friends. */
function ask(
  to: { port: number; agent: http.Agent },
  { from = '127.0.0.1', ...call }: Call,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const req = http.request({ ...call, ...to, host: '127.0.0.1', localAddress: from }, res => {
    const chunks: Buffer[] = [];
    res.on('data', chunk => chunks.push(chunk));
    res.on('end', () => {
      const text = Buffer.concat(chunks).toString('latin1');
      resolve({ status: res.statusCode ?? 0, headers: res.headers, text });
    });
  });
  req.on('upgrade', (res, socket) => {
    socket.destroy();
    resolve({ status: res.statusCode ?? 0, headers: res.headers, text: '' });
  });
  req.on('error', reject).end();
  return promise;
}

export interface Listed {
  readonly method: string;
  readonly path: string;
  readonly access: string;
}

/** What the running app itself says that it has. */
export async function listing({ ask }: Service, token: string): Promise<readonly Listed[]> {
  const { text } = await ask({ method: 'GET', path: '/ops/', headers: { 'x-admin-token': token } });
  return (JSON.parse(text) as { routes: Listed[] }).routes;
}

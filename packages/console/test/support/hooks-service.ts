import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { init, type Obs } from 'plimsoll';
import { tempFolder } from './console.ts';

export interface HooksService {
  readonly obs: Obs;
  readonly url: string;
  /** Bodies that its receiver got. */
  readonly got: readonly string[];
  /** What the receiver answers from now on. */
  answer(status: number): void;
}

export const HOOKS_TOKEN = 'the-token-of-the-hooks-service';
const PLUGIN = 'export function on_scene_enter() {}';

/** A service with the hook bus on, two plugins, and a receiver for its webhooks; it exports to this endpoint. */
export async function hooksService(
  t: TestContext,
  { endpoint, port: own }: { endpoint: string; port: number },
): Promise<HooksService> {
  const root = tempFolder(t);
  mkdirSync(join(root, 'config'));
  mkdirSync(join(root, 'dev/hooks'), { recursive: true });
  writeFileSync(join(root, 'config/plimsoll.json'), JSON.stringify({ features: { enable_hooks: true } }));
  writeFileSync(join(root, 'dev/hooks/good.mjs'), PLUGIN);
  writeFileSync(
    join(root, 'dev/hooks/throws.mjs'),
    PLUGIN.replace('{}', '{ throw new Error("plugin trouble"); }'),
  );
  const got: string[] = [];
  let status = 500;
  const receiver = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    got.push(body);
    response.writeHead(status).end();
  });
  const receiverUrl = await listen(t, receiver);
  const obs = await init({
    ...{ service: 'hooked', env: 'production', runtimeRoot: root, drain: { enabled: false } },
    log: { stdout: false, dir: '' },
    ops: { adminToken: HOOKS_TOKEN },
    otlp: { endpoint, protocol: 'http/protobuf' },
    hooks: { devMode: true, allowPrivate: ['127.0.0.1'], retrySeconds: [] as string[] },
  });
  t.after(() => obs.close());
  const server = createServer(
    obs.handler((_request, response) => (response as ServerResponse).writeHead(404).end()),
  );
  const url = await listen(t, server, own);
  obs.trace.start('begin', { root: true }).end();
  await obs.hooks.addWebhook({ event: 'on_asset_removed', url: `${receiverUrl}/hook`, secret: 's3cr3t' });
  return {
    ...{ obs, url, got },
    answer: given => {
      status = given;
    },
  };
}

async function listen(t: TestContext, server: ReturnType<typeof createServer>, port = 0): Promise<string> {
  await new Promise<void>(done => server.listen(port, '127.0.0.1', done));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

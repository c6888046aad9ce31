/**
 * What one `obs.hooks.emit` costs the code that calls it: `npm run build && node bench/hooks.bench.ts` writes hooks.md.
 * Time of the calls alone; what streams and webhooks do later is their own.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { init, type Obs } from 'plimsoll';

const ROUNDS = 7;
const DATA = {
  scene_id: 's-12',
  node: 'n-3',
  pov: 'narrator',
  variables: { gold: 12, met: ['ada', 'bo'] },
  finished: false,
};
const ASSET = {
  ...{
    uid: 'a-1',
    type: 'sprite',
    path: 'mods/hero.png',
    meta: { tags: ['hero'], author: 'x' },
    sidecar: 'mods/hero.json',
  },
  ...{ bytes: 12_345, hook_event: 'asset_registered', timestamp: 1_772_615_003.2 },
};

interface Row {
  readonly what: string;
  readonly ns: number;
  readonly least: number;
  readonly most: number;
}

async function open(on: boolean): Promise<{ obs: Obs; close(): Promise<void>; url: string }> {
  const root = mkdtempSync(join(tmpdir(), 'bench-hooks-'));
  mkdirSync(join(root, 'config'));
  writeFileSync(join(root, 'config/plimsoll.json'), JSON.stringify({ features: { enable_hooks: on } }));
  const obs = await init({
    ...{ service: 'bench', env: 'test', runtimeRoot: root, drain: { enabled: false } },
    log: { stdout: false, dir: '', level: 'silent' },
    hooks: { allowPrivate: ['127.0.0.1'], maxQueue: 1_000_000 },
  });
  const server = createServer(obs.handler((_request, response) => response.writeHead(204).end()));
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  return {
    obs,
    url: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await obs.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Nanoseconds a call: batches with a pause after each, in which sockets and files get their turn. */
async function measure(what: string, batch: number, call: () => unknown): Promise<Row> {
  const found: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    let spent = 0n;
    let calls = 0;
    for (const end = performance.now() + 400; performance.now() < end; ) {
      const began = process.hrtime.bigint();
      for (let i = 0; i < batch; i++) call();
      spent += process.hrtime.bigint() - began;
      calls += batch;
      if (batch < 1000) await new Promise(done => setTimeout(done, 5));
    }
    // The first one warms up.
    if (round > 0) found.push(Number(spent) / calls);
  }
  found.sort((a, b) => a - b);
  const row = {
    what,
    ns: found[ROUNDS >> 1] as number,
    least: found[0] as number,
    most: found.at(-1) as number,
  };
  console.log(`${what}: ${row.ns.toFixed(0)} ns`);
  return row;
}

/** Clients on a thread of their own, as a process of their own would be. */
async function clients(url: string, count: number): Promise<() => Promise<unknown>> {
  const code = `
    const { workerData: { url, count }, parentPort } = require('node:worker_threads');
    let open = 0;
    for (let i = 0; i < count; i++) new WebSocket('ws://' + url + '/api/hooks/ws').onopen = () => {
      if (++open === count) parentPort.postMessage('open');
    };`;
  const worker = new Worker(code, { eval: true, workerData: { url, count } });
  await new Promise(done => worker.once('message', done));
  return () => worker.terminate();
}

const rows: Row[] = [];
const off = await open(false);
rows.push(await measure('off', 100_000, () => off.obs.hooks.emit('on_scene_enter', DATA)));
await off.close();

const on = await open(true);
rows.push(
  await measure('on: copy, redaction, history (5 fields)', 2000, () =>
    on.obs.hooks.emit('on_scene_enter', DATA),
  ),
);
rows.push(
  await measure('the same, 8 fields, paths', 2000, () => on.obs.hooks.emit('on_asset_registered', ASSET)),
);
on.obs.hooks.on('on_scene_enter', () => {});
rows.push(await measure('+ a listener', 2000, () => on.obs.hooks.emit('on_scene_enter', DATA)));
for (const count of [1, 100, 500]) {
  const stop = await clients(on.url, count);
  rows.push(await measure(`+ ${count} stream clients`, 10, () => on.obs.hooks.emit('on_scene_enter', DATA)));
  await stop();
  await new Promise(done => setTimeout(done, 300));
}
const receiver = createServer((request, response) =>
  request.resume().on('end', () => response.writeHead(204).end()),
);
await new Promise<void>(done => receiver.listen(0, '127.0.0.1', done));
const target = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
await on.obs.hooks.addWebhook({ event: 'on_scene_enter', url: target, secret: 's3cr3t-text' });
rows.push(
  await measure('+ a webhook, its queue on disk', 10, () => on.obs.hooks.emit('on_scene_enter', DATA)),
);
receiver.closeAllConnections();
receiver.close();
await on.close();

const table = rows.map(
  ({ what, ns, least, most }) => `| ${what} | ${ns.toFixed(0)} | ${least.toFixed(0)}–${most.toFixed(0)} |`,
);
writeFileSync(
  join(import.meta.dirname, 'hooks.md'),
  `# What one hook costs its emitter

\`npm run build && node bench/hooks.bench.ts\`, Node ${process.version}; medians of ${ROUNDS} rounds, nanoseconds of the call alone.

| \`obs.hooks.emit\` | ns | min–max |
|---|---|---|
${table.join('\n')}
`,
);

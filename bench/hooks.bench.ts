/**
 * What one `obs.hooks.emit` costs the code that calls it: `npm run build && node bench/hooks.bench.ts` writes hooks.md.
 * Time of the calls alone; what streams and webhooks do later is their own. What `node bench/hooks/plugins.ts` found last stands below.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { init, type Obs } from 'plimsoll';
import type { PluginRound } from './hooks/plugins.ts';
import { median } from './lib/stats.ts';

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

/**
 * Nanoseconds a call. Large batches follow one another, and the thread's processor time is counted, collections and
 * all. Small ones have a pause after each, in which sockets and files get their turn; the system counts too coarsely
 * for them, so it is the clock, and the median of the batches: one in which others had the core is not it.
 */
async function measure(what: string, batch: number, call: () => unknown): Promise<Row> {
  const found: number[] = [];
  const round = batch < 1000 ? byClock : byAccount;
  // The first one warms up.
  await round(batch, call);
  for (let n = 0; n < ROUNDS; n++) found.push(await round(batch, call));
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

async function byClock(batch: number, call: () => unknown): Promise<number> {
  const batches: number[] = [];
  for (const end = performance.now() + 400; performance.now() < end; ) {
    const began = performance.now();
    for (let i = 0; i < batch; i++) call();
    batches.push(((performance.now() - began) * 1e6) / batch);
    await new Promise(done => setTimeout(done, 5));
  }
  return median(batches);
}

async function byAccount(batch: number, call: () => unknown): Promise<number> {
  let calls = 0;
  const began = process.threadCpuUsage();
  for (const end = performance.now() + 400; performance.now() < end; calls += batch)
    for (let i = 0; i < batch; i++) call();
  const { user, system } = process.threadCpuUsage(began);
  return ((user + system) * 1000) / calls;
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
  rows.push(await measure(`+ ${count} stream clients`, 50, () => on.obs.hooks.emit('on_scene_enter', DATA)));
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
  await measure('+ a webhook, its queue on disk', 50, () => on.obs.hooks.emit('on_scene_enter', DATA)),
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

\`npm run build && node bench/hooks.bench.ts\`, Node ${process.version}; medians of ${ROUNDS} rounds, nanoseconds of the call
alone; clients and webhooks get fifty at once.

| \`obs.hooks.emit\` | ns | min–max |
|---|---|---|
${table.join('\n')}
${plugins()}`,
);

/** What plugins do to the loop, where that was measured. */
function plugins(): string {
  const [quiet, busy] = ['quiet', 'busy'].map(name => {
    try {
      const file = join(import.meta.dirname, `.parts/hooks-plugins-${name}.json`);
      return JSON.parse(readFileSync(file, 'utf8')) as Readonly<
        Record<'without' | 'bad', readonly PluginRound[]>
      >;
    } catch {
      return undefined;
    }
  });
  if (quiet === undefined || busy === undefined) return '';
  const row = (what: string, key: keyof PluginRound): string => {
    const cells = [quiet.without, quiet.bad, busy.without, busy.bad].map(rounds => {
      const values = rounds.map(round => round[key]);
      return `${median(values).toFixed(1)} (${Math.max(...values).toFixed(1)})`;
    });
    return `| ${what} | ${cells.join(' | ')} |`;
  };
  return `
## What plugins do to the event loop

\`node bench/hooks/plugins.ts\` and \`node bench/hooks/plugins.ts --busy\`: five plugins that loop, throw, exit, leak and do
not load, until each is left alone; a hook every 20 ms. Milliseconds, median (and most) of ${quiet.bad.length} rounds. Own is what the loop
neither slept nor stood ready while others had the core: work, and waiting within a call. Busy: three more processes
want the two cores all the time.

| | no plugins | five bad ones | busy: none | busy: five bad ones |
|---|---|---|---|---|
${row('between two looks that are 5 ms apart, at most', 'longest')}
${row('the same, 99 of 100', 'p99')}
${row('own, at most', 'own')}
${row('own, 99 of 100', 'ownP99')}
${row('ready, and others had the core, at most', 'others')}
${row('longest `emit`', 'emit')}
`;
}

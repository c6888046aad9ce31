/**
 * `node bench/hooks/plugins.ts [ROUNDS] [--busy]`: what plugins that loop, throw, exit and leak do to the event loop of the app. Linux
 * tells how long a thread was ready to run while others had the core (schedstat); what is left of the time that the
 * loop did not sleep is the app's own: work, or waiting for a worker inside a call. `--busy`: three more processes want
 * the cores all the time.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { init } from 'plimsoll';
import { quantile } from '../lib/stats.ts';

const EVENT = 'on_scene_enter';
const TICK_MS = 5;
const fn = (body: string): string => `export function ${EVENT}() { ${body} }`;
const BAD = {
  'a-loops.mjs': fn('for (;;);'),
  'b-throws.mjs': fn('throw new Error("plugin trouble")'),
  'c-exits.mjs': fn('process.exit(3)'),
  'd-leaks.mjs': fn('const kept = []; for (;;) kept.push(new Array(1e5).fill({}))'),
  'e-broken.mjs': 'export function (',
};
const GOOD = { 'i-good.mjs': fn('') };

export interface PluginRound {
  /** Milliseconds between two looks at the loop that were to be 5 apart: the longest, and 99 of 100. */
  readonly longest: number;
  readonly p99: number;
  /** Of a look, without what the loop slept and what others had the core for. */
  readonly own: number;
  readonly ownP99: number;
  /** The app's thread was ready, and others had the core, at once at most. */
  readonly others: number;
  /** Processor time between two looks at most. */
  readonly cpu: number;
  readonly emit: number;
  readonly ms: number;
}

interface Look {
  readonly gap: number;
  readonly own: number;
  readonly others: number;
  readonly cpu: number;
}

/** Looks at the loop every few milliseconds until it is stopped. */
function watch(): () => readonly Look[] {
  const looks: Look[] = [];
  const state = () => {
    const [, waited] = readFileSync('/proc/self/schedstat', 'utf8').split(' ').map(Number);
    const { user, system } = process.threadCpuUsage();
    const { idle } = performance.eventLoopUtilization();
    return { at: performance.now(), waited: (waited as number) / 1e6, cpu: (user + system) / 1000, idle };
  };
  let last = state();
  const timer = setInterval(() => {
    const now = state();
    const gap = now.at - last.at;
    const others = now.waited - last.waited;
    const own = Math.max(0, gap - (now.idle - last.idle) - others);
    looks.push({ gap, own, others, cpu: now.cpu - last.cpu });
    last = now;
  }, TICK_MS);
  return () => {
    clearInterval(timer);
    return looks;
  };
}

async function round(files: Readonly<Record<string, string>>, enough: number): Promise<PluginRound> {
  const root = mkdtempSync(join(tmpdir(), 'bench-plugins-'));
  const folder = join(root, 'dev', 'hooks');
  mkdirSync(folder, { recursive: true });
  mkdirSync(join(root, 'config'));
  writeFileSync(join(root, 'config/plimsoll.json'), '{"features":{"enable_hooks":true}}');
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const obs = await init({
    ...{ service: 'bench', env: 'test', runtimeRoot: root, drain: { enabled: false } },
    log: { stdout: false, dir: '', level: 'silent' },
    hooks: { devMode: true, pluginTimeoutMs: 400 },
  });
  const server = createServer(obs.handler((_req, res) => res.end()));
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/hooks/plugins`;
  const began = performance.now();
  const stop = watch();
  let emit = 0;
  const bad = Object.keys(files).filter(file => file in BAD);
  for (let n = 0; ; n++) {
    const before = performance.now();
    obs.hooks.emit(EVENT, { node: `n${n}` });
    emit = Math.max(emit, performance.now() - before);
    await new Promise(done => setTimeout(done, 20));
    if (n % 25 !== 24) continue;
    const { plugins } = (await (await fetch(url)).json()) as { plugins: { file: string; state: string }[] };
    const gone = plugins.filter(({ file, state }) => bad.includes(file) && state === 'stopped');
    if (gone.length === bad.length && n >= enough) break;
  }
  const looks = stop();
  server.closeAllConnections();
  server.close();
  await obs.close();
  rmSync(root, { recursive: true, force: true });
  const of = (key: keyof Look): number[] => looks.map(look => look[key]);
  return {
    ...{ longest: Math.max(...of('gap')), p99: quantile(of('gap'), 0.99) },
    ...{ own: Math.max(...of('own')), ownP99: quantile(of('own'), 0.99) },
    ...{
      others: Math.max(...of('others')),
      cpu: Math.max(...of('cpu')),
      emit,
      ms: performance.now() - began,
    },
  };
}

const show = (name: string, all: readonly PluginRound[]): void => {
  for (const key of ['longest', 'p99', 'own', 'ownP99', 'others', 'cpu', 'emit', 'ms'] as const) {
    const values = all.map(one => one[key]);
    console.log(
      `${name} ${key}: median ${quantile(values, 0.5).toFixed(1)}, most ${Math.max(...values).toFixed(1)}`,
    );
  }
};

const args = process.argv.slice(2);
const rounds = Number(args.find(arg => !arg.startsWith('-')) ?? 5);
const others = Array.from({ length: args.includes('--busy') ? 3 : 0 }, () =>
  spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
);
const without: PluginRound[] = [];
const all: PluginRound[] = [];
await round({}, 25);
for (let n = 0; n < rounds; n++) {
  without.push(await round({}, 100));
  all.push(await round({ ...BAD, ...GOOD }, 100));
}
show('no plugins', without);
show('five bad ones', all);
for (const other of others) other.kill('SIGKILL');
const part = new URL(`../.parts/hooks-plugins-${others.length > 0 ? 'busy' : 'quiet'}.json`, import.meta.url);
mkdirSync(new URL('.', part), { recursive: true });
writeFileSync(part, JSON.stringify({ without, bad: all }));
process.exit(0);

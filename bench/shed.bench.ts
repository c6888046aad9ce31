/**
 * `node bench/shed.bench.ts [load] [profile] [--quick]`: divan at three times the load that it can carry, with a guard
 * and without one, and what a CPU profile costs it. All in ratios, in paired rounds. A full run of both, at once or
 * one after the other, writes shed.md.
 */
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { build } from './lib/prepare.ts';
import { ask, LOAD_CORE, message, pinned, pinSelf, SERVER_CORE, scratch, script } from './lib/processes.ts';
import { median, spread } from './lib/stats.ts';
import type { ShedLoad, ShedOrder } from './shed/load.ts';

const PATH = '/proximity/nearby?radius_m=500';
const OVER = 3;
/** Of what can be carried: nobody waits for anybody, nearly. */
const UNLOADED = 0.25;
/** Both loads come over as many connections, so that the clients are the same. */
const CONNECTIONS = 256;

type Measured = ShedLoad & {
  /** Served in a second of the server's processor time: what is left where others use the machine too. */
  readonly perCpu: number;
};
interface LoadRound {
  readonly peak: Measured;
  readonly unloaded: Measured;
  readonly shed: Measured;
  readonly plain: Measured;
}
interface Server {
  readonly child: ChildProcess;
  readonly url: string;
}
type Run = (server: Server, order: Omit<ShedOrder, 'url'>) => Promise<Measured>;

async function main(args: readonly string[]): Promise<void> {
  const quick = args.includes('--quick');
  const named = args.filter(arg => !arg.startsWith('-'));
  build();
  pinSelf();
  const folder = scratch();
  const flags = `${folder}/flags.json`;
  writeFileSync(flags, JSON.stringify({ features: { enable_perf: true } }));
  const start = async (variant: 'shed' | 'plain'): Promise<Server> => {
    mkdirSync(`${folder}/${variant}`);
    const child = pinned(SERVER_CORE, [script('shed/server.ts'), variant, flags, `${folder}/${variant}`]);
    return { child, url: (await message<{ url: string }>(child)).url };
  };
  const load = pinned(LOAD_CORE, [script('shed/load.ts')]);
  await message(load);
  const run: Run = async ({ child, url }, order) => {
    const before = await ask<{ cpu: number }>(child, {});
    const result = await ask<ShedLoad>(load, { ...order, url: url + PATH });
    const after = await ask<{ cpu: number }>(child, {});
    const cpu = ((after.cpu - before.cpu) / 1e6) * (result.seconds / order.seconds);
    return { ...result, perCpu: result.served / cpu };
  };
  const [shed, plain] = [await start('shed'), await start('plain')];
  const rounds = quick ? 2 : 6;
  try {
    for (const server of [shed, plain]) await run(server, { seconds: 2, connections: 4 });
    const wants = (name: string) => named.length === 0 || named.includes(name);
    if (wants('load')) await keep('shed-load', rounds, quick, () => loadRound(shed, plain, run));
    if (wants('profile')) await keep('shed-profile', rounds, quick, () => profileRound(plain, run));
  } finally {
    for (const child of [shed.child, plain.child, load]) child.kill();
  }
  if (!quick) write();
}

/** Peaks stand between the loads that are compared with them: a shared machine changes its pace by the second. */
async function loadRound(shed: Server, plain: Server, run: Run): Promise<LoadRound> {
  const connections = CONNECTIONS;
  const peaks: Measured[] = [];
  const peak = async (): Promise<number> => {
    const measured = await run(plain, { seconds: 1.25, connections: 50 });
    peaks.push(measured);
    return measured.served / measured.seconds;
  };
  const rate = await peak();
  const unloaded = await run(shed, { seconds: 3.5, connections, rate: rate * UNLOADED });
  const loads: Measured[] = [];
  for (let n = 0; n < 2; n++) {
    loads.push(await run(shed, { seconds: 2.5, connections, rate: (await peak()) * OVER }));
  }
  const last = await peak();
  const without = await run(plain, { seconds: 1.5, connections, rate: last * OVER });
  // What waits for the one without a guard is let out.
  await new Promise(resolve => setTimeout(resolve, 300));
  return { peak: mean(peaks), unloaded, shed: mean(loads), plain: without };
}

function mean(all: readonly Measured[]): Measured {
  const of = (key: keyof Measured): number => all.reduce((sum, one) => sum + one[key], 0) / all.length;
  return {
    ...{ seconds: of('seconds'), served: of('served'), refused: of('refused'), unanswered: of('unanswered') },
    ...{ p50: of('p50'), p99: of('p99'), refusedP99: of('refusedP99'), perCpu: of('perCpu') },
  };
}

/** Served in a CPU second while a profile is taken, over what it is before and after. */
async function profileRound(server: Server, run: Run): Promise<number> {
  const order = { seconds: 1.5, connections: 4 };
  const before = await run(server, order);
  const taken = profile(server.url);
  // Its start stands for itself, and is in the profile's own cost.
  await new Promise(resolve => setTimeout(resolve, 300));
  const during = await run(server, order);
  await taken;
  const after = await run(server, order);
  return during.perCpu / ((before.perCpu + after.perCpu) / 2);
}

async function profile(url: string): Promise<void> {
  const headers = { 'x-admin-token': 'bench-admin-token' };
  const response = await fetch(`${url}/api/perf/profiler/cpu?seconds=2.2`, { method: 'POST', headers });
  if (!response.ok) throw new Error(`a profile got ${response.status}`);
  await response.arrayBuffer();
}

async function keep<T>(name: string, rounds: number, quick: boolean, round: () => Promise<T>): Promise<void> {
  const found: T[] = [];
  for (let n = 0; n < rounds; n++) {
    found.push(await round());
    console.error(JSON.stringify(found.at(-1)));
  }
  if (quick) return;
  mkdirSync(new URL('.parts/', import.meta.url), { recursive: true });
  writeFileSync(new URL(`.parts/${name}.json`, import.meta.url), JSON.stringify(found));
}

function write(): void {
  const loads = read<LoadRound>('shed-load');
  const profiles = read<number>('shed-profile');
  if (loads === undefined || profiles === undefined) return;
  const text = report(loads, profiles);
  writeFileSync(new URL('shed.md', import.meta.url), text);
  console.log(text);
}

function read<T>(name: string): readonly T[] | undefined {
  try {
    return JSON.parse(readFileSync(new URL(`.parts/${name}.json`, import.meta.url), 'utf8')) as T[];
  } catch {
    return undefined;
  }
}

const rate = ({ served, seconds }: Measured): number => served / seconds;

function report(loads: readonly LoadRound[], profiles: readonly number[]): string {
  const row = (name: string, values: readonly number[], must = ''): string => {
    const [least, most] = spread(values);
    return `| ${name} | ${median(values).toFixed(2)} | ${least.toFixed(2)} to ${most.toFixed(2)} | ${must} |`;
  };
  const each = (pick: (round: LoadRound) => number): number[] => loads.map(pick);
  const ms = (pick: (round: LoadRound) => number): string =>
    median(each(pick).filter(Number.isFinite)).toFixed(1);
  const answered = ({ plain }: LoadRound): number => plain.served / (plain.served + plain.unanswered);
  return `# Shedding, and the cost of a profile

\`node bench/shed.bench.ts load\` and \`node bench/shed.bench.ts profile\`: divan (\`GET ${PATH}\`, 300 people, SQLite)
on one core, the load on another; ${loads.length} paired rounds. The load is an open loop at three times what a closed loop of 50
connections gets out of the same service in the same round; a latency counts from the moment a request fell due.
Unloaded is a quarter of that rate.

| | median | rounds | must |
|---|---|---|---|
${row(
  'with a guard: p99 of what was served ÷ unloaded p99',
  each(r => r.shed.p99 / r.unloaded.p99),
  '≤ 2',
)}
${row(
  'with a guard: served in a CPU second ÷ at the peak',
  each(r => r.shed.perCpu / r.peak.perCpu),
  '≥ 0.90',
)}
${row(
  'with a guard: served in a second ÷ at the peak',
  each(r => rate(r.shed) / rate(r.peak)),
)}
${row('without one: served in time ÷ asked for', each(answered))}
${row('throughput of a CPU second while a CPU profile is taken ÷ without', profiles, '≥ 0.95')}

Here: peak ${ms(r => rate(r.peak))} requests/s, unloaded p50 ${ms(r => r.unloaded.p50)} and p99 ${ms(r => r.unloaded.p99)} ms; with a guard p50 ${ms(r => r.shed.p50)} and p99
${ms(r => r.shed.p99)} ms, and a refusal within ${ms(r => r.shed.refusedP99)} ms (p99). Without one p99 is ${ms(r => r.plain.p99)} ms after 1.5 s and grows for as
long as the load lasts: most of what is asked for has no answer when the time is over.
`;
}

await main(process.argv.slice(2));
process.exit(0);

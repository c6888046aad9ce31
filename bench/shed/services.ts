/** divan in processes of its own and the load on it, and what a round of each measure is. */
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { ask, LOAD_CORE, message, pinned, SERVER_CORE, scratch, script } from '../lib/processes.ts';
import { startSink } from '../lib/sink.ts';
import type { Pair, PairOrder, ShedLoad, ShedOrder } from './load.ts';

export const PATH = '/proximity/nearby?radius_m=500';
export const OVER = 3;
/** Of what can be carried: nobody waits for anybody, nearly. */
export const UNLOADED = 0.25;
/** The crowd's, and those of the few that wait for no one. */
const MANY = 256;
const FEW = 8;
const ADMIN = { 'x-admin-token': 'bench-admin-token', 'content-type': 'application/json' };

interface State {
  readonly cpu: number;
  readonly at: number;
  readonly idle: number;
}
export interface Server {
  readonly child: ChildProcess;
  readonly url: string;
}
export type Measured = ShedLoad & {
  /** Processor time of the server, in microseconds a request that was answered, and served in a second of it. */
  readonly us: number;
  readonly perCpu: number;
  /** Of the wall's time, that the event loop slept. */
  readonly idle: number;
};
export type Kind = 'shed' | 'plain';

export class Bench {
  readonly servers: Server[] = [];
  readonly #loads: ChildProcess[] = [];
  readonly #folder = scratch();
  #sink: Awaited<ReturnType<typeof startSink>> | undefined;

  async start(kind: Kind): Promise<Server> {
    this.#sink ??= await startSink();
    const flags = `${this.#folder}/flags.json`;
    writeFileSync(flags, JSON.stringify({ features: { enable_perf: true, enable_hooks: true } }));
    const folder = `${this.#folder}/${this.servers.length}`;
    mkdirSync(folder);
    const child = pinned(SERVER_CORE, [script('shed/server.ts'), kind, flags, folder, '', this.#sink.url]);
    const server = { child, url: (await message<{ url: string }>(child)).url };
    this.servers.push(server);
    return server;
  }

  stop(): void {
    for (const child of [...this.#loads, ...this.servers.map(server => server.child)]) child.kill();
    this.#sink?.close();
  }

  async run(server: Server, order: Omit<ShedOrder, 'url'>, load = 0): Promise<Measured> {
    const client = await this.#load(load);
    const before = await ask<State>(server.child, {});
    const found = await ask<ShedLoad>(client, { ...order, url: server.url + PATH });
    return measured(found, before, await ask<State>(server.child, {}), order.seconds);
  }

  /** Two closed loops at the same time, each on a server of its own. */
  both(a: Server, b: Server, pace: Pick<ShedOrder, 'seconds' | 'settle'>): Promise<[Measured, Measured]> {
    const order = { ...pace, connections: FEW };
    return Promise.all([this.run(a, order, 0), this.run(b, order, 1)]);
  }

  /** What `plain` gets done in a closed loop, and at the same time, on the same core, as many times that on `shed`. */
  async crowd(plain: Server, shed: Server, seconds: number): Promise<{ peak: Measured; over: Measured }> {
    const client = await this.#load(0);
    const state = () => Promise.all([plain, shed].map(({ child }) => ask<State>(child, {})));
    const before = await state();
    const order: PairOrder = {
      closed: { url: plain.url + PATH, seconds, connections: FEW },
      open: { url: shed.url + PATH, seconds, connections: MANY },
      times: OVER,
    };
    const { closed, open } = await ask<Pair>(client, order);
    const after = await state();
    const [peak, over] = [closed, open].map((found, n) =>
      measured(found, before[n] as State, after[n] as State, seconds),
    );
    return { peak: peak as Measured, over: over as Measured };
  }

  async #load(n: number): Promise<ChildProcess> {
    const known = this.#loads[n];
    if (known !== undefined) return known;
    const child = pinned(LOAD_CORE, [script('shed/load.ts')]);
    await message(child);
    this.#loads[n] = child;
    return child;
  }
}

function measured(found: ShedLoad, before: State, after: State, seconds: number): Measured {
  const cpu = (after.cpu - before.cpu) * (found.seconds / seconds);
  const idle = (after.idle - before.idle) / (after.at - before.at);
  return { ...found, us: cpu / (found.served + found.refused), perCpu: found.served / (cpu / 1e6), idle };
}

export interface Alone {
  readonly peak: Measured;
  readonly unloaded: Measured;
  readonly shed: Measured;
  readonly plain: Measured;
}

/** A load has the core for itself: this is where latencies are read. */
export async function alone(bench: Bench, plain: Server, shed: Server): Promise<Alone> {
  const peak = await bench.run(plain, { seconds: 1.5, connections: 50 });
  const rate = peak.served / peak.seconds;
  const connections = MANY;
  const unloaded = await bench.run(shed, { seconds: 3, connections, rate: rate * UNLOADED });
  const over = await bench.run(shed, { seconds: 2.5, connections, rate: rate * OVER });
  const without = await bench.run(plain, { seconds: 1.5, connections, rate: rate * OVER });
  // What waits for the one without a guard is let out.
  await new Promise(resolve => setTimeout(resolve, 300));
  return { peak, unloaded, shed: over, plain: without };
}

/** Turns every request away from now on, as memory over its budget does. */
export async function refuseAll({ url }: Server): Promise<void> {
  const body = JSON.stringify({ max_mem_mb: 1 });
  const answer = await fetch(`${url}/api/perf/budgets/apply`, { method: 'POST', headers: ADMIN, body });
  if (!answer.ok) throw new Error(`a limit got ${answer.status}`);
  while ((await fetch(url + PATH)).status !== 503) await new Promise(resolve => setTimeout(resolve, 100));
}

export interface Profiled {
  /** Processor time that a profile of 10 s takes, its start and its end included, of 10 s of a core. */
  readonly whole: number;
  /** The same between start and end. */
  readonly between: number;
  /** How long the event loop stood still to begin and to end it; half a core was there. */
  readonly startMs: number;
  readonly stopMs: number;
}

const PROFILE_S = 10;
/** A load within a profile: it begins once that has begun. */
const WITHIN = { after: 0.6, seconds: 2.8 } as const;

/**
 * What a profile takes is what a service used beyond what the other, which shares the core, says that its requests cost
 * at that moment. Samples come by the clock, so it is a share of the profile's time, however much of a core is there.
 */
export async function profiled(bench: Bench, taken: Server, other: Server): Promise<Profiled> {
  const both = (seconds: number) => bench.both(taken, other, { seconds, settle: 0 });
  const calm = async (): Promise<number> => {
    const [a, b] = await both(2.5);
    return a.us / b.us;
  };
  const before = await calm();
  const [during, cost] = await Promise.all([both(PROFILE_S + 0.6), profile(taken.url, PROFILE_S)]);
  const after = await calm();
  const long = profile(taken.url, WITHIN.after + WITHIN.seconds + 0.4);
  await new Promise(resolve => setTimeout(resolve, WITHIN.after * 1000));
  const within = await both(WITHIN.seconds);
  await long;
  const usual = (before + after) / 2;
  const extra = ([a, b]: readonly [Measured, Measured]): number => ((a.us - b.us * usual) * a.served) / 1e6;
  return {
    ...{ whole: extra(during) / PROFILE_S, between: extra(within) / WITHIN.seconds },
    ...{ startMs: cost.start_ms, stopMs: cost.stop_ms },
  };
}

async function profile(url: string, seconds: number): Promise<{ start_ms: number; stop_ms: number }> {
  const path = `${url}/api/perf/profiler/cpu?seconds=${seconds}`;
  const response = await fetch(path, { method: 'POST', headers: ADMIN });
  if (!response.ok) throw new Error(`a profile got ${response.status}`);
  const { plimsoll } = (await response.json()) as {
    plimsoll: { cost: { start_ms: number; stop_ms: number } };
  };
  return plimsoll.cost;
}

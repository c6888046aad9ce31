import type { Loader } from './load.ts';
import type { Load } from './loader.ts';
import { BenchServer, type ServerSpec, type Variant } from './servers.ts';
import { interval, median, spread } from './stats.ts';

export interface Cost {
  variant: Variant;
  /** Processor time a request, µs; the median of rounds. */
  cpu: number;
  /** Of bare beside it, µs; the median of rounds. */
  bare: number;
  /** More than bare, µs; the median of pairs. */
  extra: number;
  /** CPU of bare ÷ CPU of this, pair by pair: what is left of the bare framework's throughput. */
  ratio: number;
  /** The pairs' lowest and highest ratio. */
  spread: [number, number];
  /** 95 % of the ratio's median. */
  interval: [number, number];
  /** CPU of the documented stack ÷ CPU of this. */
  overDocumented: number | undefined;
  /** Alone on the core. */
  rps: number;
  /** The part of a round that the server was busy, median; under 0.95, `rps` is the load's limit, not the server's. */
  busy: number;
  /** Resident memory after the last round, bytes. */
  rss: number;
  /** Heap a request, bytes. */
  allocation?: number;
  /** At a fixed rate of requests, ms; medians of rounds. */
  latency?: Latency;
}

export interface Latency {
  p50: number;
  p99: number;
  p999: number;
  /** The median p99 ÷ that of bare. */
  ratio: number;
  spread: [number, number];
  interval: [number, number];
  /** The part of answers that the load was not there to time. */
  leftOut: number;
}

interface Round {
  cpu: number;
  rps: number;
  busy: number;
  rss: number;
}

export interface RoundsOptions {
  loaders: Loaders;
  /** Beside bare, of ours. */
  rounds: number;
  /** And of peers, whose ratios are far from any bound. */
  peers: number;
  alone: number;
  seconds: number;
  warm: Warm;
}

/**
 * Until V8 has nothing more to compile: 120,000 requests on the quiet machine of the targets, in its three seconds. For
 * ours and bare that many requests, or this many seconds at most; for peers seconds.
 */
export interface Warm {
  requests: number;
  ours: number;
  peers: number;
}
/** Of a full run. */
export const FULL_WARM: Warm = { requests: 120_000, ours: 20, peers: 3 };
/** Two, so that two servers can be loaded at the same time. */
export type Loaders = readonly [Loader, Loader];

/**
 * Each variant beside bare, both at once on the server's core, each under a load of its own: the scheduler gives
 * them turns of milliseconds, so that what the machine does meanwhile meets both alike, and each one's own
 * accounting tells what a request cost it. In turns of a second a busy machine spreads the same ratio from 0.3 to
 * 1.1, at once from 0.63 to 0.67. What one does alone is read after that, in turns.
 */
export async function measureRounds(
  servers: readonly BenchServer[],
  options: RoundsOptions,
): Promise<Cost[]> {
  const bare = servers.find(({ variant }) => variant === 'bare') as BenchServer;
  for (const server of servers) {
    const { requests, ours, peers } = options.warm;
    const isOurs = server === bare || OURS.has(server.variant);
    const warm = isOurs ? { requests, seconds: ours } : { seconds: peers };
    await options.loaders[0].run({ kind: 'closed', url: server.url, ...warm });
    server.truncateLog();
  }
  const pairs = new Map<Variant, Pair[]>();
  for (const server of servers) {
    if (server === bare) continue;
    const rounds = OURS.has(server.variant) ? options.rounds : options.peers;
    pairs.set(server.variant, await measurePairs([bare, server], { ...options, rounds }));
  }
  const alone = new Map<Variant, Round[]>(servers.map(({ variant }) => [variant, []]));
  for (let round = 0; round < options.alone; round++) {
    const order = round % 2 === 0 ? [...servers] : [...servers].reverse();
    for (const server of order) alone.get(server.variant)?.push(await measure(server, options, 0));
  }
  return servers.map(({ variant }) => summarize(variant, pairs, alone.get(variant) as Round[]));
}

const OURS: ReadonlySet<Variant> = new Set(['on', 'off']);

/** What a request cost bare and the other, µs. */
type Pair = readonly [bare: number, own: number];

async function measurePairs(
  both: readonly [BenchServer, BenchServer],
  options: RoundsOptions,
): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (let round = 0; round < options.rounds; round++) {
    const [bare, own] = await Promise.all([measure(both[0], options, 0), measure(both[1], options, 1)]);
    pairs.push([bare.cpu, own.cpu]);
  }
  return pairs;
}

async function measure(
  server: BenchServer,
  { loaders, seconds }: RoundsOptions,
  loader: 0 | 1,
): Promise<Round> {
  const before = await server.read();
  const load = await loaders[loader].run({ kind: 'closed', url: server.url, seconds });
  const after = await server.read();
  server.truncateLog();
  assertAnswered(load, server);
  const cpu = after.cpu - before.cpu;
  return {
    cpu: cpu / load.requests,
    rps: load.requests / load.seconds,
    busy: cpu / (load.seconds * 1e6),
    rss: after.rss,
  };
}

function assertAnswered({ errors }: Load, { variant }: BenchServer): void {
  if (errors > 0) throw new Error(`${errors} answers of '${variant}' were not 2xx`);
}

function summarize(variant: Variant, all: ReadonlyMap<Variant, Pair[]>, alone: readonly Round[]): Cost {
  const pairs = all.get(variant) ?? [...all.values()].flat().map(([bare]): Pair => [bare, bare]);
  const ratios = pairs.map(([bare, own]) => bare / own);
  const documented = all.get('documented');
  const ratio = median(ratios);
  return {
    ...{ variant, ratio, spread: spread(ratios), interval: interval(ratios) },
    cpu: median(pairs.map(([, own]) => own)),
    bare: median(pairs.map(([bare]) => bare)),
    extra: median(pairs.map(([bare, own]) => own - bare)),
    overDocumented: documented && ratio / median(documented.map(([bare, own]) => bare / own)),
    rps: median(alone.map(round => round.rps)),
    busy: median(alone.map(round => round.busy)),
    rss: (alone.at(-1) as Round).rss,
  };
}

const RATE = 4000;
type LatencyOptions = Pick<RoundsOptions, 'loaders' | 'rounds' | 'seconds'> & {
  variants: readonly Variant[];
};

/**
 * An open loop at a fixed rate, in turns: at once each would wait for the other. A p99 of one turn is mostly what the
 * machine did in it, so the medians of many are compared, not pair with pair.
 */
export async function measureLatency(
  servers: readonly BenchServer[],
  costs: readonly Cost[],
  { loaders: [loader], rounds, seconds, variants }: LatencyOptions,
): Promise<void> {
  const chosen = servers.filter(({ variant }) => variants.includes(variant));
  const loads = new Map<Variant, Load[]>(chosen.map(({ variant }) => [variant, []]));
  for (let round = 0; round < rounds; round++) {
    for (const server of round % 2 === 0 ? chosen : [...chosen].reverse()) {
      const load = await loader.run({ kind: 'open', url: server.url, rate: RATE, seconds });
      assertAnswered(load, server);
      loads.get(server.variant)?.push(load);
      server.truncateLog();
    }
  }
  const bare = loads.get('bare') as Load[];
  for (const { variant } of chosen) {
    const own = loads.get(variant) as Load[];
    const ratios = own.map((load, i) => load.p99 / (bare[i] as Load).p99);
    const cost = costs.find(row => row.variant === variant) as Cost;
    const of = (key: 'p50' | 'p99' | 'p999') => median(own.map(load => load[key]));
    cost.latency = {
      ...{ p50: of('p50'), p99: of('p99'), p999: of('p999') },
      ratio: of('p99') / median(bare.map(load => load.p99)),
      spread: spread(ratios),
      interval: interval(ratios),
      leftOut: median(own.map(load => load.leftOut / load.requests)),
    };
  }
}

/** A young generation that no test here fills: what the heap grows by is what was allocated. */
const NO_COLLECTION = ['--expose-gc', '--min-semi-space-size=1024', '--max-semi-space-size=1024'];
const WARM = 30_000;
const COUNTED = 5000;
const ATTEMPTS = 5;

/** Bytes of heap a request, in a process of its own. */
export async function measureAllocation(spec: ServerSpec, loader: Loader): Promise<number> {
  const server = await BenchServer.start({ ...spec, flags: NO_COLLECTION });
  try {
    await loader.run({ kind: 'closed', url: server.url, requests: WARM });
    const found: number[] = [];
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const before = await server.collect();
      await loader.run({ kind: 'closed', url: server.url, requests: COUNTED });
      const after = await server.read();
      server.truncateLog();
      if (after.collections === before.collections) found.push((after.heap - before.heap) / COUNTED);
    }
    return median(found);
  } finally {
    await server.stop();
  }
}

import type { Loader } from './load.ts';
import type { Load } from './loader.ts';
import { BenchServer, type ServerSpec, type Variant } from './servers.ts';
import { interval, median, spread } from './stats.ts';

export interface Cost {
  variant: Variant;
  /** Processor time a request, µs; the median of rounds. */
  cpu: number;
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
  /** p99 ÷ that of bare, pair by pair, median. */
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
  loader: Loader;
  rounds: number;
  seconds: number;
  warm: number;
}

/** Rounds of all servers, each round in the order opposite to the one before. */
export async function measureRounds(
  servers: readonly BenchServer[],
  options: RoundsOptions,
): Promise<Cost[]> {
  const rounds = new Map<Variant, Round[]>(servers.map(({ variant }) => [variant, []]));
  for (const server of servers) {
    await options.loader.run({ kind: 'closed', url: server.url, seconds: options.warm });
    server.truncateLog();
  }
  for (let round = 0; round < options.rounds; round++) {
    const order = round % 2 === 0 ? [...servers] : [...servers].reverse();
    for (const server of order) rounds.get(server.variant)?.push(await measure(server, options));
  }
  return servers.map(({ variant }) => summarize(variant, rounds));
}

async function measure(server: BenchServer, { loader, seconds }: RoundsOptions): Promise<Round> {
  const before = await server.read();
  const load = await loader.run({ kind: 'closed', url: server.url, seconds });
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

function summarize(variant: Variant, all: ReadonlyMap<Variant, Round[]>): Cost {
  const rounds = all.get(variant) as Round[];
  const bare = all.get('bare') as Round[];
  const documented = all.get('documented');
  const ratios = rounds.map((round, i) => (bare[i] as Round).cpu / round.cpu);
  return {
    variant,
    cpu: median(rounds.map(round => round.cpu)),
    extra: median(rounds.map((round, i) => round.cpu - (bare[i] as Round).cpu)),
    ratio: median(ratios),
    spread: spread(ratios),
    interval: interval(ratios),
    overDocumented: documented && median(rounds.map((round, i) => (documented[i] as Round).cpu / round.cpu)),
    rps: median(rounds.map(round => round.rps)),
    busy: median(rounds.map(round => round.busy)),
    rss: (rounds.at(-1) as Round).rss,
  };
}

const RATE = 4000;

/** An open loop at a fixed rate, pairs alternating. */
export async function measureLatency(
  servers: readonly BenchServer[],
  costs: readonly Cost[],
  { loader, rounds, seconds, variants }: RoundsOptions & { variants: readonly Variant[] },
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
      ratio: median(ratios),
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

/** Requests through one service bare, with all signals on, off, and beside its peers. */

import { rmSync } from 'node:fs';
import {
  type Cost,
  FULL_WARM,
  type Loaders,
  measureAllocation,
  measureLatency,
  measureRounds,
  type Warm,
} from './lib/http-measures.ts';
import { Loader } from './lib/load.ts';
import { scratch } from './lib/processes.ts';
import { type Framework, type ServerSpec, type Variant, type Work, withServers } from './lib/servers.ts';
import { startSink } from './lib/sink.ts';

const PEERS = ['documented', 'tuned', 'otel', 'datadog', 'sentry'] as const;

interface Plan {
  framework: Framework;
  work: Work;
  variants: readonly Variant[];
  /** Variants whose allocation a request is counted. */
  allocation: readonly Variant[];
  latency: boolean;
}

export interface HttpGroup {
  framework: Framework;
  work: Work;
  rows: Cost[];
  /** Variants that did not start, and why. */
  failed: Record<string, string>;
  /** What `init` left on the app of the variant that is off. */
  hooks: readonly string[] | undefined;
}
export interface HttpOptions {
  quick: boolean;
  /** Tells what is being done. */
  say(line: string): void;
}

export async function http(options: HttpOptions): Promise<HttpGroup[]> {
  const sink = await startSink();
  const loaders = [await Loader.start(), await Loader.start()] as const;
  const folder = scratch();
  const groups: HttpGroup[] = [];
  try {
    for (const plan of plans(options.quick)) {
      options.say(`http: ${plan.framework}, ${plan.work}`);
      groups.push(
        await group(plan, {
          loaders,
          sink: sink.url,
          folder,
          ...pace(options.quick),
          latency: latencyPace(options.quick),
        }),
      );
    }
  } finally {
    for (const loader of loaders) loader.stop();
    sink.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return groups;
}

function plans(quick: boolean): Plan[] {
  const plain = { work: 'plain', latency: false } as const;
  const own = ['bare', 'on', 'off'] as const;
  const both = ['bare', 'on'] as const;
  const peers = quick ? (['documented'] as const) : PEERS;
  const main: Plan[] = [
    {
      ...{ framework: 'fastify', ...plain, latency: true },
      variants: [...own, ...peers],
      allocation: quick ? both : [...own, ...peers],
    },
    { framework: 'express', ...plain, variants: [...own, ...peers], allocation: quick ? [] : both },
    { framework: 'hono', ...plain, variants: quick ? both : own, allocation: quick ? [] : both },
    { framework: 'node', ...plain, variants: quick ? both : own, allocation: quick ? [] : both },
  ];
  if (quick) return main;
  const variants = ['bare', 'on', 'documented', 'tuned'] as const;
  const other = { framework: 'fastify', variants, allocation: [], latency: false } as const;
  return [...main, { ...other, work: 'log' }, { ...other, work: 'db' }];
}

interface Pace {
  rounds: number;
  peers: number;
  alone: number;
  seconds: number;
  warm: Warm;
}
function pace(quick: boolean): Pace {
  if (quick)
    return { rounds: 6, peers: 3, alone: 1, seconds: 0.8, warm: { requests: 20_000, ours: 3, peers: 1.5 } };
  return { rounds: 24, peers: 8, alone: 3, seconds: 1, warm: FULL_WARM };
}
/** A p99 needs the worst of thousands, and its median many turns. */
function latencyPace(quick: boolean): { rounds: number; seconds: number } {
  return quick ? { rounds: 4, seconds: 1 } : { rounds: 24, seconds: 1 };
}

interface Bench extends Pace {
  latency: { rounds: number; seconds: number };
  loaders: Loaders;
  sink: string;
  folder: string;
}

async function group(plan: Plan, bench: Bench): Promise<HttpGroup> {
  const { framework, work } = plan;
  const spec = (variant: Variant): ServerSpec => ({
    ...{ framework, variant, work, sink: bench.sink, folder: bench.folder },
  });
  const result = await withServers(plan.variants.map(spec), async ({ servers, failed }) => {
    const rows = await measureRounds(servers, bench);
    if (plan.latency)
      await measureLatency(servers, rows, {
        ...bench,
        ...bench.latency,
        variants: ['bare', 'on', 'documented'],
      });
    const hooks = servers.find(({ variant }) => variant === 'off')?.hooks;
    return { framework, work, rows, failed, hooks };
  });
  for (const variant of plan.allocation) {
    const row = result.rows.find(other => other.variant === variant);
    if (row) row.allocation = await measureAllocation(spec(variant), bench.loaders[0]);
  }
  return result;
}

/** The text of `/metrics` at three sizes, in both formats, with the longest block of the event loop. */
import { rmSync } from 'node:fs';
import { ADMIN_TOKEN } from './lib/all-on.ts';
import { Loader } from './lib/load.ts';
import type { Load } from './lib/loader.ts';
import { once, SERVER_CORE, scratch, script } from './lib/processes.ts';
import { BenchServer } from './lib/servers.ts';
import { startSink } from './lib/sink.ts';
import { median } from './lib/stats.ts';

export interface Scrape {
  /** The first one, which renders what later ones reuse. */
  first: number;
  /** ms, of later ones. */
  ms: number;
  spread: [number, number];
  /** The longest time for which the event loop did not turn, ms: the median of scrapes, and the worst. */
  block: number;
  worst: number;
  bytes: number;
  /** Lines that are no comment. */
  series: number;
}
export interface ScrapeRow extends Scrape {
  library: 'plimsoll' | 'prom-client' | 'opentelemetry';
  format: 'prometheus' | 'openmetrics';
  size: number;
}

const SIZES = [1000, 10_000, 100_000];
const SUBJECTS = [
  ['plimsoll', 'prometheus'],
  ['plimsoll', 'openmetrics'],
  ['prom-client', 'prometheus'],
  ['prom-client', 'openmetrics'],
  ['opentelemetry', 'prometheus'],
] as const;

/** What requests feel of scrapes, under full load. */
export interface UnderLoad {
  scraped: boolean;
  rps: number;
  p50: number;
  p99: number;
  p999: number;
}
export interface ScrapeResult {
  rows: ScrapeRow[];
  load: UnderLoad[];
  /** p99 with scrapes ÷ p99 without, pair by pair, median. */
  moved: number;
}
interface Options {
  quick: boolean;
  say(line: string): void;
}

export async function scrape(options: Options): Promise<ScrapeResult> {
  return { rows: await sizes(options), ...(await underLoad(options)) };
}

async function sizes({ quick, say }: Options): Promise<ScrapeRow[]> {
  const rows: ScrapeRow[] = [];
  for (const size of quick ? SIZES.slice(1) : SIZES) {
    say(`scrape: ${size} series`);
    const subjects = SUBJECTS.filter(([library], i) => !quick || library === 'plimsoll' || i === 2);
    const found = subjects.map((): Scrape[] => []);
    for (let round = 0; round < (quick ? 1 : 3); round++) {
      for (const [i, [library, format]] of subjects.entries()) {
        // It is an order of magnitude away and takes minutes: one process says enough.
        if (library === 'opentelemetry' && round > 0) continue;
        const args = [script('scrape/measure.ts'), library, format, String(size)];
        found[i]?.push(await once<Scrape>(SERVER_CORE, args));
      }
    }
    for (const [i, [library, format]] of subjects.entries()) {
      rows.push({ library, format, size, ...middle(found[i] as Scrape[]) });
    }
  }
  return rows;
}

/** The median of processes for each figure. */
function middle(all: readonly Scrape[]): Scrape {
  const of = (key: 'first' | 'ms' | 'block' | 'worst' | 'bytes' | 'series') =>
    median(all.map(one => one[key]));
  return {
    ...{ first: of('first'), ms: of('ms'), block: of('block'), worst: of('worst') },
    ...{ bytes: of('bytes'), series: of('series') },
    spread: [Math.min(...all.map(one => one.spread[0])), Math.max(...all.map(one => one.spread[1]))],
  };
}

/** As often as a hasty Prometheus asks. */
const SCRAPE_EVERY = 5000;

/** One Fastify service with all signals on and 100k series, at full load, with and without scrapes, in turns. */
async function underLoad({ quick, say }: Options): Promise<Omit<ScrapeResult, 'rows'>> {
  say('scrape: 100k series under full load');
  const sink = await startSink();
  const loader = await Loader.start();
  const folder = scratch();
  const found: { plain: Load[]; scraped: Load[] } = { plain: [], scraped: [] };
  const work = { framework: 'fastify', variant: 'on', work: 'series', folder } as const;
  const server = await BenchServer.start({ ...work, sink: sink.url });
  try {
    const order = { kind: 'closed', url: server.url, seconds: quick ? 4 : 15 } as const;
    await loader.run({ ...order, seconds: 3 });
    await read(server);
    for (let round = 0; round < (quick ? 1 : 4); round++) {
      for (const key of round % 2 === 0 ? KEYS : [...KEYS].reverse()) {
        const timer = key === 'scraped' && setInterval(() => void read(server), SCRAPE_EVERY);
        found[key].push(await loader.run(order));
        if (timer) clearInterval(timer);
      }
    }
  } finally {
    await server.stop();
    loader.stop();
    sink.close();
    rmSync(folder, { recursive: true, force: true });
  }
  const ratios = found.scraped.map((load, i) => load.p99 / (found.plain[i] as Load).p99);
  return { load: KEYS.map(key => felt(key, found[key])), moved: median(ratios) };
}
const KEYS = ['plain', 'scraped'] as const;

function felt(key: (typeof KEYS)[number], loads: readonly Load[]): UnderLoad {
  const of = (name: 'p50' | 'p99' | 'p999') => median(loads.map(load => load[name]));
  const rps = median(loads.map(({ requests, seconds }) => requests / seconds));
  return { scraped: key === 'scraped', rps, p50: of('p50'), p99: of('p99'), p999: of('p999') };
}

async function read({ metricsUrl }: BenchServer): Promise<void> {
  const answer = await fetch(metricsUrl, { headers: { 'x-admin-token': ADMIN_TOKEN } });
  const text = await answer.text();
  if (!answer.ok || text.length < 1_000_000) throw new Error(`a scrape was answered ${answer.status}`);
}

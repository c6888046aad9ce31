/** One call of each kind, in processes of their own, beside its peers. */
import { rmSync } from 'node:fs';
import { QUICK, TOPICS, type Topic } from './lib/call-names.ts';
import { once, SERVER_CORE, scratch, script } from './lib/processes.ts';
import { BESIDE, type Peer } from './lib/reference.ts';
import { median, spread } from './lib/stats.ts';

export interface CallRow {
  name: string;
  ours: boolean;
  /** Median of the processes' medians. */
  ns: number;
  spread: [number, number];
  /** Heap a call; undefined where it was not counted. */
  bytes: number | undefined;
  /** Where a peer ran at the same time on the same core: its name, our ns ÷ its ns (median, spread). */
  beside?: { peer: Peer; ratio: number; spread: [number, number] };
  failed?: string;
}
export interface CallTopic {
  title: string;
  rows: CallRow[];
}

export interface CallOptions {
  quick: boolean;
  say(line: string): void;
}

export async function calls(options: CallOptions): Promise<CallTopic[]> {
  const folder = scratch();
  try {
    const topics: CallTopic[] = [];
    for (const topic of TOPICS) topics.push(await measureTopic(topic, { ...options, folder }));
    return topics;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Bench = CallOptions & { folder: string };

async function measureTopic({ title, rows }: Topic, bench: Bench): Promise<CallTopic> {
  const { quick, say } = bench;
  say(`calls: ${title}`);
  const wanted = rows.filter(([, name]) => !quick || QUICK.has(name));
  const found = new Map<string, Reading[]>(wanted.map(([, name]) => [name, []]));
  const inTurns = wanted.filter(([, name]) => BESIDE[name] === undefined);
  for (let round = 0; round < (quick ? QUICK_ROUNDS : ROUNDS); round++) {
    for (const one of round % 2 === 0 ? inTurns : [...inTurns].reverse()) {
      found.get(one[1])?.push(await time(one, bench));
    }
  }
  const topic: CallTopic = { title, rows: [] };
  for (const one of wanted) {
    const peer = BESIDE[one[1]];
    if (peer !== undefined) {
      topic.rows.push({ ...(await together(one, peer, bench)), bytes: await bytes(one, bench) });
      continue;
    }
    const readings = found.get(one[1]) as Reading[];
    const failed = readings.find(reading => reading.failed !== undefined)?.failed;
    const all = readings.map(({ ns = Number.NaN }) => ns);
    topic.rows.push({
      ...{ name: one[1], ours: one[0] !== 'peers', ns: median(all), spread: spread(all) },
      bytes: failed ? undefined : await bytes(one, bench),
      ...(failed && { failed }),
    });
  }
  return topic;
}

/** A target's row: ours and its peer at once on one core, so that what the machine does meanwhile meets both. */
async function together(one: Case, peer: Peer, bench: Bench): Promise<Omit<CallRow, 'bytes'>> {
  const ns: number[] = [];
  const ratios: number[] = [];
  for (let round = 0; round < (bench.quick ? QUICK_PAIRS : PAIRS); round++) {
    const pair = await Promise.all([time(one, bench), time(['peers', peer], bench)]);
    const [ours = Number.NaN, theirs = Number.NaN] = pair.map(reading => reading.ns);
    ns.push(ours);
    ratios.push(ours / theirs);
  }
  const beside = { peer, ratio: median(ratios), spread: spread(ratios) };
  return { name: one[1], ours: true, ns: median(ns), spread: spread(ns), beside };
}

const ROUNDS = 5;
const QUICK_ROUNDS = 1;
const PAIRS = 9;
const QUICK_PAIRS = 3;
const NO_COLLECTION = ['--expose-gc', '--min-semi-space-size=512', '--max-semi-space-size=512'];

interface Reading {
  ns?: number;
  bytes?: number;
  failed?: string;
}
type Case = Topic['rows'][number];

function time([group, name]: Case, { quick, folder }: Bench): Promise<Reading> {
  const args = [script('calls/measure.ts'), group, name, 'ns', quick ? '150' : '400'];
  return once(SERVER_CORE, args, { BENCH_FOLDER: folder });
}

async function bytes([group, name]: Case, { folder }: Bench): Promise<number | undefined> {
  const args = [...NO_COLLECTION, script('calls/measure.ts'), group, name, 'bytes'];
  return (await once<Reading>(SERVER_CORE, args, { BENCH_FOLDER: folder })).bytes;
}

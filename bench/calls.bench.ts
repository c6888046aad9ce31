/** One call of each kind, in processes of their own, beside its peers. */
import { rmSync } from 'node:fs';
import { QUICK, TOPICS, type Topic } from './lib/call-names.ts';
import { once, SERVER_CORE, scratch, script } from './lib/processes.ts';
import { median, spread } from './lib/stats.ts';

export interface CallRow {
  name: string;
  ours: boolean;
  /** Median of the processes' medians. */
  ns: number;
  spread: [number, number];
  /** Heap a call; undefined where it was not counted. */
  bytes: number | undefined;
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
  // Ours and theirs alternate, a round at a time.
  for (let round = 0; round < (quick ? QUICK_ROUNDS : ROUNDS); round++) {
    for (const one of round % 2 === 0 ? wanted : [...wanted].reverse()) {
      found.get(one[1])?.push(await time(one, bench));
    }
  }
  const topic: CallTopic = { title, rows: [] };
  for (const one of wanted) {
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

const ROUNDS = 5;
const QUICK_ROUNDS = 2;
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

/**
 * Measures one call in a process of its own: `node measure.ts GROUP CASE ns|bytes MS`. One case a process, since a
 * call site that has seen several functions is no longer inlined, and every case after the first would pay for that.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { median, spread } from '../lib/stats.ts';

/** `i` rises by one a call, so that a case can vary its input without allocating. What it gives back is kept alive. */
export type Call = (i: number) => unknown;
export type Cases = Readonly<Record<string, () => Call | Promise<Call>>>;

const BATCH_MS = 8;
const WARM_MS = 300;
/** A guard that no case can give back, so that the result of each call must be looked at. */
const GUARD = Symbol('guard');

async function main([group, name, what, ms]: string[]): Promise<unknown> {
  const { cases } = (await import(`./${group}.ts`)) as { cases: Cases };
  const call = await cases[name as string]?.();
  if (call === undefined) throw new Error(`no case '${name}' in '${group}'`);
  return what === 'bytes' ? bytes(call) : ns(call, Number(ms));
}

function loop(call: Call, from: number, count: number): void {
  let kept: unknown;
  for (let i = from; i < from + count; i++) {
    kept = call(i);
    if (kept === GUARD) throw new Error('unreachable');
  }
  keep = kept;
}
let keep: unknown;

/** The median of batches that are long enough to hold their share of collections; between them, buffers drain. */
async function ns(call: Call, ms: number): Promise<{ ns: number; spread: [number, number] }> {
  let at = 0;
  let count = 64;
  for (const until = performance.now() + WARM_MS; performance.now() < until; await turn()) {
    const took = time(call, at, count);
    at += count;
    if (took < BATCH_MS) count = Math.ceil(count * Math.min(2, (BATCH_MS * 1.1) / Math.max(took, 0.01)));
  }
  const batches: number[] = [];
  for (const until = performance.now() + ms; performance.now() < until || batches.length < 10; await turn()) {
    batches.push((time(call, at, count) * 1e6) / count);
    at += count;
  }
  return { ns: median(batches), spread: spread(batches) };
}

/** Processor time in ms, of all threads: collections count, whoever else the machine works for does not. */
function time(call: Call, from: number, count: number): number {
  const started = process.cpuUsage();
  loop(call, from, count);
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1000;
}

/** What the heap may grow by in one attempt: well inside a young generation that nothing here fills. */
const ROOM = 150 * 2 ** 20;
const MOST_CALLS = 200_000;

/** Growth of the heap a call, when no collection runs. */
async function bytes(call: Call): Promise<{ bytes: number }> {
  let at = 0;
  for (const until = performance.now() + WARM_MS; performance.now() < until; at += 500) {
    loop(call, at, 500);
    await turn();
  }
  const grow = async (count: number): Promise<number> => {
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    loop(call, at, count);
    const grown = process.memoryUsage().heapUsed - before;
    at += count;
    await turn();
    return grown;
  };
  const first = (await grow(1000)) / 1000;
  const count = Math.min(MOST_CALLS, Math.max(1000, Math.floor(ROOM / Math.max(first, 1))));
  const found: number[] = [];
  for (let attempt = 0; attempt < 5; attempt++) found.push(await grow(count));
  return { bytes: Math.max(0, Math.round(median(found) / count)) };
}

main(process.argv.slice(2)).then(
  result => process.send?.({ ...(result as object), kept: keep !== GUARD }),
  error => process.send?.({ failed: String((error as Error).message) }),
);
process.on('disconnect', () => process.exit(0));

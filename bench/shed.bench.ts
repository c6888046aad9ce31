/**
 * `node bench/shed.bench.ts [crowd] [refusal] [alone] [profile] [--quick]`: divan at three times the load that it can
 * carry, with a guard and without one, and what a CPU profile costs it. What is a ratio of processor time is read from
 * two services that share one core at the same time, each by its own account: what a neighbour of the machine does to
 * one, it does to the other. A full run of all, at once or one after the other, writes shed.md.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { build } from './lib/prepare.ts';
import { pinSelf } from './lib/processes.ts';
import { type Found, report } from './shed/report.ts';
import { alone, Bench, profiled, refuseAll } from './shed/services.ts';

type Measure = (bench: Bench, rounds: number) => AsyncGenerator<unknown>;

const MEASURES: { readonly [K in keyof Found]: Measure } = {
  async *crowd(bench, rounds) {
    const [plain, shed] = [await bench.start('plain'), await bench.start('shed')];
    for (let n = 0; n < 2; n++) await bench.crowd(plain, shed, 3);
    for (let n = 0; n < rounds; n++) yield await bench.crowd(plain, shed, 4);
  },
  async *refusal(bench, rounds) {
    const [plain, refusing] = [await bench.start('plain'), await bench.start('shed')];
    await refuseAll(refusing);
    await bench.both(plain, refusing, { seconds: 3 });
    for (let n = 0; n < rounds; n++) {
      const [serve, refuse] = await bench.both(plain, refusing, { seconds: 2.5 });
      yield { serve, refuse };
    }
  },
  async *alone(bench, rounds) {
    const [plain, shed] = [await bench.start('plain'), await bench.start('shed')];
    for (const server of [plain, shed]) await bench.run(server, { seconds: 2, connections: 8 });
    for (let n = 0; n < rounds; n++) yield await alone(bench, plain, shed);
  },
  async *profile(bench, rounds) {
    const [a, b] = [await bench.start('plain'), await bench.start('plain')];
    await bench.both(a, b, { seconds: 3 });
    // They take turns, so that neither's luck with its memory counts.
    for (let n = 0; n < rounds; n++)
      yield await (n % 2 === 0 ? profiled(bench, a, b) : profiled(bench, b, a));
  },
};
const ROUNDS: { readonly [K in keyof Found]: number } = { crowd: 12, refusal: 8, alone: 8, profile: 7 };

async function main(args: readonly string[]): Promise<void> {
  const quick = args.includes('--quick');
  const named = args.filter(arg => !arg.startsWith('-'));
  build();
  pinSelf();
  for (const name of Object.keys(MEASURES) as (keyof Found)[]) {
    if (named.length > 0 && !named.includes(name)) continue;
    const bench = new Bench();
    const found: unknown[] = [];
    try {
      for await (const round of MEASURES[name](bench, quick ? 2 : ROUNDS[name])) {
        found.push(round);
        console.error(JSON.stringify(round));
      }
    } finally {
      bench.stop();
    }
    if (!quick) save(name, found);
  }
  if (!quick) write();
}

const part = (name: string): URL => new URL(`.parts/shed-${name}.json`, import.meta.url);

function save(name: string, found: readonly unknown[]): void {
  mkdirSync(new URL('.', part(name)), { recursive: true });
  writeFileSync(part(name), JSON.stringify(found));
}

function write(): void {
  const found: Record<string, unknown> = {};
  for (const name of Object.keys(MEASURES)) {
    try {
      found[name] = JSON.parse(readFileSync(part(name), 'utf8'));
    } catch {
      console.error(`shed.md waits for \`${name}\``);
      return;
    }
  }
  const text = report(found as unknown as Found);
  writeFileSync(new URL('shed.md', import.meta.url), text);
  console.log(text);
}

await main(process.argv.slice(2));
process.exit(0);

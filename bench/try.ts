/**
 * `node bench/try.ts FRAMEWORK VARIANT,… [--work=plain] [--rounds=6] [--seconds=2] [--latency] [--allocation]
 * [--profile=VARIANT]`: paired rounds of one framework while one works on it. Nothing is written but a CPU profile,
 * of a process of its own, into the working directory.
 */
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  type Cost,
  FULL_WARM,
  measureAllocation,
  measureLatency,
  measureRounds,
} from './lib/http-measures.ts';
import { Loader } from './lib/load.ts';
import { prepare } from './lib/prepare.ts';
import { pinSelf, scratch } from './lib/processes.ts';
import {
  BenchServer,
  type Framework,
  type ServerSpec,
  type Variant,
  type Work,
  withServers,
} from './lib/servers.ts';
import { startSink } from './lib/sink.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    work: { type: 'string', default: 'plain' },
    rounds: { type: 'string', default: '6' },
    seconds: { type: 'string', default: '2' },
    latency: { type: 'boolean', default: false },
    allocation: { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
});
const framework = (positionals[0] ?? 'fastify') as Framework;
const variants = (positionals[1] ?? 'bare,on').split(',') as Variant[];

prepare();
pinSelf();
const sink = await startSink();
const loaders = [await Loader.start(), await Loader.start()] as const;
const folder = scratch();
const spec = (variant: Variant): ServerSpec => ({
  ...{ framework, variant, work: values.work as Work, sink: sink.url, folder },
});
const rounds = Number(values.rounds);
const pace = { loaders, rounds, peers: rounds, alone: 1, seconds: Number(values.seconds), warm: FULL_WARM };
try {
  if (pace.rounds > 0) {
    const rows = await withServers(variants.map(spec), async ({ servers, failed }) => {
      for (const [variant, why] of Object.entries(failed)) console.error(`${variant}: ${why}`);
      const found = await measureRounds(servers, pace);
      if (values.latency) await measureLatency(servers, found, { ...pace, variants });
      return found;
    });
    for (const row of rows) {
      if (values.allocation) row.allocation = await measureAllocation(spec(row.variant), loaders[0]);
      show(row);
    }
  }
  if (values.profile !== undefined) await profile(values.profile as Variant);
} finally {
  for (const loader of loaders) loader.stop();
  sink.close();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);

function show(row: Cost): void {
  const { variant, ratio, spread, extra, cpu, rps, busy, latency, allocation } = row;
  const span = spread.map(value => value.toFixed(2)).join('–');
  console.log(
    `${variant.padEnd(10)} × ${ratio.toFixed(3)} (${span})  + ${extra.toFixed(2)} µs  ${cpu.toFixed(2)} µs` +
      `  ${rps.toFixed(0)}/s  busy ${busy.toFixed(2)}` +
      (allocation === undefined ? '' : `  ${(allocation / 1024).toFixed(2)} KB`) +
      (latency === undefined
        ? ''
        : `  p50 ${latency.p50.toFixed(3)} p99 ${latency.p99.toFixed(3)} p99.9 ${latency.p999.toFixed(2)} ms, p99 × ${latency.ratio.toFixed(2)} (${latency.spread.map(value => value.toFixed(2)).join('–')})`),
  );
}

/** The server writes its profile when it is told to stop. */
async function profile(variant: Variant): Promise<void> {
  const server = await BenchServer.start({
    ...spec(variant),
    flags: ['--cpu-prof', '--cpu-prof-interval=250'],
  });
  await loaders[0].run({ kind: 'closed', url: server.url, seconds: 10 });
  await server.end();
}

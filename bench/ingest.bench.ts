/** Spans over HTTP into the console's receiver and its store on disk, from another process. */
import { rmSync } from 'node:fs';
import type { Sent } from './ingest/send.ts';
import { Loader } from './lib/load.ts';
import { ask, LOAD_CORE, message, once, scratch, scratchOnDisk, script, unpinned } from './lib/processes.ts';
import { BenchServer } from './lib/servers.ts';
import { median, spread } from './lib/stats.ts';

export interface IngestResult {
  /** Acknowledged and stored: what storing the rest at the end took counts as well. */
  spansPerSecond: number;
  spread: [number, number];
  /** Processor time of receiver and store a span, µs. */
  cpu: number;
  /** Storing what was acknowledged last, ms. */
  closing: number;
  rss: number;
  refused: number;
  /** Processor time of a bare Fastify request between the rounds, µs: how fast the machine was. */
  bare: number;
}

interface Left {
  closing: number;
  cpu: number;
  rss: number;
}
type Round = Sent & Left;

export async function ingest(options: { quick: boolean; say(line: string): void }): Promise<IngestResult> {
  const rounds: Round[] = [];
  const bare = [await bareRequest()];
  for (let round = 0; round < (options.quick ? 1 : 3); round++) {
    options.say(`ingest: round ${round + 1}`);
    rounds.push(await measure(options.quick ? 5 : 12));
    bare.push(await bareRequest());
  }
  const rates = rounds.map(({ spans, seconds, closing }) => spans / (seconds + closing / 1000));
  return {
    ...{ spansPerSecond: median(rates), spread: spread(rates) },
    cpu: median(rounds.map(({ cpu, total }) => cpu / total)),
    closing: median(rounds.map(({ closing }) => closing)),
    rss: median(rounds.map(({ rss }) => rss)),
    refused: rounds.reduce((sum, { refused }) => sum + refused, 0),
    bare: median(bare),
  };
}

/** Receiver and store may use every core, as they do for a user; the sender stays on the load's. */
async function measure(seconds: number): Promise<Round> {
  const folder = scratchOnDisk();
  const receiver = unpinned([script('ingest/receive.ts'), folder]);
  try {
    const { url } = await message<{ url: string }>(receiver);
    const sent = await once<Sent>(LOAD_CORE, [script('ingest/send.ts'), url, '2', String(seconds)]);
    return { ...sent, ...(await ask<Left>(receiver, { close: true })) };
  } finally {
    receiver.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function bareRequest(): Promise<number> {
  const folder = scratch();
  const server = await BenchServer.start({
    ...{ framework: 'fastify', variant: 'bare', work: 'plain', sink: '', folder },
  });
  const loader = await Loader.start();
  try {
    await loader.run({ kind: 'closed', url: server.url, seconds: 1.5 });
    const before = await server.read();
    const { requests } = await loader.run({ kind: 'closed', url: server.url, seconds: 1.5 });
    return ((await server.read()).cpu - before.cpu) / requests;
  } finally {
    loader.stop();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

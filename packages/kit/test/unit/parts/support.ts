import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { BARE_ENV } from '../../../../../test/support/bare-env.ts';
import { loadConfig } from '../../../src/config/load.ts';
import type { InitOptions } from '../../../src/config/options/table.ts';
import { createKit } from '../../../src/kernel/create-kit.ts';
import type { KitCore } from '../../../src/kernel/kit.ts';

/** A kit by code alone: neither the environment nor a file of this machine has a say. */
export function openKit(code: InitOptions = {}): KitCore {
  const base = { service: 'parts-test', env: 'production', log: { samplingRateInfo: 1 } };
  return createKit({ config: loadConfig({ code: { ...base, ...code }, env: {}, argv1: undefined }) });
}

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Uncompressed. */
  readonly body: Buffer;
}

export interface Sink {
  readonly port: number;
  readonly url: string;
  readonly received: Received[];
  /** What it answers; default 200 and nothing. */
  reply: (response: ServerResponse, request: IncomingMessage) => void;
  close(): Promise<void>;
}

/** A collector that keeps what it is sent. */
export async function openSink(port = 0): Promise<Sink> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', chunk => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks);
      const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
      received.push({ path: request.url ?? '', headers: request.headers, body });
      sink.reply(response, request);
    });
  });
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve));
  const taken = (server.address() as AddressInfo).port;
  const sink: Sink = {
    port: taken,
    url: `http://127.0.0.1:${taken}`,
    received,
    reply: response => response.end(),
    async close() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
  return sink;
}

/** Waits for something to become true; the limit is only there to fail instead of hanging. */
export async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1000; tries++) {
    if (await what()) return;
    await delay(10);
  }
  throw new Error(`never true: ${what}`);
}

/** The value of a counter or gauge with these labels; 0 where it was never set. */
export function metricValue(kit: KitCore, name: string, labels: Record<string, string>): number {
  const family = kit.metrics.snapshot().find(one => one.name === name);
  if (!family || (family.type !== 'counter' && family.type !== 'gauge')) return 0;
  const wanted = family.labelNames.map(label => labels[label] ?? '');
  return family.points.find(point => point.labels.join('\n') === wanted.join('\n'))?.value ?? 0;
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts one of `programs/` as a process of its own. */
export function start(program: string, env: Record<string, string> = {}, shell?: string): ChildProcess {
  const file = join(import.meta.dirname, 'programs', program);
  const args = [
    '--conditions=plimsoll-source',
    ...process.execArgv.filter(arg => arg.startsWith('--import=')),
    file,
  ];
  const options = { env: { ...BARE_ENV, ...env } };
  if (!shell) return spawn(process.execPath, args, options);
  const command = [process.execPath, ...args].map(word => `'${word}'`).join(' ');
  return spawn('/bin/sh', ['-c', shell.replace('PROGRAM', command)], options);
}

export async function run(
  program: string,
  env: Record<string, string> = {},
  shell?: string,
): Promise<Finished> {
  const child = start(program, env, shell);
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', chunk => {
    stdout += chunk;
  });
  child.stderr?.on('data', chunk => {
    stderr += chunk;
  });
  const code = await new Promise<number | null>(resolve => child.on('close', resolve));
  return { code, stdout, stderr };
}

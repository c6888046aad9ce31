import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { Reading, Started } from './measured.ts';
import { ask, message, pinned, SERVER_CORE, script } from './processes.ts';

export type Framework = 'fastify' | 'express' | 'hono' | 'node';
export type Variant = 'bare' | 'on' | 'off' | 'documented' | 'tuned' | 'otel' | 'datadog' | 'sentry';
/** What the service does beside answering: nothing, a log line or a database call a request, or 100k series. */
export type Work = 'plain' | 'log' | 'db' | 'series';

export interface ServerSpec {
  framework: Framework;
  variant: Variant;
  work: Work;
  sink: string;
  /** Logs go into a folder of it. */
  folder: string;
  /** Flags of Node. */
  flags?: readonly string[];
}

export class BenchServer {
  readonly variant: Variant;
  readonly url: string;
  readonly metricsUrl: string;
  readonly hooks: readonly string[];
  readonly #child: ChildProcess;
  readonly #log: string;

  private constructor(spec: ServerSpec, child: ChildProcess, started: Started, log: string) {
    this.variant = spec.variant;
    this.url = `${started.url}/users/*`;
    this.metricsUrl = `${started.url}/metrics`;
    this.hooks = started.hooks;
    this.#child = child;
    this.#log = log;
  }

  static async start(spec: ServerSpec): Promise<BenchServer> {
    const { framework, variant, work, sink, flags = [] } = spec;
    const folder = join(spec.folder, `${framework}-${work}-${variant}`);
    mkdirSync(folder, { recursive: true });
    const log = join(folder, 'service.log');
    // Ours writes and rotates files in a folder, as it does for a user; the others get one file.
    const target = variant === 'on' ? folder : log;
    const child = pinned(SERVER_CORE, [
      ...flags,
      script(`servers/${framework}.ts`),
      variant,
      sink,
      target,
      work,
    ]);
    return new BenchServer(spec, child, await message<Started>(child), log);
  }

  read(): Promise<Reading> {
    return ask<Reading>(this.#child, { ask: 'read' });
  }

  collect(): Promise<Reading> {
    return ask<Reading>(this.#child, { ask: 'collect' });
  }

  /** Peers' log files are opened for appending and would fill the memory. */
  truncateLog(): void {
    if (existsSync(this.#log)) truncateSync(this.#log);
  }

  /** Lets it end by itself, so that a profile is written. */
  async end(): Promise<void> {
    const ended = new Promise<void>(resolve => this.#child.once('exit', () => resolve()));
    this.#child.send({ ask: 'stop' });
    await ended;
  }

  async stop(): Promise<void> {
    const ended = new Promise<void>(resolve => this.#child.once('exit', () => resolve()));
    this.#child.kill('SIGKILL');
    await ended;
  }
}

export interface Running {
  servers: BenchServer[];
  failed: Record<string, string>;
}

/** Runs `fn` with the servers that start; one that doesn't is named with its reason, and the others still run. */
export async function withServers<R>(
  specs: readonly ServerSpec[],
  fn: (running: Running) => Promise<R>,
): Promise<R> {
  const running: Running = { servers: [], failed: {} };
  try {
    for (const spec of specs) {
      try {
        running.servers.push(await BenchServer.start(spec));
      } catch (error) {
        running.failed[spec.variant] = (error as Error).message;
      }
    }
    return await fn(running);
  } finally {
    for (const server of running.servers) await server.stop();
  }
}

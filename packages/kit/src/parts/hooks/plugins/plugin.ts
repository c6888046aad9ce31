import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { HookEnvelope } from '@plimsoll/wire';
import { WORKER } from './source.ts';

export interface PluginHost {
  readonly timeoutMs: number;
  /** Something went wrong: for the log and the counter. */
  failed(plugin: string, error: Error): void;
  /** What the plugin printed. */
  printed(plugin: string, text: string): void;
}

/** A plugin as people see it. */
export interface PluginState {
  readonly file: string;
  readonly state: 'starting' | 'running' | 'restarting' | 'stopped';
  /** Hooks that it has a function for. */
  readonly hooks: readonly string[];
  readonly calls: number;
  readonly errors: number;
  /** Hooks that it never got, since it was too slow or not there. */
  readonly missed: number;
  readonly restarts: number;
  readonly last_error?: string;
}

/** Errors within a minute after which a plugin is left alone until its file changes. */
const BUDGET = 5;
const WINDOW_MS = 60_000;
const QUEUE = 256;
const START_MS = 5000;
const RESTART_MS = 100;
const PRINTED_CHARS = 1000;
const LIMITS = {
  maxOldGenerationSizeMb: 64,
  maxYoungGenerationSizeMb: 16,
  codeRangeSizeMb: 16,
  stackSizeMb: 4,
};
/** Buffers are outside the heap, so V8 does not limit them. */
const EXTERNAL_BYTES = 128 * 1024 * 1024;
const WATCH_MS = 250;

interface Call {
  readonly event: string;
  readonly data: unknown;
}
interface Said {
  readonly ready?: readonly string[];
  readonly failed?: string;
  readonly call?: number;
  readonly error?: string;
}

/** One file in one worker: it may loop, throw, exit or leak, and costs the app a message for each hook. */
export class Plugin {
  readonly #file: string;
  readonly #path: string;
  readonly #host: PluginHost;
  #worker: Worker | undefined;
  #state: PluginState['state'] = 'starting';
  #hooks: readonly string[] = [];
  #queue: Call[] = [];
  #underWay = 0;
  #timer: NodeJS.Timeout | undefined;
  #watch: NodeJS.Timeout | undefined;
  #counts = { calls: 0, errors: 0, missed: 0, restarts: 0 };
  readonly #failures: number[] = [];
  #lastError: string | undefined;

  constructor(file: string, path: string, host: PluginHost) {
    this.#file = file;
    this.#path = path;
    this.#host = host;
    this.#start();
  }

  get view(): PluginState {
    const error = this.#lastError;
    return {
      ...{ file: this.#file, state: this.#state, hooks: this.#hooks, ...this.#counts },
      ...(error !== undefined && { last_error: error }),
    };
  }

  take({ event, data }: HookEnvelope): void {
    if (this.#state === 'stopped') return;
    // Before it is there, nobody knows what it has a function for.
    if (this.#state === 'running' && !this.#hooks.includes(event)) return;
    this.#queue.push({ event, data });
    if (this.#queue.length > QUEUE) {
      this.#queue.shift();
      this.#counts.missed += 1;
    }
    this.#next();
  }

  async stop(): Promise<void> {
    this.#state = 'stopped';
    await this.#end();
  }

  #start(): void {
    const worker = new Worker(WORKER, {
      ...{ eval: true, workerData: { url: pathToFileURL(this.#path).href } },
      ...{
        resourceLimits: LIMITS,
        env: {},
        execArgv: [],
        argv: [],
        stdout: true,
        stderr: true,
        stdin: false,
      },
      name: `plimsoll-plugin-${this.#file}`,
    });
    worker.unref();
    this.#worker = worker;
    for (const stream of [worker.stdout, worker.stderr])
      stream.on('data', chunk => this.#host.printed(this.#file, String(chunk).slice(0, PRINTED_CHARS)));
    worker.on('message', (said: Said) => this.#heard(worker, said));
    worker.on('error', error =>
      this.#broke(worker, error instanceof Error ? error : new Error(String(error))),
    );
    worker.on('exit', code => this.#broke(worker, new Error(`the plugin ended its worker with ${code}`)));
    this.#deadline(START_MS, 'the plugin did not load in time');
    this.#watch = setInterval(() => void this.#weigh(worker), WATCH_MS).unref();
  }

  #heard(worker: Worker, { ready, failed, call, error }: Said): void {
    if (worker !== this.#worker) return;
    clearTimeout(this.#timer);
    if (failed !== undefined) this.#broke(worker, new Error(failed));
    else if (ready !== undefined) {
      this.#state = 'running';
      this.#hooks = ready;
      this.#queue = this.#queue.filter(({ event }) => ready.includes(event));
    } else if (call === this.#underWay) {
      this.#underWay = 0;
      if (error !== undefined && !this.#withinBudget(new Error(error))) return void this.#giveUp();
    }
    this.#next();
  }

  #next(): void {
    if (this.#state !== 'running' || this.#underWay !== 0) return;
    const next = this.#queue.shift();
    if (next === undefined) return;
    this.#counts.calls += 1;
    this.#underWay = this.#counts.calls;
    this.#worker?.postMessage({ call: this.#underWay, ...next });
    this.#deadline(this.#host.timeoutMs, 'the plugin took too long');
  }

  #deadline(ms: number, what: string): void {
    clearTimeout(this.#timer);
    const worker = this.#worker;
    this.#timer = setTimeout(() => worker && this.#broke(worker, new Error(what)), ms).unref();
  }

  async #weigh(worker: Worker): Promise<void> {
    // Node 22.16 and later.
    if (typeof worker.getHeapStatistics !== 'function') return;
    const external = await worker.getHeapStatistics().then(
      ({ external_memory }) => external_memory,
      () => 0,
    );
    if (external > EXTERNAL_BYTES)
      this.#broke(worker, new Error('the plugin holds too much memory in buffers'));
  }

  /** Its worker is no more, or must be no more. */
  #broke(worker: Worker, error: Error): void {
    if (worker !== this.#worker) return;
    const within = this.#withinBudget(error);
    void this.#end();
    if (!within) return void this.#giveUp();
    this.#state = 'restarting';
    this.#timer = setTimeout(() => {
      this.#counts.restarts += 1;
      this.#start();
    }, RESTART_MS).unref();
  }

  #withinBudget(error: Error): boolean {
    const now = performance.now();
    this.#counts.errors += 1;
    this.#lastError = error.message;
    this.#failures.push(now);
    while (this.#failures.length > 0 && now - (this.#failures[0] as number) > WINDOW_MS)
      this.#failures.shift();
    this.#host.failed(this.#file, error);
    return this.#failures.length < BUDGET;
  }

  async #giveUp(): Promise<void> {
    this.#counts.missed += this.#queue.splice(0).length;
    await this.stop();
    this.#host.failed(
      this.#file,
      new Error('the plugin failed too often and waits for a change of its file'),
    );
  }

  async #end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#underWay = 0;
    clearTimeout(this.#timer);
    clearInterval(this.#watch);
    await worker?.terminate();
  }
}

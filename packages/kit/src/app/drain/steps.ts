import { setImmediate as nextTurn } from 'node:timers/promises';
import type { KitCore } from '../../kernel/kit.ts';
import { RESERVED } from '../../signals/log/core.ts';
import type { Heads } from '../../signals/log/heads.ts';
import type { Span } from '../../signals/trace/types.ts';
import type { Servers } from './servers.ts';

export type DrainStep = 'ready' | 'delay' | 'stop' | 'finish' | 'flush' | 'exit';

/** Milliseconds of each step that waits. */
export interface DrainTimes {
  readonly delayMs: number;
  readonly finishMs: number;
  readonly flushMs: number;
}

interface Outcome {
  /** False when the step ran into its deadline. */
  readonly done: boolean;
  readonly [field: string]: unknown;
}

const LOGGER = 'plimsoll.drain';
/** For connections that were cut to be gone; upgraded ones are not ours to cut. */
const CUT_MS = 100;

/** The way from serving to the end, one step after the other; each is logged and a span, and none takes longer than its time. */
export class Steps {
  readonly #kit: KitCore;
  readonly #servers: Servers;
  readonly #times: DrainTimes;
  readonly #heads: Heads;
  #step: DrainStep | undefined;
  #started = 0;
  #root: Span | undefined;
  #served: Promise<void> | undefined;

  constructor(kit: KitCore, servers: Servers, times: DrainTimes) {
    this.#kit = kit;
    this.#servers = servers;
    this.#times = times;
    this.#heads = kit.core.log.heads(LOGGER);
  }

  /** Undefined while the process serves as ever. */
  get step(): DrainStep | undefined {
    return this.#step;
  }

  /** Not ready, and every answer closes its connection; nothing waits, nothing stops. */
  announce(reason: string): void {
    if (this.#step !== undefined) return;
    this.#step = 'ready';
    this.#started = this.#kit.clock.monotonic();
    this.#root = this.#kit.trace.start('drain', {
      root: true,
      attributes: { 'plimsoll.drain.reason': reason },
    });
    this.#kit.health.draining = true;
    this.#servers.announce();
    this.#log('drain_started', { reason });
  }

  /** Up to the last answer. A second call waits for the first. */
  serveOut(reason: string): Promise<void> {
    this.#served ??= this.#kit.context.exit(() => this.#serveOut(reason));
    return this.#served;
  }

  /** All of it, but for the end of the process itself. Never rejects. */
  async toTheEnd(reason: string): Promise<void> {
    await this.serveOut(reason);
    const { flushMs } = this.#times;
    const began = this.#kit.clock.monotonic();
    await this.#run('flush', flushMs, () => this.#flush(flushMs));
    this.#root?.end();
    this.#step = 'exit';
    this.#log('drain_done', { latency_ms: this.#since(this.#started) });
    // Parts close in reverse order, each with a flush of its own: for what this drain itself wrote.
    const left = Math.max(CUT_MS, flushMs - this.#since(began));
    await within(this.#kit.close(), left);
  }

  async #serveOut(reason: string): Promise<void> {
    const { delayMs, finishMs } = this.#times;
    this.announce(reason);
    await this.#run('ready', 0, async () => ({ done: true }));
    // Where nothing listens there is no load balancer to wait for.
    const wait = this.#servers.any ? delayMs : 0;
    await this.#run('delay', wait, async () => {
      if (wait > 0) await new Promise(resolve => setTimeout(resolve, wait));
      return { done: true };
    });
    await this.#run('stop', 0, async () => ({ done: true, servers: this.#stop() }));
    await this.#run('finish', finishMs, () => this.#finish(finishMs));
  }

  /** WebSockets of ours last as long as their client wants, and would hold the servers open. */
  #stop(): number {
    for (const { drain } of this.#kit.core.upgrades.values()) drain?.();
    return this.#servers.stop();
  }

  async #finish(deadlineMs: number): Promise<Outcome> {
    const finished = this.#servers.finished();
    const done = await within(finished, deadlineMs);
    const connections = done ? 0 : await this.#servers.connections();
    if (!done) {
      this.#servers.cut();
      await within(finished, CUT_MS);
    }
    // A server is closed a turn before the last connection tells its request, whose line is still to come.
    for (let turn = 0; turn < 2; turn++) await nextTurn();
    return { done, ...(!done && { connections }) };
  }

  async #flush(deadlineMs: number): Promise<Outcome> {
    const { core, read } = this.#kit;
    core.flush();
    const otlp = read<{ flush(): Promise<boolean> }>('otlp');
    if (otlp === undefined) return { done: true };
    const sent = otlp.flush();
    const done = await within(sent, deadlineMs);
    return { done, exported: done && (await sent) };
  }

  async #run(step: DrainStep, deadlineMs: number, work: () => Promise<Outcome>): Promise<void> {
    const { trace, clock } = this.#kit;
    this.#step = step;
    const began = clock.monotonic();
    const traced = async (span: Span): Promise<Outcome> => {
      const outcome = await work();
      if (!outcome.done) span.setStatus('error', 'deadline');
      return outcome;
    };
    const run = () => trace.span(`drain ${step}`, traced);
    const { done, ...rest } = await (this.#root?.recording ? trace.with(this.#root, run) : run());
    const fields = {
      step,
      latency_ms: this.#since(began),
      ...(deadlineMs > 0 && { deadline_ms: deadlineMs }),
    };
    this.#log('drain_step', { ...fields, ...rest, ...(!done && { timed_out: true }) });
  }

  /** Info lines are sampled while the process is busy, as it is when a drain begins: these are written all the same. */
  #log(message: string, fields: Record<string, unknown>): void {
    const { core, clock, privacy, log } = this.#kit;
    const level = fields['timed_out'] ? 'warn' : 'info';
    if (!log.isLevelEnabled(level)) return;
    const now = clock.now();
    const root = this.#root?.recording ? this.#root : undefined;
    const ids = root ? `,"trace_id":"${root.traceId}","span_id":"${root.spanId}"` : '';
    core.log.write(level, now, this.#heads.of(level, message) + ids + privacy.fields(fields, RESERVED));
    if (!core.log.recordSink) return;
    const attributes = privacy.attributes(fields, 'logs');
    core.log.record(level, now, message, { logger: LOGGER, attributes: attributes as never });
  }

  #since(start: number): number {
    return Math.round((this.#kit.clock.monotonic() - start) * 1000) / 1000;
  }
}

/** True when the promise settled in time; a rejection is an end as well. Holds the process while it waits. */
function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  return new Promise(resolve => {
    const timer = setTimeout(() => resolve(false), ms);
    const settled = (): void => {
      clearTimeout(timer);
      resolve(true);
    };
    promise.then(settled, settled);
  });
}

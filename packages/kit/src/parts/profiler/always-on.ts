import { Session } from 'node:inspector/promises';
import type { CpuProfileNode, HotFunction } from '@plimsoll/wire';
import { placeOf } from './inspector.ts';

/** A profile is read and begun anew this often: it grows with every stack. */
const TURN_MS = 10_000;
/** What is shown covers about the last this many turns. */
const FADE = 6;
const AT_MOST = 1000;
const SHOWN = 20;
/** Not work, and not ours. */
const IDLE = new Set(['(idle)', '(root)', '(program)']);

interface Hit {
  readonly function: string;
  readonly url: string;
  readonly line: number;
  samples: number;
}

/** A few stacks a second, all the time: which functions are at work. Off unless the option asks for it. */
export class AlwaysOn {
  readonly #session = new Session();
  readonly #base: string;
  readonly #timer: NodeJS.Timeout;
  readonly #hits = new Map<string, Hit>();
  #busy: Promise<unknown>;

  constructor(hz: number, base: string) {
    this.#base = base;
    this.#session.connect();
    this.#busy = this.#start(Math.round(1e6 / hz)).catch(() => {});
    this.#timer = setInterval(() => void this.turn(), TURN_MS).unref();
  }

  /** Reads what was sampled since the last turn. */
  turn(): Promise<unknown> {
    this.#busy = this.#busy.then(() => this.#turn()).catch(() => {});
    return this.#busy;
  }

  hot(): readonly HotFunction[] {
    const hits = [...this.#hits.values()].sort((a, b) => b.samples - a.samples);
    const all = hits.reduce((sum, { samples }) => sum + samples, 0);
    return hits.slice(0, SHOWN).map(({ samples, ...where }) => ({
      ...{ ...where, samples: Math.round(samples) },
      share: Math.round((samples / all) * 1000) / 1000,
    }));
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#busy;
    this.#session.disconnect();
  }

  async #start(interval: number): Promise<void> {
    await this.#session.post('Profiler.enable');
    await this.#session.post('Profiler.setSamplingInterval', { interval });
    await this.#session.post('Profiler.start');
  }

  async #turn(): Promise<void> {
    const { profile } = await this.#session.post('Profiler.stop');
    await this.#session.post('Profiler.start');
    for (const [key, hit] of this.#hits) {
      hit.samples *= 1 - 1 / FADE;
      if (hit.samples < 0.1) this.#hits.delete(key);
    }
    for (const { callFrame, hitCount = 0 } of profile.nodes as readonly CpuProfileNode[]) {
      const { functionName, url, lineNumber } = callFrame;
      if (hitCount === 0 || IDLE.has(functionName)) continue;
      const where = placeOf(url, this.#base);
      const key = `${functionName} ${where}:${lineNumber}`;
      const hit = this.#hits.get(key);
      if (hit !== undefined) hit.samples += hitCount;
      else if (this.#hits.size < AT_MOST) {
        const name = functionName || '(anonymous)';
        this.#hits.set(key, { function: name, url: where, line: lineNumber + 1, samples: hitCount });
      }
    }
  }
}

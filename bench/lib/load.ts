import type { ChildProcess } from 'node:child_process';
import type { Load, LoadOrder } from './loader.ts';
import { ask, LOAD_CORE, message, pinned, script } from './processes.ts';

/** One process for all of a suite's load: it is warm when it matters. */
export class Loader {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(): Promise<Loader> {
    const child = pinned(LOAD_CORE, [script('lib/loader.ts')]);
    await message(child);
    return new Loader(child);
  }

  run(order: LoadOrder): Promise<Load> {
    return ask<Load>(this.#child, order);
  }

  stop(): void {
    this.#child.kill();
  }
}

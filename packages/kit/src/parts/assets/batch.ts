import { setTimeout as delay } from 'node:timers/promises';

const GATHER_MS = 2;

/** Puts calls that come together into one: a hundred registrations share a commit, and so its wait for the disk. */
export class Batch<I, O> {
  readonly #run: (items: readonly I[]) => Promise<readonly O[]>;
  readonly #atMost: number;
  #waiting: { item: I; done: (result: O) => void; failed: (error: unknown) => void }[] = [];
  #running: Promise<void> | undefined;

  constructor(run: (items: readonly I[]) => Promise<readonly O[]>, atMost: number) {
    this.#run = run;
    this.#atMost = atMost;
  }

  add(item: I): Promise<O> {
    return new Promise((done, failed) => {
      this.#waiting.push({ item, done, failed });
      this.#running ??= this.#drain();
    });
  }

  async settled(): Promise<void> {
    await this.#running;
  }

  async #drain(): Promise<void> {
    // Who calls in the same turn comes along.
    await Promise.resolve();
    for (let last = 1; this.#waiting.length > 0; ) {
      if (last > 1) await this.#gather();
      last = this.#waiting.length;
      const batch = this.#waiting.splice(0, this.#atMost);
      try {
        const results = await this.#run(batch.map(({ item }) => item));
        for (const [at, { done }] of batch.entries()) done(results[at] as O);
      } catch (error) {
        if (batch.length === 1) batch[0]?.failed(error);
        else await this.#apart(batch);
      }
    }
    this.#running = undefined;
  }

  /**
   * Where several come together, more are on their way: a commit of SQLite holds up the whole process while it waits
   * for the disk, so that one for each would let none of them get ready.
   */
  async #gather(): Promise<void> {
    for (let before = 0; this.#waiting.length > before && this.#waiting.length < this.#atMost; ) {
      before = this.#waiting.length;
      await delay(GATHER_MS);
    }
  }

  /** One that can't be must not take the others with it. */
  async #apart(batch: readonly { item: I; done: (result: O) => void; failed: (error: unknown) => void }[]) {
    for (const { item, done, failed } of batch) {
      try {
        done((await this.#run([item]))[0] as O);
      } catch (error) {
        failed(error);
      }
    }
  }
}

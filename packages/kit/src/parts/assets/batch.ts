import { setTimeout as delay } from 'node:timers/promises';

const GATHER_MS = 1;
/** How long a commit waits for those that are on their way; they are needed no longer than their file is read. */
const GATHER_AT_MOST_MS = 32;

/** Puts calls that come together into one: a hundred registrations share a commit, and so its wait for the disk. */
export class Batch<I, O> {
  readonly #run: (items: readonly I[]) => Promise<readonly O[]>;
  readonly #atMost: number;
  #waiting: { item: I; done: (result: O) => void; failed: (error: unknown) => void }[] = [];
  #coming = 0;
  #running: Promise<void> | undefined;

  constructor(run: (items: readonly I[]) => Promise<readonly O[]>, atMost: number) {
    this.#run = run;
    this.#atMost = atMost;
  }

  /** What `prepare` makes; meanwhile the others may wait a little for it, so it should not take long. */
  async add(prepare: () => Promise<I>): Promise<O> {
    this.#coming += 1;
    const item = await prepare().finally(() => {
      this.#coming -= 1;
    });
    return new Promise((done, failed) => {
      this.#waiting.push({ item, done, failed });
      this.#running ??= this.#drain();
    });
  }

  async settled(): Promise<void> {
    await this.#running;
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#gather();
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
   * A commit of SQLite holds up the whole process while it waits for the disk, so that one for each would let none of
   * the others get ready: of 64 at once, each came to have its own (5.5 s of 7 for 2,000 registrations).
   */
  async #gather(): Promise<void> {
    const until = performance.now() + GATHER_AT_MOST_MS;
    while (this.#coming > 0 && this.#waiting.length < this.#atMost && performance.now() < until) {
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

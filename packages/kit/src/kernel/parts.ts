import { PlimsollError } from '../base/errors.ts';
import type { Kit, Part, Teardown } from './part.ts';

interface Used {
  readonly name: string;
  teardown: Teardown | undefined;
}

/** The parts in use, torn down in reverse order, each once. */
export class Parts {
  readonly #used: Used[] = [];
  /** Before each teardown: a part's flush may still produce lines and spans for the parts that close after it. */
  readonly #flush: () => void;
  #closing = false;

  constructor(flush: () => void) {
    this.#flush = flush;
  }

  async use(kit: Kit, part: Part): Promise<Teardown> {
    if (this.#closing) throw new PlimsollError('PLIMSOLL_CLOSED');
    if (this.#used.some(other => other.name === part.name)) {
      throw new PlimsollError('PLIMSOLL_DUPLICATE_PART', part.name);
    }
    const entry: Used = { name: part.name, teardown: undefined };
    this.#used.push(entry);
    try {
      const teardown = (await part.setup(kit)) ?? undefined;
      entry.teardown = teardown && once(teardown);
    } catch (error) {
      this.#forget(entry);
      throw error;
    }
    // The kit may have closed meanwhile, and had nothing to tear down yet.
    if (this.#closing) {
      await entry.teardown?.();
      throw new PlimsollError('PLIMSOLL_CLOSED');
    }
    return once(async () => {
      this.#forget(entry);
      this.#flush();
      await entry.teardown?.();
    });
  }

  /** Gives what the teardowns threw. */
  async close(): Promise<readonly unknown[]> {
    this.#closing = true;
    const errors: unknown[] = [];
    for (const { teardown } of this.#used.reverse()) {
      this.#flush();
      try {
        await teardown?.();
      } catch (error) {
        errors.push(error);
      }
    }
    this.#used.length = 0;
    return errors;
  }

  #forget(entry: Used): void {
    const at = this.#used.indexOf(entry);
    if (at >= 0) this.#used.splice(at, 1);
  }
}

/** Whoever calls first runs it, and everybody waits for the same end. */
function once(teardown: Teardown): Teardown {
  let ended: { readonly result: void | Promise<void> } | undefined;
  return () => {
    ended ??= { result: teardown() };
    return ended.result;
  };
}

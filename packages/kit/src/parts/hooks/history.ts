import type { HookEnvelope } from '@plimsoll/wire';
import type { Raised } from './bus.ts';

/** What came after an id. */
export interface Since {
  readonly found: readonly Raised[];
  /** Hooks after it that are no longer kept; undefined for an id of another run, after which nothing can be told. */
  readonly missed: number | undefined;
}

/** The last hooks, as they left. */
export class History {
  readonly #kept: Raised[] = [];
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  add(raised: Raised): void {
    this.#kept.push(raised);
    // One splice for many, since a shift moves all that is left.
    if (this.#kept.length >= this.#most * 2) this.#kept.splice(0, this.#kept.length - this.#most);
  }

  /** Oldest first. */
  last(limit: number): readonly HookEnvelope[] {
    const count = Math.min(this.#most, Math.max(1, Math.trunc(limit) || 1));
    return this.#kept.slice(-count).map(({ envelope }) => envelope);
  }

  since(id: string): Since {
    const kept = this.#kept.slice(-this.#most);
    const [run, count] = split(id);
    const newest = kept.at(-1);
    if (newest === undefined || split(newest.envelope.id)[0] !== run)
      return { found: kept, missed: undefined };
    const found = kept.filter(({ envelope }) => split(envelope.id)[1] > count);
    const all = split(newest.envelope.id)[1] - count;
    return { found, missed: Math.max(0, all - found.length) };
  }
}

function split(id: string): [string, number] {
  const at = id.lastIndexOf('_');
  return [id.slice(0, at), Number(id.slice(at + 1))];
}

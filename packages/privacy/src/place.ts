import type { Verdict } from './policy.ts';

/** A value that is left out. */
export const DROPPED = Symbol('dropped');

/** Where the walk stands: what is around it, by what name, and whether a personal name is above. */
export interface Place {
  readonly depth: number;
  /** Set below an identifier: what has no class of its own there is that person's. */
  readonly above?: Verdict;
  /** The name above, where names below are read with it. */
  readonly parent?: string;
}

export const ROOT: Place = { depth: 0 };

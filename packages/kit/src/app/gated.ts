import type { KitCore } from '../kernel/kit.ts';
import type { Settling } from './switch.ts';

/** What the optional parts that follow flags put on `obs`: a line for each. */
export type Members = Readonly<Record<never, never>>;

export interface Gated {
  readonly switches: readonly Settling[];
  readonly members: Members;
}

/** The switch of every optional part, with what `obs` shows of it. Order matters: the first is closed last. */
export function gatedParts(_kit: KitCore): Gated {
  return { switches: [], members: {} };
}

/** The same members where everything is off. */
export const OFF_MEMBERS: Members = {};

import { z } from 'zod';
import { isMembers } from '../body.ts';
import { Refusal } from '../failure.ts';
import type { Rng } from './random.ts';
import type { Scene } from './schema.ts';
import type { Variables } from './variables.ts';

export interface State {
  readonly scene_id: string;
  readonly current_node: string;
  readonly variables: Readonly<Variables>;
  readonly history: readonly { readonly node: string; readonly choice: string | null }[];
  readonly rng: Rng;
  readonly finished: boolean;
  readonly pov: string;
}

const uint32 = z
  .int()
  .min(0)
  .max(2 ** 32 - 1);

const state = z.object({
  scene_id: z.string(),
  current_node: z.string(),
  variables: z.record(z.string(), z.unknown()),
  history: z.array(z.object({ node: z.string(), choice: z.string().nullable() })).max(100_000),
  rng: z.object({ seed: uint32, value: uint32, uses: z.int().min(0) }),
  finished: z.boolean(),
  pov: z.string().min(1),
});

/** The state that a client hands back; 400 for one that is damaged, or that another scene made. */
export function stateOf(given: unknown, { id, nodes }: Scene): State {
  if (!isMembers(given)) throw new Refusal(400, 'state must be an object');
  const parsed = state.safeParse(given);
  if (!parsed.success) {
    const errors = parsed.error.issues.map(issue => ({ field: issue.path.join('.'), code: issue.code }));
    throw new Refusal(400, 'state is damaged', { code: 'state_invalid', more: { errors } });
  }
  const { scene_id, current_node } = parsed.data;
  if (scene_id !== id) throw new Refusal(400, 'state belongs to another scene');
  if (!nodes.some(node => node.id === current_node)) throw new Refusal(400, `unknown node '${current_node}'`);
  return parsed.data;
}

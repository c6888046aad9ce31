import { Refusal } from '../failure.ts';
import { draw, type Rng, seeded } from './random.ts';
import type { Choice, Scene, SceneNode } from './schema.ts';
import type { State } from './state.ts';
import { applyActions, holds } from './variables.ts';

export interface StepInput {
  readonly seed?: unknown;
  readonly choiceId?: string | undefined;
  readonly pov?: string | undefined;
}

export interface Step {
  readonly state: State;
  readonly node: SceneNode;
  readonly choices: readonly Choice[];
  /** Every node that this call entered, with the state and the choices there, in order. */
  readonly entered: readonly Entered[];
}

export interface Entered {
  readonly state: State;
  readonly node: SceneNode;
  readonly choices: readonly Choice[];
}

/** One step. Without a state the start is entered first, and the step is taken from there in the same call. */
export function step(scene: Scene, given: State | undefined, input: StepInput): Step {
  const entered: Entered[] = [];
  let here = given === undefined ? start(scene, input) : resume(scene, given, input.pov);
  if (given === undefined) entered.push(here);
  if (!here.state.finished) {
    const next = advance(scene, here, input.choiceId);
    if (next.state.history !== here.state.history) entered.push(next);
    here = next;
  }
  return { ...here, entered };
}

function start(scene: Scene, { seed, pov }: StepInput): Entered {
  const node = nodeOf(scene, scene.start);
  const state: State = {
    scene_id: scene.id,
    current_node: node.id,
    variables: applyActions(node.actions ?? [], scene.variables ?? {}),
    history: [{ node: node.id, choice: null }],
    rng: seeded(seed),
    finished: false,
    pov: pov ?? defaultPov(scene),
  };
  return arrived(state, node);
}

/** A finished state is handed back as it came. */
function resume(scene: Scene, given: State, pov: string | undefined): Entered {
  const state = given.finished || pov === undefined ? given : { ...given, pov };
  const node = nodeOf(scene, state.current_node);
  return { state, node, choices: available(node, state) };
}

/** Filter, pick, the choice's actions, the history, the target's actions, and whether anything is left. */
function advance(scene: Scene, { state, choices }: Entered, choiceId: string | undefined): Entered {
  if (choices.length === 0) {
    if (choiceId !== undefined) throw notAvailable(choiceId);
    return { state: { ...state, finished: true }, node: nodeOf(scene, state.current_node), choices };
  }
  const { choice, rng } = pick(choices, state.rng, choiceId);
  const target = nodeOf(scene, choice.target);
  const left = { node: state.current_node, choice: nameOf(choice) };
  const variables = applyActions([...(choice.actions ?? []), ...(target.actions ?? [])], state.variables);
  const history = [...state.history, left];
  return arrived({ ...state, rng, variables, history, current_node: target.id }, target);
}

function arrived(state: State, node: SceneNode): Entered {
  const choices = available(node, state);
  return { state: { ...state, finished: choices.length === 0 }, node, choices };
}

function available({ choices = [] }: SceneNode, { variables, pov }: State): readonly Choice[] {
  return choices.filter(
    ({ weight, visible_to = [], conditions = [] }) =>
      weight > 0 &&
      (visible_to.length === 0 || visible_to.includes(pov)) &&
      conditions.every(condition => holds(condition, variables)),
  );
}

function pick(
  choices: readonly Choice[],
  rng: Rng,
  choiceId: string | undefined,
): { choice: Choice; rng: Rng } {
  if (choiceId !== undefined) {
    const choice = choices.find(one => nameOf(one) === choiceId);
    if (choice === undefined) throw notAvailable(choiceId);
    return { choice, rng };
  }
  const drawn = draw(rng);
  const wanted = drawn.share * choices.reduce((sum, { weight }) => sum + weight, 0);
  let reached = 0;
  for (const choice of choices) {
    reached += choice.weight;
    if (reached > wanted) return { choice, rng: drawn.rng };
  }
  // Weights that add up beyond what a number can hold.
  return { choice: choices.at(-1)!, rng: drawn.rng };
}

const notAvailable = (id: string) => new Refusal(400, `choice '${id}' is not available`);
const nameOf = ({ id, target }: Choice): string => id ?? target;

function nodeOf({ nodes }: Scene, id: string): SceneNode {
  const node = nodes.find(one => one.id === id);
  if (node === undefined) throw new Refusal(400, `unknown node '${id}'`);
  return node;
}

function defaultPov({ default_pov, metadata }: Scene): string {
  const named = default_pov ?? metadata?.['default_pov'];
  return typeof named === 'string' && named !== '' ? named : 'narrator';
}

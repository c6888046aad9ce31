import { isMembers, type Members } from '../body.ts';
import { type Character, defaultTiming, type PlanRequest } from './schema.ts';

export interface PlanItem {
  readonly channel: 'timing' | 'camera' | 'portrait' | 'expression' | 'pose' | 'tween' | 'sfx';
  readonly action: string;
  readonly target?: string;
  readonly payload?: Members;
}

type SceneState = PlanRequest['scene_state'];
type Node = PlanRequest['node'];

/** What the stage does for one node, in the order in which it is done. */
export function plan({ scene_state, node }: PlanRequest): readonly PlanItem[] {
  const speaker = speakerOf(scene_state, node);
  return [
    ...timing(scene_state, node),
    ...camera(scene_state, node, speaker),
    ...(speaker
      ? [...portrait(speaker, node), ...face(speaker, node), ...tween(speaker, node)]
      : steps(node)),
    ...sfx(scene_state, node),
  ];
}

/** By id, else by display name in any case, else the first. */
function speakerOf({ characters }: SceneState, { speaker }: Node): Character | undefined {
  const wanted = speaker?.toLowerCase();
  return (
    characters.find(({ id }) => id === speaker) ??
    characters.find(({ display_name }) => wanted !== undefined && display_name?.toLowerCase() === wanted) ??
    characters[0]
  );
}

function timing(state: SceneState, { directives }: Node): PlanItem[] {
  if (!state.timing && !directives.timing) return [];
  const payload = { ...(state.timing ?? defaultTiming()), ...directives.timing };
  return [item({ channel: 'timing', action: 'schedule', payload })];
}

function camera(state: SceneState, { directives }: Node, speaker: Character | undefined): PlanItem[] {
  const payload = clean({ focus: speaker?.id, ...state.camera, ...clean(directives.camera ?? {}) });
  return Object.keys(payload).length === 0 ? [] : [item({ channel: 'camera', action: 'frame', payload })];
}

function portrait(speaker: Character, { directives }: Node): PlanItem[] {
  const { id: target, slot, display_name: label } = speaker;
  const payload = clean({ slot, label, ...speaker.portrait, ...clean(directives.portrait ?? {}) });
  if (!['asset', 'preset', 'path'].some(member => member in payload)) return [];
  return [item({ channel: 'portrait', action: 'set', target, payload })];
}

/** A label alone fills the payload, so that only who has no name gets `neutral` and `idle`. */
function face(speaker: Character, { directives }: Node): PlanItem[] {
  const { id: target, display_name: label, default_expression, default_pose } = speaker;
  const expression = clean({ label, ...default_expression, ...clean(directives.expression ?? {}) });
  const pose = clean({ label, ...default_pose, ...clean(directives.pose ?? {}) });
  const or = (payload: Members, value: string) => (Object.keys(payload).length === 0 ? { value } : payload);
  return [
    item({ channel: 'expression', action: 'set', target, payload: or(expression, 'neutral') }),
    item({ channel: 'pose', action: 'set', target, payload: or(pose, 'idle') }),
  ];
}

function tween({ id: target, tween_preset: preset }: Character, node: Node): PlanItem[] {
  const first = preset
    ? [item({ channel: 'tween', action: 'apply_preset', target, payload: { preset } })]
    : [];
  return [...first, ...steps(node, target)];
}

function steps({ directives }: Node, target?: string): PlanItem[] {
  return directives.tween.map((step, index) =>
    item({ channel: 'tween', action: 'step', target, payload: { ...step, index } }),
  );
}

function sfx({ ambient_sfx }: SceneState, { directives }: Node): PlanItem[] {
  const ambient = ambient_sfx.toSorted(
    (a, b) => compareText(a['clip'], b['clip']) || compareText(a['bus'], b['bus']),
  );
  return [
    ...ambient.map(sound => soundItem('ambient', sound)),
    ...directives.sfx.map(sound => soundItem('play', sound)),
  ];
}

/** The bus is where it goes, and so the target. */
function soundItem(action: string, { bus, ...payload }: Members): PlanItem {
  return item({ channel: 'sfx', action, target: typeof bus === 'string' ? bus : undefined, payload });
}

/** By code unit, so that an order is the same on every machine. */
function compareText(a: unknown, b: unknown): number {
  const [left, right] = [String(a ?? ''), String(b ?? '')];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

interface Draft {
  readonly channel: PlanItem['channel'];
  readonly action: string;
  readonly target?: string | undefined;
  readonly payload: Members;
}

function item({ channel, action, target, payload }: Draft): PlanItem {
  const full = clean(payload);
  return {
    channel,
    action,
    ...(target && { target }),
    ...(Object.keys(full).length > 0 && { payload: full }),
  };
}

/** Keys sorted; null, empty texts, lists and maps left out, zeros kept. */
function clean(payload: Members): Members {
  const filled = Object.entries(payload).filter(([, value]) => !isEmpty(value));
  return Object.fromEntries(filled.sort(([a], [b]) => compareText(a, b)));
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return isMembers(value) && Object.keys(value).length === 0;
}

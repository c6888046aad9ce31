import { isMembers } from '../body.ts';
import { Refusal } from '../failure.ts';
import { type Scene, scene } from './schema.ts';

/** `path` is `nodes[2].id` where the shape is wrong, `nodes['a'].choices[0].target` where the sense is. */
export interface SceneError {
  readonly path: string;
  readonly message: string;
}

export type Checked =
  | { readonly scene: Scene; readonly errors: readonly [] }
  | { readonly scene?: undefined; readonly errors: readonly SceneError[] };

/** The scene of a request: under `scene`, or the whole body. 400 where there is none. */
export function sceneOf(body: unknown): unknown {
  if (isMembers(body)) {
    if ('scene' in body) {
      if (isMembers(body['scene'])) return body['scene'];
    } else if (['id', 'start', 'nodes'].some(member => member in body)) return body;
  }
  throw new Refusal(400, 'scene payload missing or invalid');
}

/** The scene that a step or an export needs; 400 with every error where it is not whole. */
export function wholeScene(given: unknown): Scene {
  const checked = checkScene(given);
  if (checked.scene) return checked.scene;
  throw new Refusal(400, 'scene is not valid', { code: 'scene_invalid', more: { errors: checked.errors } });
}

export function checkScene(given: unknown): Checked {
  const parsed = scene.safeParse(given);
  if (!parsed.success) {
    const errors = parsed.error.issues.map(({ path, message }) => ({ path: pathText(path), message }));
    return { errors };
  }
  const errors = senseErrors(parsed.data);
  return errors.length > 0 ? { errors } : { scene: parsed.data, errors: [] };
}

/** What the shape does not show: ids that clash, and leads to nowhere. */
function senseErrors({ nodes, start }: Scene): SceneError[] {
  const errors: SceneError[] = [];
  const ids = new Set<string>();
  nodes.forEach(({ id }, index) => {
    if (ids.has(id)) errors.push({ path: `nodes[${index}].id`, message: `node id '${id}' is there twice` });
    ids.add(id);
  });
  if (!ids.has(start)) errors.push({ path: 'start', message: `there is no node '${start}'` });
  for (const { id, choices = [] } of nodes) {
    choices.forEach(({ target }, index) => {
      if (ids.has(target)) return;
      const path = `nodes['${id}'].choices[${index}].target`;
      errors.push({ path, message: `there is no node '${target}'` });
    });
  }
  return errors;
}

function pathText(path: readonly PropertyKey[]): string {
  if (path.length === 0) return '<root>';
  return path
    .map(part => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}

import type { Hono } from 'hono';
import { z } from 'zod';
import { isMembers, readJson } from '../body.ts';
import { Refusal } from '../failure.ts';
import type { Studio } from '../studio.ts';
import { type Entered, step } from './run.ts';
import { stateOf } from './state.ts';
import { checkScene, sceneOf, wholeScene } from './validate.ts';

const word = z.string().min(1).max(200).nullish();
const stepRequest = z.object({
  state: z.unknown().optional(),
  seed: z.unknown().optional(),
  choice_id: word,
  choice: word,
  pov: word,
});

export function sceneRoutes(app: Hono, studio: Studio): void {
  app.post('/api/scenario/validate', async c => {
    const { errors } = checkScene(sceneOf(await readJson(c)));
    return c.json({ valid: errors.length === 0, errors });
  });

  app.post('/api/scenario/run/step', async c => {
    const body = await readJson(c);
    if (!isMembers(body) || !isMembers(body['scene']))
      throw new Refusal(400, 'scene payload missing or invalid');
    const { state: given, seed, choice_id, choice, pov } = stepRequest.parse(body);
    const scene = wholeScene(body['scene']);
    const state = given === undefined || given === null ? undefined : stateOf(given, scene);
    const choiceId = choice_id ?? choice ?? undefined;
    const done = step(scene, state, { seed, choiceId, pov: pov ?? undefined });
    for (const one of done.entered) raise(studio, one);
    const { state: after, node, choices } = done;
    return c.json({ ok: true, state: after, node, choices, finished: after.finished });
  });
}

/** The two hooks of a node that was entered. */
function raise({ obs, now }: Studio, { state, node, choices }: Entered): void {
  const { scene_id, pov, variables, history, finished } = state;
  const shared = { scene_id, node: node.id, pov, finished, timestamp: now() / 1000 };
  obs.hooks.emit('on_scene_enter', { ...shared, variables, history });
  obs.hooks.emit('on_choice_render', { ...shared, choices });
}

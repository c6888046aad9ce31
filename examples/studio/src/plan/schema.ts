import { z } from 'zod';

/** A text stands for the one member that such a directive is about. */
const directive = (member: string) =>
  z
    .union([z.string(), z.record(z.string(), z.unknown())])
    .transform(given => (typeof given === 'string' ? { [member]: given } : given));

const name = z.string().trim().min(1).max(200);

const character = z.object({
  id: name,
  display_name: z.string().nullish(),
  slot: z.string().min(1).default('center'),
  portrait: directive('asset').nullish(),
  default_expression: directive('value').nullish(),
  default_pose: directive('value').nullish(),
  tween_preset: z.string().nullish(),
});

const timing = z
  .object({
    enter: z.number().min(0).default(0),
    hold: z.number().min(0).default(2.5),
    exit: z.number().min(0).default(0),
    easing: z.string().default('linear'),
    preset: z.string().nullish(),
  })
  .loose();

const sfx = directive('clip');

export const planRequest = z.object({
  scene_state: z.object({
    scene_id: name,
    characters: z.array(character).max(200).default([]),
    camera: directive('preset').nullish(),
    timing: timing.nullish(),
    ambient_sfx: z.array(sfx).max(200).default([]),
  }),
  node: z.object({
    id: name,
    type: z.string().default('text'),
    speaker: z.string().nullish(),
    directives: z
      .object({
        portrait: directive('asset').nullish(),
        expression: directive('value').nullish(),
        pose: directive('value').nullish(),
        camera: directive('preset').nullish(),
        tween: z.array(directive('preset')).max(200).default([]),
        timing: directive('preset').nullish(),
        sfx: z.array(sfx).max(200).default([]),
      })
      .default({ tween: [], sfx: [] }),
  }),
});

export const defaultTiming = () => timing.parse({});

export type PlanRequest = z.infer<typeof planRequest>;
export type Character = z.infer<typeof character>;

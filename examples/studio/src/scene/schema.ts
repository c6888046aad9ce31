import { z } from 'zod';

const id = z.string().trim().min(1).max(200);
const free = z.record(z.string(), z.unknown());
const RESERVED = new Set(['__proto__', 'constructor', 'prototype']);

/** A variable's name; dots lead into nested variables. */
const key = z
  .string()
  .min(1)
  .max(200)
  .refine(
    text => text.split('.').every(part => part !== '' && !RESERVED.has(part)),
    'not a name of a variable',
  );

export const OPERATORS = [
  'eq',
  'neq',
  'gt',
  'gte',
  'lt',
  'lte',
  'in',
  'not_in',
  'exists',
  'not_exists',
] as const;

const condition = z
  .strictObject({ key, operator: z.enum(OPERATORS), value: z.unknown().optional() })
  .superRefine((given, context) => {
    const present = given.value !== undefined;
    const wrong = (message: string) => context.addIssue({ code: 'custom', path: ['value'], message });
    if (given.operator === 'exists' || given.operator === 'not_exists') {
      if (present) wrong(`'${given.operator}' takes no value`);
    } else if (!present) wrong(`'${given.operator}' needs a value`);
    else if ((given.operator === 'in' || given.operator === 'not_in') && !Array.isArray(given.value))
      wrong(`'${given.operator}' needs a list`);
  });

const action = z
  .strictObject({
    type: z.enum(['set', 'increment', 'decrement', 'clear']),
    key,
    value: z.unknown().optional(),
    amount: z.number().optional(),
  })
  .superRefine(({ type, value }, context) => {
    const counts = type === 'increment' || type === 'decrement';
    if (counts && value !== undefined && value !== null && typeof value !== 'number')
      context.addIssue({ code: 'custom', path: ['value'], message: `'${type}' needs a number` });
  });

const choice = z.strictObject({
  id: id.optional(),
  label: z.string().optional(),
  description: z.string().optional(),
  target: id,
  weight: z.number().min(0).default(1),
  conditions: z.array(condition).min(1).optional(),
  actions: z.array(action).optional(),
  /** Points of view; none is everyone. */
  visible_to: z.array(z.string()).optional(),
  metadata: free.optional(),
});

const node = z.strictObject({
  id,
  type: z.string().default('dialogue'),
  text: z.string().optional(),
  speaker: z.string().nullable().optional(),
  data: free.optional(),
  actions: z.array(action).optional(),
  choices: z.array(choice).optional(),
  narrator_rules: z.unknown().optional(),
  /** For readers: a node ends the story by having no choice. */
  end: z.boolean().optional(),
});

export const scene = z.strictObject({
  id,
  start: id,
  title: z.string().optional(),
  description: z.string().optional(),
  /** Of whom the story is told, unless a step says otherwise; also as `metadata.default_pov`. */
  default_pov: z.string().min(1).optional(),
  metadata: free.optional(),
  variables: free.optional(),
  nodes: z.array(node).min(1).max(10_000),
});

export type Scene = z.infer<typeof scene>;
export type SceneNode = z.infer<typeof node>;
export type Choice = z.infer<typeof choice>;
export type Condition = z.infer<typeof condition>;
export type Action = z.infer<typeof action>;

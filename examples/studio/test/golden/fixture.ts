import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const action = (value: number) => ({ type: 'set', key: 'score', value });
const finish = (amount: number) => ({ type: 'increment', key: 'score', amount });

/** The scene of the flow: two ways, of different worth, to one end. */
export const SCENE = {
  id: 'phase4-demo',
  title: 'Phase 4 demo',
  start: 'intro',
  variables: { score: 0 },
  nodes: [
    {
      id: 'intro',
      text: 'Two paths lie ahead.',
      speaker: 'hero',
      choices: [
        { id: 'path_left', label: 'Left', target: 'left_path', actions: [action(1)] },
        { id: 'path_right', label: 'Right', target: 'right_path', actions: [action(5)] },
      ],
    },
    {
      id: 'left_path',
      text: 'Moss and quiet.',
      choices: [{ id: 'finish_left', label: 'Go on', target: 'ending', actions: [finish(2)] }],
    },
    {
      id: 'right_path',
      text: 'Gravel and wind.',
      choices: [{ id: 'finish_right', label: 'Go on', target: 'ending', actions: [finish(3)] }],
    },
    { id: 'ending', text: 'The sea.', end: true },
  ],
};

/** One character with a name and no pose, an expression, one sound: six items. */
export const PLAN = {
  scene_state: {
    scene_id: 'phase4-demo',
    characters: [{ id: 'hero', display_name: 'Hero', slot: 'left', portrait: 'hero/base.png' }],
    timing: { enter: 0.2 },
  },
  node: {
    id: 'intro',
    speaker: 'Hero',
    directives: { expression: 'smile', sfx: [{ clip: 'steps.ogg', bus: 'sfx' }] },
  },
};

/** A project with a timeline, two scenes, a character and an asset whose licence nobody wrote down. */
const FILES: Readonly<Record<string, unknown>> = {
  'data/projects/demo.json': {
    id: 'demo',
    title: 'Demo',
    scenes: ['intro', 'ending'],
    characters: ['hero'],
    assets: [{ path: 'hero/base.png' }],
    licenses: ['CC-BY-4.0'],
  },
  'data/timelines/main.json': {
    id: 'main',
    project_id: 'demo',
    scene_order: [{ scene_id: 'intro' }, 'ending'],
  },
  'data/scenes/intro.json': { ...SCENE, id: 'intro', title: 'Intro' },
  'data/scenes/ending.json': {
    id: 'ending',
    start: 'sea',
    nodes: [{ id: 'sea', text: 'The sea.', end: true }],
  },
  'data/characters/hero.json': { id: 'hero', name: 'Hero' },
};

export function writeFixture(root: string): void {
  const put = (path: string, content: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  for (const [path, value] of Object.entries(FILES)) put(path, JSON.stringify(value));
  put('assets/hero/base.png', 'fake');
}

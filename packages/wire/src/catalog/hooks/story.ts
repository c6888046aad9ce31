import type { HookRow } from './row.ts';

const timestamp = { type: 'number', about: 'When it happened, seconds since the Unix epoch' } as const;
const scene_id = { type: 'text', about: 'Scene', expose: true } as const;
const node = { type: 'text', about: 'Node of the scene', expose: true } as const;
const pov = { type: 'text', about: 'Whose point of view it is', expose: true } as const;
const worldline = { type: 'text', about: 'Worldline', expose: true } as const;

/** What an interactive story does while it is played, tested and staged. */
export const STORY_HOOKS = [
  {
    name: 'on_scene_enter',
    description: 'A scene entered a node',
    payload: {
      scene_id,
      node,
      pov,
      variables: { type: 'map', about: "The story's variables after the node's actions" },
      history: { type: 'list', about: 'Nodes left, each with the choice that was taken' },
      finished: { type: 'boolean', about: 'No choice is left' },
      timestamp,
    },
  },
  {
    name: 'on_choice_render',
    description: 'The choices of a node are about to be shown',
    payload: {
      scene_id,
      node,
      choices: { type: 'list', about: 'Choices that are available' },
      pov,
      finished: { type: 'boolean', about: 'No choice is left' },
      timestamp,
    },
  },
  {
    name: 'on_playtest_start',
    description: 'A play test began',
    payload: {
      run_id: { type: 'text', about: 'Play test' },
      scene_id,
      seed: { type: 'number', about: 'Seed of its generator' },
      timestamp,
    },
  },
  {
    name: 'on_playtest_step',
    description: 'A play test took a step',
    payload: {
      run_id: { type: 'text', about: 'Play test' },
      step: { type: 'number', about: 'Steps so far' },
      node,
      timestamp,
    },
  },
  {
    name: 'on_playtest_finished',
    description: 'A play test ended',
    payload: {
      run_id: { type: 'text', about: 'Play test' },
      steps: { type: 'number', about: 'Steps taken' },
      ok: { type: 'boolean', about: 'It reached an end' },
      timestamp,
    },
  },
  {
    name: 'on_prop_applied',
    description: 'A prop was placed in a scene',
    payload: { scene_id, prop: { type: 'text', about: 'Prop', expose: true }, timestamp },
  },
  {
    name: 'on_worldline_diff',
    description: 'Two worldlines were compared',
    payload: { worldline, other: worldline, changes: { type: 'number', about: 'Differences' }, timestamp },
  },
  {
    name: 'on_worldline_merge',
    description: 'A worldline was merged into another',
    payload: { worldline, into: worldline, conflicts: { type: 'number', about: 'Conflicts' }, timestamp },
  },
  {
    name: 'on_weather_changed',
    description: "A scene's weather changed",
    payload: { scene_id, weather: { type: 'text', about: 'What it is now', expose: true }, timestamp },
  },
  {
    name: 'on_battle_simulated',
    description: 'A battle was simulated',
    payload: { scene_id, rounds: { type: 'number', about: 'Rounds' }, timestamp },
  },
  {
    name: 'on_battle_resolved',
    description: 'A battle was decided',
    payload: { scene_id, outcome: { type: 'text', about: 'Who won', expose: true }, timestamp },
  },
  {
    name: 'on_audio_tts_cached',
    description: 'A spoken line was put into the cache',
    topic: 'audio.tts.cached',
    payload: {
      key: { type: 'text', about: 'Cache key', expose: true },
      path: { type: 'text', about: 'File, relative to the project', expose: true },
      duration_ms: { type: 'number', about: 'Milliseconds of audio' },
      timestamp,
    },
  },
  {
    name: 'on_audio_alignment_generated',
    description: 'A spoken line was aligned with its text',
    topic: 'audio.alignment.generated',
    payload: {
      key: { type: 'text', about: 'Cache key', expose: true },
      path: { type: 'text', about: 'File, relative to the project', expose: true },
      words: { type: 'number', about: 'Words aligned' },
      timestamp,
    },
  },
  {
    name: 'on_audio_mix_rendered',
    description: 'An audio mix was rendered',
    topic: 'audio.mix.rendered',
    payload: {
      path: { type: 'text', about: 'File, relative to the project', expose: true },
      tracks: { type: 'number', about: 'Tracks mixed' },
      duration_ms: { type: 'number', about: 'Milliseconds of audio' },
      timestamp,
    },
  },
] as const satisfies readonly HookRow[];

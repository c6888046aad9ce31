import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PLAN } from './golden/fixture.ts';
import { type Json, type Running, startStudio } from './support.ts';

const state = (rest: object = {}) => ({ scene_id: 's', ...rest });
const hero = { id: 'hero', display_name: 'Hero' };

async function plan(
  { call }: Running,
  scene_state: object,
  directives: object = {},
  node: object = {},
): Promise<Json> {
  const { status, body, text } = await call('/api/presentation/plan', {
    scene_state,
    node: { id: 'n', directives, ...node },
  });
  assert.equal(status, 200, text);
  assert.deepEqual([body.node_id, body.meta], ['n', { count: body.plan.length }]);
  return body.plan;
}

const channel = (items: Json, name: string) => items.filter((item: Json) => item.channel === name);

test('the plan of the fixture has its six items in their order', async t => {
  const { call } = await startStudio(t);
  const { body } = await call('/api/presentation/plan', PLAN);
  assert.deepEqual(
    body.plan.map(({ channel, action, target }: Json) => [channel, action, target]),
    [
      ['timing', 'schedule', undefined],
      ['camera', 'frame', undefined],
      ['portrait', 'set', 'hero'],
      ['expression', 'set', 'hero'],
      ['pose', 'set', 'hero'],
      ['sfx', 'play', 'sfx'],
    ],
  );
  assert.deepEqual(body.plan[4].payload, { label: 'Hero' }, 'a name alone fills the payload');
});

test('a character without a name is neutral and idle', async t => {
  const studio = await startStudio(t);
  const items = await plan(studio, state({ characters: [{ id: 'ghost' }] }));
  assert.deepEqual(items, [
    { channel: 'camera', action: 'frame', payload: { focus: 'ghost' } },
    { channel: 'expression', action: 'set', target: 'ghost', payload: { value: 'neutral' } },
    { channel: 'pose', action: 'set', target: 'ghost', payload: { value: 'idle' } },
  ]);
  const own = { id: 'ghost', default_expression: 'calm', default_pose: { value: 'float', speed: 0 } };
  const calm = await plan(studio, state({ characters: [own] }));
  assert.deepEqual(channel(calm, 'expression')[0].payload, { value: 'calm' });
  assert.deepEqual(channel(calm, 'pose')[0].payload, { speed: 0, value: 'float' }, 'zeros stay');
});

test('the speaker is found by id, by name in any case, else is the first', async t => {
  const studio = await startStudio(t);
  const characters = [hero, { id: 'cat', display_name: 'Hero' }, { id: 'Dog', display_name: 'Rex' }];
  for (const [speaker, found] of [
    ['cat', 'cat'],
    ['REX', 'Dog'],
    ['hero', 'hero'],
    ['nobody', 'hero'],
    [undefined, 'hero'],
  ]) {
    const items = await plan(studio, state({ characters }), {}, { speaker });
    assert.equal(channel(items, 'camera')[0].payload.focus, found, String(speaker));
  }
  assert.deepEqual(await plan(studio, state()), [], 'nobody there, nothing to do');
});

test('a directive may be a text or an object, and stands over the state', async t => {
  const studio = await startStudio(t);
  const characters = [{ ...hero, portrait: 'base.png', tween_preset: 'bounce' }];
  const items = await plan(
    studio,
    state({ characters, camera: { zoom: 1, focus: 'door' }, timing: { hold: 0, preset: 'slow' } }),
    {
      portrait: { preset: 'close', tint: null, tags: [], meta: {} },
      camera: 'wide',
      pose: { value: 'run', speed: 0 },
      timing: { exit: 1 },
      tween: ['fade', { preset: 'slide', to: 'left' }],
    },
  );
  const payloads = items.map(({ channel, action, payload }: Json) => [channel, action, payload]);
  assert.deepEqual(payloads, [
    ['timing', 'schedule', { easing: 'linear', enter: 0, exit: 1, hold: 0, preset: 'slow' }],
    ['camera', 'frame', { focus: 'door', preset: 'wide', zoom: 1 }],
    ['portrait', 'set', { asset: 'base.png', label: 'Hero', preset: 'close', slot: 'center' }],
    ['expression', 'set', { label: 'Hero' }],
    ['pose', 'set', { label: 'Hero', speed: 0, value: 'run' }],
    ['tween', 'apply_preset', { preset: 'bounce' }],
    ['tween', 'step', { index: 0, preset: 'fade' }],
    ['tween', 'step', { index: 1, preset: 'slide', to: 'left' }],
  ]);
  for (const { payload } of items) assert.deepEqual(Object.keys(payload), Object.keys(payload).sort());
});

test('timing is scheduled only where somebody gave one, a portrait set only where there is one', async t => {
  const studio = await startStudio(t);
  const none = await plan(studio, state({ characters: [hero] }), { portrait: { tint: 'red' } });
  assert.deepEqual([channel(none, 'timing'), channel(none, 'portrait')], [[], []]);
  const preset = await plan(studio, state(), { timing: 'fast' });
  const defaults = { easing: 'linear', enter: 0, exit: 0, hold: 2.5 };
  assert.deepEqual(preset, [
    { channel: 'timing', action: 'schedule', payload: { ...defaults, preset: 'fast' } },
  ]);
});

test('ambient sounds come first, by clip and then bus, and the bus is the target', async t => {
  const studio = await startStudio(t);
  const ambient_sfx = [{ clip: 'b' }, { clip: 'a', bus: 'y', volume: 0 }, { clip: 'a', bus: 'x' }];
  const items = await plan(studio, state({ ambient_sfx }), { sfx: ['z', { clip: 'c', bus: 'm' }] });
  assert.deepEqual(items, [
    { channel: 'sfx', action: 'ambient', target: 'x', payload: { clip: 'a' } },
    { channel: 'sfx', action: 'ambient', target: 'y', payload: { clip: 'a', volume: 0 } },
    { channel: 'sfx', action: 'ambient', payload: { clip: 'b' } },
    { channel: 'sfx', action: 'play', payload: { clip: 'z' } },
    { channel: 'sfx', action: 'play', target: 'm', payload: { clip: 'c' } },
  ]);
});

test('what is no request for a plan is 422 with the fields', async t => {
  const { call } = await startStudio(t);
  const cases: [body: unknown, field: string][] = [
    [{}, 'scene_state'],
    [{ scene_state: state() }, 'node'],
    [{ scene_state: state({ characters: [{}] }), node: { id: 'n' } }, 'scene_state.characters.0.id'],
    [{ scene_state: state({ timing: { hold: -1 } }), node: { id: 'n' } }, 'scene_state.timing.hold'],
    [{ scene_state: state(), node: { id: 'n', directives: { camera: 5 } } }, 'node.directives.camera'],
  ];
  for (const [body, field] of cases) {
    const answer = await call('/api/presentation/plan', body);
    assert.deepEqual([answer.status, answer.body.errors[0].field], [422, field], answer.text);
  }
});

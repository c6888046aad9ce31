import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SCENE } from './golden/fixture.ts';
import { type Json, startStudio } from './support.ts';

const STEP = '/api/scenario/run/step';
const node = (id: string, rest: object = {}) => ({ id, ...rest });
/** A scene whose start has these choices; they lead to the end unless they say otherwise. */
const withChoices = (choices: readonly object[], rest: object = {}) => ({
  id: 's',
  start: 'a',
  nodes: [node('a', { choices: choices.map(choice => ({ target: 'z', ...choice })) }), node('z')],
  ...rest,
});

test('the flow of the fixture, step by step', async t => {
  const studio = await startStudio(t);
  const first = (await studio.call(STEP, { scene: SCENE, seed: 7 })).body;
  assert.deepEqual(first.state.history, [
    { node: 'intro', choice: null },
    { node: 'intro', choice: 'path_left' },
  ]);
  assert.deepEqual(first.state.rng, { seed: 7, value: 1025555898, uses: 1 });
  assert.deepEqual([first.state.current_node, first.state.variables.score], ['left_path', 1]);
  assert.deepEqual(
    [first.ok, first.finished, first.node.id, first.choices.length],
    [true, false, 'left_path', 1],
  );

  const choice_id = first.choices[0].id;
  const second = (await studio.call(STEP, { scene: SCENE, state: first.state, choice_id })).body;
  assert.deepEqual([second.state.current_node, second.state.variables.score], ['ending', 3]);
  assert.deepEqual([second.finished, second.state.rng], [true, first.state.rng]);
  assert.deepEqual(second.state.history.at(-1), { node: 'left_path', choice: 'finish_left' });

  const third = (await studio.call(STEP, { scene: SCENE, state: second.state, pov: 'hero' })).body;
  assert.deepEqual(third.state, second.state);
});

test('each step raises two hooks, the first call four, and a finished scene none', async t => {
  const { call, raised } = await startStudio(t);
  const first = (await call(STEP, { scene: SCENE, seed: 7 })).body;
  assert.deepEqual(
    raised.map(({ event, data }) => [event, data.node]),
    [
      ['on_scene_enter', 'intro'],
      ['on_choice_render', 'intro'],
      ['on_scene_enter', 'left_path'],
      ['on_choice_render', 'left_path'],
    ],
  );
  const second = (await call(STEP, { scene: SCENE, state: first.state, choice: 'finish_left' })).body;
  assert.equal(raised.length, 6);
  await call(STEP, { scene: SCENE, state: second.state });
  assert.equal(raised.length, 6);
  const enter = ['scene_id', 'node', 'pov', 'finished', 'timestamp', 'variables', 'history'].sort();
  assert.deepEqual(Object.keys(raised[4]!.data).sort(), enter);
  const render = ['scene_id', 'node', 'pov', 'finished', 'timestamp', 'choices'].sort();
  assert.deepEqual(Object.keys(raised[5]!.data).sort(), render);
  assert.deepEqual([raised[5]!.data.finished, raised[5]!.data.choices], [true, []]);
});

test('the generator gives the numbers of its vectors, whatever the size or sign of the seed', async t => {
  const { call } = await startStudio(t);
  const loop = { id: 's', start: 'a', nodes: [node('a', { choices: [{ target: 'a' }] })] };
  let state: Json;
  const values: number[] = [];
  for (let turn = 0; turn < 3; turn += 1) {
    ({ state } = (await call(STEP, { scene: loop, seed: 7, state })).body);
    values.push(state.rng.value);
  }
  assert.deepEqual([values, state.rng.uses], [[1025555898, 3923423697, 2630631676], 3]);
  const seeds: [seed: unknown, reduced: number][] = [
    [7 + 2 ** 32, 7],
    ['7', 7],
    [-(2 ** 32) + 7, 7],
    ['4294967303', 7],
    [undefined, 0],
    [null, 0],
  ];
  for (const [seed, reduced] of seeds) {
    const { rng } = (await call(STEP, { scene: loop, seed })).body.state;
    assert.equal(rng.seed, reduced, String(seed));
  }
});

test('a weighted pick takes the first choice whose share of the weights is beyond the draw', async t => {
  const { call } = await startStudio(t);
  // Seed 7 draws 0.2387…: of weights 1, 3, 1 that is 1.19 of 5.
  const scene = withChoices([
    { id: 'one', weight: 1 },
    { id: 'two', weight: 3 },
    { id: 'three', weight: 1 },
  ]);
  const { history } = (await call(STEP, { scene, seed: 7 })).body.state;
  assert.equal(history.at(-1).choice, 'two');
  const unnamed = withChoices([{ weight: 0, id: 'never' }, {}]);
  assert.equal((await call(STEP, { scene: unnamed, seed: 7 })).body.state.history.at(-1).choice, 'z');
});

test('actions set, count and clear, also below dotted keys, those of the choice before those of the node', async t => {
  const { call } = await startStudio(t);
  const actions = [
    { type: 'set', key: 'a.b.c', value: { deep: true } },
    { type: 'increment', key: 'n' },
    { type: 'increment', key: 'n', value: 2 },
    { type: 'increment', key: 'n', value: 2, amount: 10 },
    { type: 'decrement', key: 'text' },
    { type: 'set', key: 'gone.x', value: 1 },
    { type: 'clear', key: 'gone.x' },
    { type: 'clear', key: 'never.there' },
    { type: 'set', key: 'order', value: 'choice' },
  ];
  const scene = {
    id: 's',
    start: 'a',
    variables: { n: 0.5, text: 'no number', a: 'in the way' },
    nodes: [
      node('a', { choices: [{ target: 'z', actions }] }),
      node('z', { actions: [{ type: 'set', key: 'order', value: 'node' }] }),
    ],
  };
  const { variables } = (await call(STEP, { scene })).body.state;
  assert.deepEqual(variables, {
    n: 13.5,
    text: -1,
    a: { b: { c: { deep: true } } },
    gone: {},
    order: 'node',
  });
});

test("the point of view is the caller's, else the scene's in either place, else the narrator's", async t => {
  const { call } = await startStudio(t);
  const pov = async (scene: object, rest: object = {}) =>
    (await call(STEP, { scene, ...rest })).body.state.pov;
  assert.equal(await pov(withChoices([{}])), 'narrator');
  assert.equal(await pov(withChoices([{}], { metadata: { default_pov: 'hero' } })), 'hero');
  assert.equal(await pov(withChoices([{}], { default_pov: 'cat' })), 'cat');
  assert.equal(await pov(withChoices([{}], { default_pov: 'cat' }), { pov: 'dog' }), 'dog');
});

test('validate tells every error by its place', async t => {
  const { call } = await startStudio(t);
  const errors = async (scene: unknown) => {
    const { status, body } = await call('/api/scenario/validate', { scene });
    assert.equal(status, 200);
    assert.equal(body.valid, body.errors.length === 0);
    return body.errors.map(({ path }: Json) => path);
  };
  assert.deepEqual(await errors(SCENE), []);
  assert.deepEqual((await call('/api/scenario/validate', SCENE)).body, { valid: true, errors: [] });
  assert.deepEqual(await errors({ ...SCENE, odd: 1 }), ['<root>']);
  assert.deepEqual(await errors({ id: 's', start: 'a', nodes: [] }), ['nodes']);
  const bad = {
    id: 's',
    start: 'nowhere',
    nodes: [node('a', { choices: [{ target: 'b' }, { target: 'c' }] }), node('b'), node('a')],
  };
  assert.deepEqual(await errors(bad), ['nodes[2].id', 'start', "nodes['a'].choices[1].target"]);
  const shapes: [choice: object, path: string][] = [
    [{ odd: 1 }, 'nodes[0].choices[0]'],
    [{ weight: -1 }, 'nodes[0].choices[0].weight'],
    [{ conditions: [] }, 'nodes[0].choices[0].conditions'],
    [
      { conditions: [{ key: 'v', operator: 'like', value: 1 }] },
      'nodes[0].choices[0].conditions[0].operator',
    ],
    [{ conditions: [{ key: 'v', operator: 'eq' }] }, 'nodes[0].choices[0].conditions[0].value'],
    [{ conditions: [{ key: 'v', operator: 'exists', value: 1 }] }, 'nodes[0].choices[0].conditions[0].value'],
    [{ conditions: [{ key: 'v', operator: 'in', value: 1 }] }, 'nodes[0].choices[0].conditions[0].value'],
    [{ actions: [{ type: 'set', key: '__proto__.x', value: 1 }] }, 'nodes[0].choices[0].actions[0].key'],
    [{ actions: [{ type: 'increment', key: 'n', value: 'x' }] }, 'nodes[0].choices[0].actions[0].value'],
  ];
  for (const [choice, path] of shapes) assert.deepEqual(await errors(withChoices([choice])), [path], path);
});

const NO_SCENE = 'scene payload missing or invalid';
const step1 = { scene: SCENE, seed: 7 };

test("what a step can't take is 400 and says why", async t => {
  const { call } = await startStudio(t);
  const { state } = (await call(STEP, step1)).body;
  const cases: [body: unknown, message: string][] = [
    [undefined, NO_SCENE],
    [{}, NO_SCENE],
    [{ scene: 'text' }, NO_SCENE],
    [[], NO_SCENE],
    ['{"scene":', 'body is not JSON'],
    [`{"scene":${'['.repeat(5000)}${']'.repeat(5000)}}`, 'body is nested too deeply'],
    [{ scene: { ...SCENE, start: 'x' } }, 'scene is not valid'],
    [{ ...step1, seed: 'seven' }, 'seed must be a whole number'],
    [{ ...step1, seed: 7.5 }, 'seed must be a whole number'],
    [{ ...step1, seed: {} }, 'seed must be a whole number'],
    [{ ...step1, choice_id: 'finish_left' }, "choice 'finish_left' is not available"],
    [{ scene: SCENE, state: [] }, 'state must be an object'],
    [{ scene: SCENE, state: 'x' }, 'state must be an object'],
    [{ scene: SCENE, state: { ...state, scene_id: 'other' } }, 'state belongs to another scene'],
    [{ scene: SCENE, state: { ...state, current_node: 'x' } }, "unknown node 'x'"],
    [{ scene: SCENE, state: { ...state, rng: { seed: 7, value: 'x', uses: 1 } } }, 'state is damaged'],
    [{ scene: SCENE, state: { ...state, rng: null } }, 'state is damaged'],
    [{ scene: SCENE, state: { ...state, variables: [] } }, 'state is damaged'],
    [{ scene: SCENE, state: { ...state, history: [{}] } }, 'state is damaged'],
  ];
  for (const [body, message] of cases) {
    const answer = await call(STEP, body, { method: 'POST' });
    assert.deepEqual([answer.status, answer.body.message], [400, message], answer.text);
  }
  assert.deepEqual((await call(STEP, { scene: { ...SCENE, start: 'x' } })).body.errors, [
    { path: 'start', message: "there is no node 'x'" },
  ]);
  assert.equal((await call('/api/scenario/validate', {})).body.message, NO_SCENE);
  assert.equal((await call(STEP, { ...step1, pov: 5 })).status, 422);
});

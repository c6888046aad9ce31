import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startStudio } from './support.ts';

const STEP = '/api/scenario/run/step';
const node = (id: string, rest: object = {}) => ({ id, ...rest });
/** A scene whose start has these choices; they lead to the end unless they say otherwise. */
const withChoices = (choices: readonly object[], rest: object = {}) => ({
  id: 's',
  start: 'a',
  nodes: [node('a', { choices: choices.map(choice => ({ target: 'z', ...choice })) }), node('z')],
  ...rest,
});

const FILTERS: [name: string, choice: object, variables: object, pov: string, visible: boolean][] = [
  ['no weight', { weight: 0 }, {}, 'p', false],
  ['visible to nobody in particular', { visible_to: [] }, {}, 'p', true],
  ['visible to this one', { visible_to: ['q', 'p'] }, {}, 'p', true],
  ['visible to another', { visible_to: ['q'] }, {}, 'p', false],
  ...conditions('eq', 3, [3, true], [4, false], ['3', false]),
  ...conditions('eq', { a: [1] }, [{ a: [1] }, true], [{ a: [2] }, false]),
  ...conditions('neq', 3, [4, true], [3, false]),
  ...conditions('gt', 3, [4, true], [3, false], ['4', false]),
  ...conditions('gte', 3, [3, true], [2, false]),
  ...conditions('lt', 'b', ['a', true], ['b', false], [1, false]),
  ...conditions('lte', 3, [3, true], [4, false]),
  ...conditions('in', [1, 2], [2, true], [3, false]),
  ...conditions('not_in', [1, 2], [3, true], [2, false]),
  ...conditions('exists', undefined, [null, true], [0, true]),
  ...conditions('not_exists', undefined, [0, false]),
  [
    'all conditions must hold',
    { conditions: [is('eq', 1), { ...is('eq', 2), key: 'v' }] },
    { v: 1 },
    'p',
    false,
  ],
  ['a dotted key', { conditions: [{ key: 'a.b', operator: 'eq', value: 1 }] }, { a: { b: 1 } }, 'p', true],
  [
    'inherited members do not exist',
    { conditions: [{ key: 'toString', operator: 'exists' }] },
    {},
    'p',
    false,
  ],
  ...['eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'exists'].map(missing),
  ['in fails without the variable', { conditions: [is('in', [1])] }, {}, 'p', false],
  ['not_in fails without the variable', { conditions: [is('not_in', [1])] }, {}, 'p', false],
  ['not_exists holds without the variable', { conditions: [is('not_exists', undefined)] }, {}, 'p', true],
];

function is(operator: string, value: unknown) {
  return { key: 'v', operator, ...(value !== undefined && { value }) };
}

function conditions(operator: string, value: unknown, ...cases: [unknown, boolean][]): typeof FILTERS {
  return cases.map(([v, visible]) => [
    `${JSON.stringify(v)} ${operator} ${JSON.stringify(value)}`,
    { conditions: [is(operator, value)] },
    { v },
    'p',
    visible,
  ]);
}

function missing(operator: string): (typeof FILTERS)[number] {
  const value = operator === 'exists' ? undefined : 1;
  return [`${operator} fails without the variable`, { conditions: [is(operator, value)] }, {}, 'p', false];
}

test('each filter rule shows or hides a choice', async t => {
  const { call } = await startStudio(t);
  for (const [name, choice, variables, pov, visible] of FILTERS) {
    const scene = withChoices([{ id: 'it', ...choice }], { variables });
    const { body } = await call(STEP, { scene, pov });
    assert.equal(body.state?.current_node, visible ? 'z' : 'a', `${name}: ${JSON.stringify(body)}`);
    assert.equal(body.finished, true);
  }
});

import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { violations } from './layers.ts';
import { ROOT, readTree } from './source.ts';

/** Every folder with code that ships: the sources and the bins of the packages, and the examples. */
function shipped(): readonly string[] {
  return ['packages', 'examples']
    .filter(group => existsSync(join(ROOT, group)))
    .flatMap(group =>
      readdirSync(join(ROOT, group)).flatMap(name => [`${group}/${name}/src`, `${group}/${name}/bin`]),
    )
    .filter(folder => existsSync(join(ROOT, folder)));
}

test('every import of the repository keeps to the layer table', () => {
  const tree = readTree(shipped());
  assert.ok(tree.size > 50, `only ${tree.size} files were read`);
  assert.deepEqual(violations(tree), []);
});

test('one planted import breaks the table in the real tree', () => {
  const tree = readTree(shipped());
  const before = new Set(violations(tree));
  const planted = new Map(tree).set(
    'packages/kit/src/kernel/planted.ts',
    "import { x } from '../parts/otlp/part.ts';\n",
  );
  assert.deepEqual(
    violations(planted).filter(line => !before.has(line)),
    ['packages/kit/src/kernel/planted.ts:1: kit/kernel may not import kit/parts/otlp (static)'],
  );
});

test('reading no import is a finding', () => {
  assert.deepEqual(violations(new Map()), ['no import was read']);
  assert.deepEqual(violations(new Map([['packages/wire/src/a.ts', 'export const a = 1;\n']])), [
    'no import was read',
  ]);
});

/** One file of a virtual tree and what it must not, or may, import. */
const REFUSED: readonly (readonly [path: string, text: string, why: RegExp])[] = [
  ['packages/wire/src/a.ts', "import { x } from 'zod';", /wire is pure: zod/],
  ['packages/wire/src/a.ts', "import { x } from 'node:fs';", /wire is pure: node:fs/],
  ['packages/wire/src/a.ts', "import { x } from './ops.ts';", /wire may not import wire\/ops/],
  ['packages/wire/src/ops.ts', "import { x } from 'node:fs';", /wire\/ops is pure/],
  [
    'packages/privacy/src/a.ts',
    "import { x } from '@plimsoll/wire';",
    /privacy may not import @plimsoll\/wire/,
  ],
  [
    'packages/kit/src/base/a.ts',
    "import { x } from '../config/load.ts';",
    /kit\/base may not import kit\/config/,
  ],
  [
    'packages/kit/src/base/a.ts',
    "import type { X } from '../config/load.ts';",
    /kit\/base may not import kit\/config \(type\)/,
  ],
  [
    'packages/kit/src/config/a.ts',
    "import { x } from '@plimsoll/privacy';",
    /kit\/config may not import @plimsoll\/privacy/,
  ],
  [
    'packages/kit/src/signals/log/a.ts',
    "import { x } from '../trace/a.ts';",
    /kit\/signals\/log may not import kit\/signals\/trace/,
  ],
  ['packages/kit/src/signals/a.ts', "import { x } from './trace/a.ts';", /in no layer/],
  [
    'packages/kit/src/kernel/a.ts',
    "const x = await import('../parts/otlp/part.ts');",
    /kit\/kernel may not import kit\/parts\/otlp \(dynamic\)/,
  ],
  ['packages/kit/src/kernel/a.ts', "import { x } from '../../../wire/src/index.ts';", /leaves the package/],
  [
    'packages/kit/src/parts/otlp/gate.ts',
    "import { x } from './part.ts';",
    /kit\/gate\/otlp may not import kit\/parts\/otlp/,
  ],
  [
    'packages/kit/src/parts/otlp/part.ts',
    "import { x } from '../memory/part.ts';",
    /may not import kit\/parts\/memory/,
  ],
  [
    'packages/kit/src/parts/otlp/part.ts',
    "import { x } from '../memory/gate.ts';",
    /may not import kit\/gate\/memory/,
  ],
  [
    'packages/kit/src/adapters/fastify.ts',
    "import { x } from './express.ts';",
    /may not import kit\/adapters\/express/,
  ],
  ['packages/kit/src/adapters/fastify.ts', "import fastify from 'fastify';", /its types only/],
  [
    'packages/kit/src/adapters/fastify.ts',
    "import { x } from '../ops/router.ts';",
    /may not import kit\/ops/,
  ],
  [
    'packages/kit/src/ops/a.ts',
    "import { x } from '../adapters/node.ts';",
    /may not import kit\/adapters\/node/,
  ],
  [
    'packages/kit/src/app/a.ts',
    "import { x } from '../parts/otlp/part.ts';",
    /may not import kit\/parts\/otlp \(static\)/,
  ],
  ['packages/kit/src/app/a.ts', 'export const f = (n: string) => import(n);', /computed name/],
  ['packages/kit/bin/a.js', "import '@plimsoll/cli';", /kit\/bin may not import @plimsoll\/cli \(static\)/],
  ['packages/kit/src/fresh/a.ts', "import 'node:fs';", /in no layer/],
  [
    'packages/browser/src/a.ts',
    "import { x } from '@plimsoll/wire/ops';",
    /browser may not import @plimsoll\/wire\/ops/,
  ],
  [
    'packages/console/src/store/a.ts',
    "import { x } from '../receiver/a.ts';",
    /may not import console\/receiver/,
  ],
  [
    'packages/console/src/ui/a.ts',
    "import { x } from '@plimsoll/wire';",
    /console\/ui may not import @plimsoll\/wire \(static\)/,
  ],
  [
    'packages/cli/src/a.ts',
    "import { x } from '@plimsoll/console';",
    /cli may not import @plimsoll\/console \(static\)/,
  ],
  ['packages/cli/src/a.ts', "import { x } from 'plimsoll/src/app/init.ts';", /not a public name/],
  [
    'examples/divan/src/a.ts',
    "import { x } from '../../../packages/kit/src/app/init.ts';",
    /leaves the package/,
  ],
];

for (const [path, text, why] of REFUSED) {
  test(`${path} is refused: ${text}`, () => {
    const found = violations(new Map([[path, text]])).filter(line => line !== 'no import was read');
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0] ?? '', why);
  });
}

const GRANTED: readonly (readonly [path: string, text: string])[] = [
  ['packages/kit/src/signals/log/a.ts', "import { x } from '../context/context.ts';"],
  ['packages/kit/src/parts/otlp/part.ts', "import { x } from './gate.ts';"],
  ['packages/kit/src/adapters/fastify.ts', "import type { FastifyInstance } from 'fastify';"],
  ['packages/kit/src/adapters/fastify.ts', "import { x } from './exchange.ts';"],
  ['packages/kit/src/app/a.ts', "export const f = () => import('../parts/otlp/part.ts');"],
  ['packages/kit/src/app/a.ts', "import { x } from '../parts/otlp/gate.ts';"],
  ['packages/kit/bin/a.js', "export const f = () => import('@plimsoll/cli');"],
  ['packages/cli/src/a.ts', "import { x } from 'plimsoll/kit';"],
  ['examples/divan/src/a.ts', "import { x } from 'plimsoll';"],
];

test('what the table grants is granted', () => {
  for (const [path, text] of GRANTED)
    assert.deepEqual(violations(new Map([[path, text]])), [], `${path}: ${text}`);
});

test('an import inside a comment or a text is not an import', () => {
  const text =
    "// import { x } from '../parts/otlp/part.ts'\nexport const t = `import('../parts/otlp/part.ts')`;\nimport '../base/a.ts';\n";
  assert.deepEqual(violations(new Map([['packages/kit/src/kernel/a.ts', text]])), []);
});

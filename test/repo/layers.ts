import { posix } from 'node:path';
import { type Import, parse, type Tree } from './source.ts';

/**
 * Who may import whom, as data. A target is a layer; `layer:dynamic` is met by `import()` only,
 * and an `import type` may name whatever an `import()` may.
 * `own` stands for the same unit (a signal's folder, a part's folder, an adapter's file).
 */
interface Layer {
  /** One capture names the unit, where siblings are kept apart. */
  readonly at: RegExp;
  readonly may: readonly string[];
}

const BELOW_KERNEL = ['kit/base', 'kit/config', 'kit/signals', 'privacy', 'wire'] as const;
const BELOW_PARTS = [...BELOW_KERNEL, 'kit/kernel'] as const;
const ALL_KIT = [
  ...BELOW_PARTS,
  'wire/ops',
  'kit/gate',
  'kit/routes',
  'kit/parts',
  'kit/adapters',
  'kit/ops',
  'kit/app',
  'kit/testing',
  'kit/public',
] as const;

export const LAYERS: Readonly<Record<string, Layer>> = {
  'wire/ops': { at: /^packages\/wire\/src\/ops(?:\.ts$|\/)/, may: ['own', 'wire'] },
  wire: { at: /^packages\/wire\/src\//, may: ['own'] },
  privacy: { at: /^packages\/privacy\/src\//, may: ['own'] },
  'kit/base': { at: /^packages\/kit\/src\/base\//, may: ['own', 'wire'] },
  'kit/config': { at: /^packages\/kit\/src\/config\//, may: ['own', 'kit/base', 'wire'] },
  'kit/signals': {
    at: /^packages\/kit\/src\/signals\/([^/]+)\//,
    may: ['own', 'kit/base', 'kit/config', 'privacy', 'wire', 'kit/signals#context'],
  },
  'kit/kernel': { at: /^packages\/kit\/src\/kernel\//, may: ['own', ...BELOW_KERNEL] },
  'kit/gate': {
    at: /^packages\/kit\/src\/parts\/([^/]+)\/gate\.ts$/,
    may: ['kit/base', 'kit/config', 'wire'],
  },
  'kit/routes': {
    at: /^packages\/kit\/src\/parts\/([^/]+)\/routes(?:\.ts$|\/)/,
    may: ['own', 'own gate', 'own part', ...BELOW_PARTS, 'wire/ops'],
  },
  'kit/parts': { at: /^packages\/kit\/src\/parts\/([^/]+)\//, may: ['own', 'own gate', ...BELOW_PARTS] },
  'kit/adapters': {
    at: /^packages\/kit\/src\/adapters\/([^/.]+)/,
    may: ['own', ...BELOW_PARTS, 'kit/adapters#exchange', 'kit/adapters#node', 'kit/adapters#fetch'],
  },
  'kit/ops': { at: /^packages\/kit\/src\/ops\//, may: ['own', ...BELOW_PARTS, 'wire/ops'] },
  'kit/app': {
    at: /^packages\/kit\/src\/app\//,
    may: [
      ...[
        'own',
        ...BELOW_PARTS,
        'kit/gate',
        'kit/parts:dynamic',
        'kit/routes:dynamic',
        'kit/adapters:dynamic',
        'kit/ops:dynamic',
      ],
      // `init` always loads these three (docs/adr/0006): handler and fetch are synchronous.
      ...['kit/adapters#exchange', 'kit/adapters#node', 'kit/adapters#fetch'],
    ],
  },
  'kit/testing': { at: /^packages\/kit\/src\/testing\//, may: ['own', ...ALL_KIT] },
  'kit/public': { at: /^packages\/kit\/src\/public\//, may: ['own', ...ALL_KIT] },
  'kit/bin': { at: /^packages\/kit\/bin\//, may: ['cli:dynamic'] },
  browser: { at: /^packages\/browser\/src\//, may: ['own', 'wire', 'privacy'] },
  'console/store': { at: /^packages\/console\/src\/store\//, may: ['own', 'wire'] },
  'console/receiver': {
    at: /^packages\/console\/src\/receiver\//,
    may: ['own', 'wire', 'privacy', 'console/store'],
  },
  'console/api': { at: /^packages\/console\/src\/api\//, may: ['own', 'wire', 'wire/ops', 'console/store'] },
  'console/ui': { at: /^packages\/console\/src\/ui\//, may: ['own', 'wire:type', 'wire/ops:type'] },
  'console/server': {
    at: /^packages\/console\/src\/server\.ts$/,
    may: ['own', 'wire', 'privacy', 'console/store', 'console/receiver', 'console/api'],
  },
  cli: {
    at: /^packages\/cli\/src\//,
    may: ['own', 'wire', 'wire/ops', 'privacy', 'kit/public', 'console/server:dynamic'],
  },
  examples: { at: /^examples\/([^/]+)\/src\//, may: ['own'] },
};

/** Package name → the layer that its public names stand for. */
const PACKAGES: readonly (readonly [RegExp, string])[] = [
  [/^@plimsoll\/wire\/ops$/, 'wire/ops'],
  [/^@plimsoll\/wire$/, 'wire'],
  [/^@plimsoll\/privacy$/, 'privacy'],
  [/^@plimsoll\/cli$/, 'cli'],
  [/^@plimsoll\/browser$/, 'browser'],
  [/^@plimsoll\/console$/, 'console/server'],
  [/^plimsoll(?:\/[a-z-]+)?$/, 'kit/public'],
];
/** Handed in by the user; an adapter knows their types only. */
const FRAMEWORK = /^(fastify|express|koa|hono|socket\.io|@fastify\/.+|@hono\/.+)(\/|$)/;
/**
 * The places that may load a module by a name they are given: optional peers, the CLI from the user's project, what
 * must be there before the app's first line, and the flow that `plimsoll golden` was told to run.
 */
const COMPUTED = new Set([
  'packages/kit/src/base/optional.ts',
  'packages/kit/src/app/register.ts',
  'packages/kit/bin/plimsoll.js',
  'packages/cli/src/golden/load-flow.ts',
]);
/** Vite bundles the page, so an import that pulls in code of no layer is style or an asset. */
const ASSET = /\.(css|svg)$/;

interface Place {
  readonly layer: string;
  readonly unit: string;
}

/** What breaks the table, one line for each finding. Reading nothing is a finding too. */
export function violations(tree: Tree): readonly string[] {
  const found: string[] = [];
  let imports = 0;
  for (const source of parse(tree)) {
    const from = placeOf(source.path);
    if (from === undefined) {
      found.push(`${source.path}: this folder is in no layer`);
      continue;
    }
    imports += source.imports.length;
    for (const one of source.imports) {
      const wrong = judge(source.path, from, one);
      if (wrong !== undefined) found.push(`${source.path}:${one.line}: ${wrong}`);
    }
  }
  if (imports === 0) found.push('no import was read');
  return found;
}

function placeOf(path: string): Place | undefined {
  for (const [layer, { at }] of Object.entries(LAYERS)) {
    const match = at.exec(path);
    if (match !== null) return { layer, unit: match[1] ?? '' };
  }
  return undefined;
}

function judge(path: string, from: Place, one: Import): string | undefined {
  const { target, kind } = one;
  if (target === undefined)
    return COMPUTED.has(path) ? undefined : 'import() of a computed name hides from the table';
  if (ASSET.test(target)) return undefined;
  if (!target.startsWith('.')) return judgeBare(from, target, kind);
  const file = posix.join(posix.dirname(path), target);
  if (packageOf(file) !== packageOf(path)) return `${target} leaves the package; import it by its name`;
  const to = placeOf(file);
  if (to === undefined) return `${target} is in no layer`;
  return allowed(from, to, kind) ? undefined : `${label(from)} may not import ${label(to)} (${kind})`;
}

function judgeBare(from: Place, target: string, kind: Import['kind']): string | undefined {
  const row = PACKAGES.find(([pattern]) => pattern.test(target));
  if (row !== undefined) {
    if (from.layer === 'examples') return undefined;
    const to = { layer: row[1], unit: '' };
    return allowed(from, to, kind) ? undefined : `${label(from)} may not import ${target} (${kind})`;
  }
  if (/^(@?plimsoll)\//.test(target)) return `${target} is not a public name`;
  const pure = from.layer === 'wire' || from.layer === 'privacy' || from.layer === 'wire/ops';
  if (pure && (target.startsWith('node:') || from.layer !== 'wire/ops'))
    return `${from.layer} is pure: ${target}`;
  if (from.layer === 'kit/adapters' && FRAMEWORK.test(target) && kind !== 'type') {
    return `an adapter is handed ${target}; it may import its types only`;
  }
  return undefined;
}

function allowed(from: Place, to: Place, kind: Import['kind']): boolean {
  const may = LAYERS[from.layer]?.may ?? [];
  return may.some(rule => {
    if (rule === 'own') return from.layer === to.layer && from.unit === to.unit;
    if (rule === 'own part') return to.layer === 'kit/parts' && from.unit === to.unit;
    if (rule === 'own gate') return to.layer === 'kit/gate' && from.unit === to.unit;
    const [name = '', only] = rule.split(':');
    if (only === 'dynamic' && kind === 'static') return false;
    if (only === 'type' && kind !== 'type') return false;
    const [layer, unit] = name.split('#');
    return layer === to.layer && (unit === undefined || unit === to.unit);
  });
}

const packageOf = (path: string): string => path.split('/').slice(0, 2).join('/');
const label = ({ layer, unit }: Place): string => (unit === '' ? layer : `${layer}/${unit}`);

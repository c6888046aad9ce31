import { spawn } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import { relative, resolve } from 'node:path';

/**
 * `npm test` checks, builds what is stale, and runs every suite that needs nothing but this checkout.
 * `npm test -- service` (or `hostile`, `faults`) runs that suite; anything else is a path or a glob of test files.
 */
const root = resolve(import.meta.dirname, '..');
const SUITES = ['service', 'hostile', 'faults'] as const;
const NODE = process.execPath;
/** A file of tests that hangs fails here, not at the end of CI's patience; a suite with services is given longer. */
const TIMEOUT_MS = { plain: 180_000, suite: 900_000 } as const;

async function main(args: readonly string[]): Promise<number> {
  const everything = args.length === 0;
  const files = select(args);
  if (files.length === 0) {
    console.error(`no test file matches ${args.join(' ')}; try a path, or one of: ${SUITES.join(', ')}`);
    return 1;
  }
  if (everything && (await run(NODE, ['tools/check.ts'])) !== 0) return 1;
  if (stale() && (await run(NODE, ['tools/build.ts'])) !== 0) return 1;
  return run(NODE, [
    '--conditions=plimsoll-source',
    '--test',
    '--test-concurrency=2',
    `--test-timeout=${everything ? TIMEOUT_MS.plain : TIMEOUT_MS.suite}`,
    ...files,
  ]);
}

function select(args: readonly string[]): readonly string[] {
  const all = globSync(
    ['packages/*/test/**/*.test.ts', 'examples/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    {
      cwd: root,
    },
  ).filter(path => !path.includes('node_modules'));
  const suiteOf = (path: string) => SUITES.find(suite => path.endsWith(`.${suite}.test.ts`));
  if (args.length === 0) return all.filter(path => suiteOf(path) === undefined).sort();
  return all
    .filter(path =>
      args.some(arg => {
        if (SUITES.some(suite => suite === arg)) return suiteOf(path) === arg;
        const wanted = relative(root, resolve(arg));
        return path === wanted || path.startsWith(`${wanted}/`) || path.includes(arg);
      }),
    )
    .sort();
}

/** Tests of what ships read the dist, so it must be younger than every source. */
function stale(): boolean {
  return ['wire', 'privacy', 'kit', 'console', 'cli'].some(name => {
    const built = statSync(`${root}/packages/${name}/dist`, { throwIfNoEntry: false });
    if (built === undefined) return true;
    const inputs = globSync(
      [
        `packages/{wire,privacy,${name}}/{src/**/*.{ts,tsx,css,html,svg},package.json,tsconfig.json,vite.config.ts}`,
        'tools/build.ts',
      ],
      {
        cwd: root,
      },
    );
    return inputs.some(path => statSync(`${root}/${path}`).mtimeMs > built.birthtimeMs);
  });
}

/** Hundreds of child processes load the same sources: compiled once, each starts in a third of the time. */
const COMPILED = { NODE_COMPILE_CACHE: resolve(root, 'node_modules/.cache/compile'), ...process.env };

function run(command: string, args: readonly string[]): Promise<number> {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit', env: COMPILED });
  return new Promise(done => child.on('close', code => done(code ?? 1)));
}

process.exitCode = await main(process.argv.slice(2));

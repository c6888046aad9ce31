import { spawn } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { type BuildFailure, build, type Plugin } from 'esbuild';

/**
 * Builds the dist of every package: `tsc` writes the types, esbuild the code.
 * One chunk for each subpath of `exports` and for each target of an `import('./…')`, without splitting:
 * what is off must load no module beyond its gate, and a shared chunk would be one more.
 */
const root = resolve(import.meta.dirname, '..');
/** In the order of their types; a row may run together. */
const STEPS: readonly (readonly string[])[] = [['wire', 'privacy'], ['kit', 'console'], ['cli']];
/** Inlined where they are imported; their subpaths (`@plimsoll/wire/ops` pulls in zod) never are. */
const INLINED: ReadonlyMap<string, string> = new Map([
  ['@plimsoll/wire', join(root, 'packages/wire/src/index.ts')],
  ['@plimsoll/privacy', join(root, 'packages/privacy/src/index.ts')],
]);

interface Manifest {
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

async function main(): Promise<number> {
  const began = performance.now();
  for (const step of STEPS) {
    const present = step.filter(name => existsSync(join(root, 'packages', name, 'src')));
    const failed = (await Promise.all(present.map(buildPackage))).flat();
    for (const line of failed) console.error(line);
    if (failed.length > 0) return 1;
  }
  console.log(`built ${STEPS.flat().join(', ')} in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  return 0;
}

/** Puts the new dist in place of the old in one rename, and gives back what went wrong. */
async function buildPackage(name: string): Promise<readonly string[]> {
  const home = join(root, 'packages', name);
  const fresh = join(home, `dist.${process.pid}.new`);
  const old = join(home, `dist.${process.pid}.old`);
  try {
    await mkdir(fresh, { recursive: true });
    const failed = (
      await Promise.all([emitTypes(home, fresh), bundle(home, fresh), buildPage(home, fresh)])
    ).flat();
    if (failed.length > 0) return failed.map(line => `${name}: ${line}`);
    await swap(fresh, join(home, 'dist'), old);
    return [];
  } finally {
    const left = globSync(`dist.${process.pid}.*`, { cwd: home });
    await Promise.all(left.map(folder => rm(join(home, folder), { recursive: true, force: true })));
  }
}

/** Another build may put its dist there between the two renames; the last one wins. */
async function swap(fresh: string, dist: string, old: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    if (existsSync(dist)) await rename(dist, `${old}.${attempt}`).catch(() => {});
    try {
      await rename(fresh, dist);
      break;
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

async function emitTypes(home: string, out: string): Promise<readonly string[]> {
  const failed = await tool('typescript/bin/tsc', ['-p', home, '--outDir', out, '--pretty', 'false']);
  if (failed.length > 0) return failed;
  await Promise.all(globSync('**/*.d.ts', { cwd: out }).map(path => nameCode(join(out, path))));
  return [];
}

/** The page of a package that has one, by Vite, beside its code. */
async function buildPage(home: string, out: string): Promise<readonly string[]> {
  const config = join(home, 'vite.config.ts');
  if (!existsSync(config)) return [];
  return tool('vite/bin/vite.js', ['build', '--config', config, '--outDir', join(out, 'ui')]);
}

/** Runs a script of a dependency; gives what it said where it failed, a line each. */
async function tool(script: string, args: readonly string[]): Promise<readonly string[]> {
  const child = spawn(process.execPath, [join(root, 'node_modules', script), ...args], { cwd: root });
  const chunks: Buffer[] = [];
  child.stdout.on('data', chunk => chunks.push(chunk));
  child.stderr.on('data', chunk => chunks.push(chunk));
  const code = await new Promise<number | null>(done => child.on('close', done));
  return code === 0 ? [] : Buffer.concat(chunks).toString('utf8').trim().split('\n');
}

/** tsc leaves `.ts` in the types it emits; beside a dist there is only `.js`. */
async function nameCode(path: string): Promise<void> {
  const text = await readFile(path, 'utf8');
  const named = text.replaceAll(/((?:from|import)[ (]*['"]\.{1,2}\/[^'"]+)\.ts(['"])/g, '$1.js$2');
  if (named !== text) await writeFile(path, named);
}

/** Follows the dynamic imports from the exports on, so that no list of chunks must be kept. */
async function bundle(home: string, out: string): Promise<readonly string[]> {
  const source = join(home, 'src');
  const chunks = new Map(subpaths(home));
  const failures: string[] = [];
  const chunkOf = (file: string): string => {
    const known = chunks.get(file);
    if (known !== undefined) return known;
    const path = relative(source, file);
    if (path.startsWith('..')) throw new Error(`import() leaves the package: ${path}`);
    const chunk = path.replace(/\.ts$/, '.js');
    if ([...chunks.values()].includes(chunk)) throw new Error(`two entries want the chunk ${chunk}`);
    chunks.set(file, chunk);
    return chunk;
  };
  const done = new Set<string>();
  for (let next = [...chunks]; next.length > 0; next = [...chunks].filter(([file]) => !done.has(file))) {
    for (const [file] of next) done.add(file);
    const results = await Promise.all(
      next.map(([file, chunk]) => bundleOne(file, join(out, chunk), chunkOf)),
    );
    failures.push(...results.flat());
  }
  return failures;
}

async function bundleOne(
  entry: string,
  outfile: string,
  chunkOf: (file: string) => string,
): Promise<readonly string[]> {
  try {
    await build({
      entryPoints: [entry],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node22',
      // A published module with top-level await could not be loaded by `require`.
      supported: { 'top-level-await': false },
      legalComments: 'none',
      logLevel: 'silent',
      plugins: [chunkPlugin(entry, chunkOf)],
    });
    return [];
  } catch (error) {
    const { errors } = error as BuildFailure;
    if (errors === undefined) throw error;
    return errors.map(({ text, location }) =>
      location ? `${location.file}:${location.line} ${text}` : text,
    );
  }
}

function chunkPlugin(entry: string, chunkOf: (file: string) => string): Plugin {
  return {
    name: 'chunks',
    setup(on) {
      on.onResolve({ filter: /.*/ }, args => {
        if (args.kind === 'entry-point') return undefined;
        if (!args.path.startsWith('.')) {
          const inlined = INLINED.get(args.path);
          // Without `sideEffects: false` esbuild keeps a bare import of what it has shaken off.
          return inlined === undefined
            ? { path: args.path, external: true, sideEffects: false }
            : { path: inlined, sideEffects: false };
        }
        if (args.kind !== 'dynamic-import') return undefined;
        const chunk = chunkOf(resolve(args.resolveDir, args.path));
        const path = relative(dirname(chunkOf(entry)), chunk);
        return { path: path.startsWith('.') ? path : `./${path}`, external: true };
      });
    },
  };
}

/** Source file → chunk, for every subpath of `exports` that has code. */
function subpaths(home: string): readonly (readonly [string, string])[] {
  const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as Manifest;
  return Object.values(manifest.exports).flatMap(target => {
    if (typeof target === 'string') return [];
    const { 'plimsoll-source': source, default: chunk } = target;
    if (source === undefined || chunk === undefined) return [];
    return [[join(home, source), relative('dist', chunk)] as const];
  });
}

process.exitCode = await main();

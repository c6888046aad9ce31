/** What a bench needs before it can start: its own packages, and a dist that is not older than its source. */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, statSync } from 'node:fs';

const bench = new URL('..', import.meta.url).pathname;
const root = new URL('../..', import.meta.url).pathname;
const DISTS = [
  'kit/dist/index.js',
  'privacy/dist/index.js',
  'wire/dist/index.js',
  'console/dist/server.js',
].map(file => `packages/${file}`);

export function prepare(): void {
  // npm leaves this file at the end: a folder without it is an install that broke off.
  const installed = `${bench}node_modules/.package-lock.json`;
  if (newest([`${bench}package-lock.json`]) > newest([installed]))
    run('npm', ['ci', '--no-audit', '--no-fund'], bench);
  build();
}

/** The dist alone, for a bench that has no peers. */
export function build(): void {
  const sources = globSync('packages/{wire,privacy,kit,console}/src/**/*.ts', { cwd: root });
  const built = Math.min(...DISTS.map(file => newest([root + file])));
  if (newest(sources.map(file => root + file)) > built) run(process.execPath, ['tools/build.ts'], root);
}

/** When the newest of the files changed; 0 of none. */
function newest(files: readonly string[]): number {
  return Math.max(0, ...files.filter(file => existsSync(file)).map(file => statSync(file).mtimeMs));
}

function run(command: string, args: readonly string[], cwd: string): void {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  if (status !== 0) throw new Error(`\`${command} ${args.join(' ')}\` in ${cwd} ended with ${status}`);
}

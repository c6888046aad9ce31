import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';

export const run = promisify(execFile);
export const root = resolve(import.meta.dirname, '../..');

/** Every package that the build has made something of. */
export const packages: readonly string[] = readdirSync(join(root, 'packages'))
  .map(name => join(root, 'packages', name))
  .filter(folder => existsSync(join(folder, 'dist')));

/** npm as this process's Node runs it, without the settings of the `npm test` around it. */
export function npm(args: readonly string[], cwd: string): Promise<{ stdout: string; stderr: string }> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('npm_') && name !== 'NODE_TEST_CONTEXT'),
  );
  return run('npm', [...args], {
    cwd,
    env: { ...env, npm_config_update_notifier: 'false' },
    maxBuffer: 16_777_216,
  });
}

/** The files that `npm pack` would put into the tarball. */
export async function packed(folder: string): Promise<readonly string[]> {
  const { stdout } = await npm(['pack', '--dry-run', '--json', '--ignore-scripts'], folder);
  const [report] = JSON.parse(stdout) as readonly { readonly files: readonly { readonly path: string }[] }[];
  return (report?.files ?? []).map(({ path }) => path);
}

/** Packs packages into `into`, all unless named, and gives back the tarballs. */
export async function tarballs(into: string, names?: readonly string[]): Promise<readonly string[]> {
  const made: string[] = [];
  for (const folder of packages.filter(one => names?.includes(basename(one)) ?? true)) {
    const { stdout } = await npm(['pack', '--json', '--ignore-scripts', '--pack-destination', into], folder);
    const [report] = JSON.parse(stdout) as readonly { readonly filename: string }[];
    const path = join(into, report?.filename ?? '');
    if (report === undefined || !existsSync(path)) throw new Error(`npm pack made nothing of ${folder}`);
    made.push(path);
  }
  return made;
}

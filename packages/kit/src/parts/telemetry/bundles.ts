import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

export function bundleFolder(root: string): string {
  return join(root, 'logs/diagnostics');
}

/** Removes all but the newest `keep` bundles of ours. */
export async function prune(folder: string, prefix: string, keep: number): Promise<void> {
  const files = await readdir(folder).catch(() => []);
  const ours = files.filter(name => name.startsWith(`${prefix}-`) && name.endsWith('.zip')).sort();
  for (const name of ours.slice(0, Math.max(0, ours.length - keep)))
    await rm(join(folder, name), { force: true });
}

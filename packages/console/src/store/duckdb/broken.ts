import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A file that was set aside. It counts towards the quota and is the first to go. */
export interface BrokenFile {
  readonly path: string;
  readonly bytes: number;
  /** Epoch milliseconds. */
  readonly modified: number;
}

export async function brokenFiles(dir: string): Promise<readonly BrokenFile[]> {
  const names = (await readdir(dir)).filter(name => name.endsWith('.broken')).sort();
  return Promise.all(
    names.map(async name => {
      const path = join(dir, name);
      const file = await stat(path).catch(() => undefined);
      return { path, bytes: file?.size ?? 0, modified: file?.mtimeMs ?? 0 };
    }),
  );
}

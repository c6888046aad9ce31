import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { writeFileAtomicSync } from '../../base/atomic-file.ts';
import { GoldenError } from './error.ts';
import { type Json, normalise } from './rules.ts';

/** Name → golden value. */
export type Goldens = Readonly<Record<string, Json>>;

export const pathOf = (file: string | URL): string => (file instanceof URL ? fileURLToPath(file) : file);

/** What the file holds, or undefined where there is none. Throws PLIMSOLL_GOLDEN_FILE for one that can't be read. */
export function readGoldens(path: string): Goldens | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new GoldenError('PLIMSOLL_GOLDEN_FILE', { summary: path, cause: error });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new GoldenError('PLIMSOLL_GOLDEN_FILE', { summary: `${path} is not JSON`, cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new GoldenError('PLIMSOLL_GOLDEN_FILE', { summary: `${path} is not an object of names` });
  return normalise(value) as Goldens;
}

/** Source files are for everyone who may read the repository. */
const MODE = 0o644;

/** Sorted, so that an update shows what changed and nothing else; whole, or not at all. */
export function writeGoldens(path: string, goldens: Goldens): void {
  writeFileAtomicSync(path, `${JSON.stringify(normalise(goldens), null, 2)}\n`, { mode: MODE });
}

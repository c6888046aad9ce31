import { realpathSync, statSync } from 'node:fs';
import { writeFileAtomic } from '../base/atomic-file.ts';
import { withFileLock } from '../base/file-lock.ts';
import { OpsError } from '../base/ops-error.ts';
import { parseObject, readConfigFile } from './files.ts';
import { setMember } from './json-edit.ts';
import { isObject } from './parse.ts';

/** Sets one member; objects on the way are made. */
export interface FileEdit {
  readonly path: readonly string[];
  readonly value: unknown;
  /** Leaves what stands there. */
  readonly unlessSet?: true;
}

const NEW_FILE = '{}\n';

/**
 * Applies all edits to a config file, or none: what another process wrote since we read it stays. A file that does not
 * parse is never written over. Rejects with an OpsError that says what to do.
 */
export async function writeConfigFile(
  { path, label }: { readonly path: string; readonly label: string },
  edits: readonly FileEdit[],
): Promise<void> {
  try {
    // What a link names is written, and the link stays.
    const real = realPath(path);
    const done = await withFileLock(`${real}.lock`, held => edit({ path: real, label, edits }, held));
    if (done === undefined) throw new OpsError('config_locked');
  } catch (error) {
    if ((error as OpsError).name === 'OpsError') throw error;
    throw new OpsError('config_unwritable', { hint: `Check the rights and the space: ${label}.` });
  }
}

async function edit(
  file: { readonly path: string; readonly label: string; readonly edits: readonly FileEdit[] },
  held: () => boolean,
): Promise<void> {
  const { text } = readConfigFile(file.path);
  const mode = statSync(file.path, { throwIfNoEntry: false })?.mode;
  // One that is there and can't be read is not replaced either.
  if (text === undefined && mode !== undefined) throw new OpsError('config_unwritable');
  const before = text === undefined || text.trim() === '' ? NEW_FILE : text;
  const content = parseObject(before);
  if (content === undefined || !file.edits.every(({ path }) => leadsThroughObjects(content, path))) {
    throw new OpsError('config_corrupt', { hint: `Mend it by hand, it was not touched: ${file.label}.` });
  }
  const edits = file.edits.filter(({ path, unlessSet }) => unlessSet !== true || !isSet(content, path));
  const after = edits.reduce((edited, { path, value }) => setMember(edited, path, value), before);
  if (after === text) return;
  if (!held()) throw new OpsError('config_locked');
  await writeFileAtomic(file.path, after, mode === undefined ? {} : { mode: mode & 0o777 });
}

/** `features: "none"` is somebody's mistake, and theirs to mend: nothing that stands there is written over. */
function leadsThroughObjects(content: Readonly<Record<string, unknown>>, path: readonly string[]): boolean {
  let at: unknown = content;
  for (const key of path.slice(0, -1)) {
    if (!isObject(at)) return false;
    if (!Object.hasOwn(at, key)) return true;
    at = at[key];
  }
  return isObject(at);
}

function isSet(content: Readonly<Record<string, unknown>>, path: readonly string[]): boolean {
  let at: unknown = content;
  for (const key of path) at = isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  return at !== undefined;
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

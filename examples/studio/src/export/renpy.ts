import { randomBytes } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from '../files.ts';
import type { Gathered } from './gather.ts';
import { sha256 } from './library.ts';
import { labelsOf, renderScript, type SceneLabel } from './script.ts';

export interface RenpyScript {
  readonly text: string;
  readonly sha256: string;
  readonly labels: readonly SceneLabel[];
}

/** Where the script is in a project of Ren'Py. */
export const SCRIPT = 'game/script.rpy';

export function makeScript({ project, timeline, scenes }: Gathered, generatedAt: string): RenpyScript {
  const labels = labelsOf(scenes);
  const title = project?.value.title ?? project?.id ?? timeline.id;
  const text = renderScript({ title, generatedAt, scenes, labels });
  return { text, sha256: sha256(text), labels };
}

/**
 * Projects of Ren'Py, a folder for each project and timeline. Each export is made beside the one before it and takes its
 * place as a whole, so that nothing of an earlier export is left in it.
 */
export class RenpyFolder {
  readonly #root: string;
  /** Exports of one folder, one after the other. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(runtimeRoot: string) {
    this.#root = join(runtimeRoot, 'exports/renpy');
  }

  pathOf({ project, timeline }: Gathered): string {
    return join(this.#root, project?.id ?? '_', timeline.id);
  }

  write(path: string, { text }: RenpyScript): Promise<void> {
    const before = this.#turns.get(path) ?? Promise.resolve();
    const turn = before.catch(() => {}).then(() => replace(path, text));
    this.#turns.set(path, turn);
    const forget = () => {
      if (this.#turns.get(path) === turn) this.#turns.delete(path);
    };
    turn.then(forget, forget);
    return turn;
  }
}

async function replace(path: string, text: string): Promise<void> {
  const fresh = `${path}.${randomBytes(4).toString('hex')}.new`;
  try {
    await writeWhole(join(fresh, SCRIPT), text);
    await rm(path, { recursive: true, force: true });
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    throw error;
  }
}

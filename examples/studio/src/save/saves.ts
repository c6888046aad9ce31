import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isMembers, type Members } from '../body.ts';
import { Refusal } from '../failure.ts';
import { isMissing, isoSeconds, writeWhole } from '../files.ts';

export interface SlotInfo {
  readonly slot: string;
  /** Milliseconds since the epoch. */
  readonly saved_at: number;
  readonly saved_at_iso: string;
  readonly size_bytes: number;
}

const NEEDED = ['vars', 'node_pointer', 'seed'] as const;

/** Saved games, a file each. */
export class Saves {
  readonly #folder: string;
  readonly #now: () => number;

  constructor(runtimeRoot: string, now: () => number) {
    this.#folder = join(runtimeRoot, 'data/saves');
    this.#now = now;
  }

  /** Keeps what the client added, but for the names that are the store's own. */
  async store(slot: string, given: unknown): Promise<Members> {
    const { vars, node_pointer, seed, ...extra } = checked(given);
    const saved_at = this.#now();
    const own = { slot, saved_at, saved_at_iso: isoSeconds(saved_at), vars, node_pointer, seed };
    const save = { ...extra, ...own };
    await writeWhole(this.#path(slot), `${JSON.stringify(save, null, 2)}\n`);
    return save;
  }

  async load(slot: string): Promise<Members> {
    let text: string;
    try {
      text = await readFile(this.#path(slot), 'utf8');
    } catch (error) {
      if (isMissing(error)) throw new Refusal(404, `no save in slot '${slot}'`);
      throw error;
    }
    const save = parsed(text);
    if (save === undefined) throw new Refusal(500, `save '${slot}' is corrupt`, { code: 'save_corrupt' });
    return save;
  }

  /** Newest first; a file that is no save is left out. */
  async list(): Promise<readonly SlotInfo[]> {
    const names = await readdir(this.#folder).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    const slots = names.filter(name => name.endsWith('.json')).map(name => this.#info(name));
    const found = (await Promise.all(slots)).filter(one => one !== undefined);
    return found.sort((a, b) => b.saved_at - a.saved_at || a.slot.localeCompare(b.slot));
  }

  async #info(name: string): Promise<SlotInfo | undefined> {
    const path = join(this.#folder, name);
    try {
      const save = parsed(await readFile(path, 'utf8'));
      if (save === undefined) return undefined;
      const slot = name.slice(0, -'.json'.length);
      const saved_at = save['saved_at'] as number;
      return { slot, saved_at, saved_at_iso: isoSeconds(saved_at), size_bytes: (await stat(path)).size };
    } catch (error) {
      // It may be gone since the folder was read, and a folder of such a name is no save.
      if (isMissing(error) || (error as { code?: string }).code === 'EISDIR') return undefined;
      throw error;
    }
  }

  #path(slot: string): string {
    return join(this.#folder, `${slot}.json`);
  }
}

function checked(given: unknown): Members {
  const body = isMembers(given) ? given : {};
  const missing = NEEDED.filter(key => body[key] === undefined);
  if (missing.length > 0) throw new Refusal(400, `missing keys: ${missing.join(', ')}`);
  if (!isMembers(body['vars'])) throw new Refusal(400, 'vars must be an object');
  return body;
}

function parsed(text: string): Members | undefined {
  try {
    const save: unknown = JSON.parse(text);
    if (!isMembers(save)) return undefined;
    const at = save['saved_at'];
    // A time that no date can hold would break the list for the others.
    return typeof at === 'number' && Math.abs(at) <= 8.64e15 ? save : undefined;
  } catch {
    return undefined;
  }
}

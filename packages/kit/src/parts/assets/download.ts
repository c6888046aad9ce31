import { constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { OpsError } from '../../base/ops-error.ts';
import type { Config } from '../../kernel/part.ts';
import { hashHandle } from './files.ts';
import { placeIn } from './paths.ts';
import { folded, type Stored } from './store/rows.ts';

export interface Opened {
  readonly file: FileHandle;
  readonly bytes: number;
}

const CACHE = 10_000;

/** Gives out files that may be given out: with provenance where that is asked for, under a licence that allows it, unchanged. */
export class Downloads {
  readonly #config: Config;
  readonly #root: string;
  /** Which state of a file was found whole. A change of its content changes its ctime, whatever else is forged. */
  readonly #whole = new Map<string, string>();

  constructor(config: Config, root: string) {
    this.#config = config;
    this.#root = root;
  }

  /** Rejects with the reason: `provenance_missing`, `license_blocked`, `hash_mismatch`. The caller closes the file. */
  async open(asset: Stored): Promise<Opened> {
    this.#allowed(asset);
    const path = await placeIn(this.#root, asset.path);
    let file: FileHandle;
    try {
      // The file that is checked is the one that is read, whatever is put in its place meanwhile.
      file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    } catch (error) {
      if ((error as { code?: string }).code === 'ELOOP') throw new OpsError('unsafe path');
      throw new OpsError('asset file missing');
    }
    try {
      return { file, bytes: await this.#check(asset, file) };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  #allowed(asset: Stored): void {
    if (this.#config.get('assets.requireProvenance') && asset.provenance === undefined) {
      throw new OpsError('provenance_missing');
    }
    const license = folded(asset.meta.license ?? '');
    if (license !== '' && this.#config.get('assets.blockedLicenses').some(one => folded(one) === license)) {
      throw new OpsError('license_blocked');
    }
  }

  async #check(asset: Stored, file: FileHandle): Promise<number> {
    const stat = await file.stat({ bigint: true });
    if (!stat.isFile()) throw new OpsError('asset file missing');
    if (Number(stat.size) !== asset.bytes) throw new OpsError('hash_mismatch');
    const state = `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`;
    if (this.#whole.get(asset.hash) === state) return asset.bytes;
    if ((await hashHandle(file)).hash !== asset.hash) throw new OpsError('hash_mismatch');
    if (this.#whole.size >= CACHE) this.#whole.clear();
    this.#whole.set(asset.hash, state);
    return asset.bytes;
  }
}

export async function isFile(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined))?.isFile() === true;
}

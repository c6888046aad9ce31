import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../../base/atomic-file.ts';
import { OpsError } from '../../base/ops-error.ts';
import type { Events } from './events.ts';
import { sidecarPath } from './paths.ts';
import type { Bag, Stored } from './store/rows.ts';
import { sidecarOf } from './view.ts';

/** The JSON beside each asset, and its mirror under `_meta`. */
export class Sidecars {
  readonly #root: string;
  readonly #events: Events;

  constructor(root: string, events: Events) {
    this.#root = root;
    this.#events = events;
  }

  /** Written from the row alone, so that nothing which the row knows can get lost on the way. */
  async write(asset: Stored): Promise<void> {
    const text = `${JSON.stringify(sidecarOf(asset), null, 2)}\n`;
    const sidecar = sidecarPath(asset.path);
    await Promise.all([
      writeFileAtomic(join(this.#root, sidecar), text),
      writeFileAtomic(join(this.#root, asset.mirror), text),
    ]);
    const { uid, type } = asset;
    this.#events.raise('asset_sidecar_written', { uid, type, sidecar, rel_path: sidecar });
  }

  async read(asset: Stored): Promise<Bag> {
    let text: string;
    try {
      text = await readFile(join(this.#root, sidecarPath(asset.path)), 'utf8');
    } catch {
      throw new OpsError('sidecar not found');
    }
    const content = parsed(text);
    if (content === undefined) throw new OpsError('sidecar is not JSON');
    return content;
  }

  /** Of every path that the asset had. */
  async remove(asset: Stored): Promise<void> {
    const all = [...asset.paths.map(sidecarPath), asset.mirror];
    await Promise.all(all.map(path => rm(join(this.#root, path), { force: true })));
  }
}

export function parsed(text: string): Bag | undefined {
  try {
    const content: unknown = JSON.parse(text);
    return typeof content === 'object' && content !== null && !Array.isArray(content)
      ? (content as Bag)
      : undefined;
  } catch {
    return undefined;
  }
}

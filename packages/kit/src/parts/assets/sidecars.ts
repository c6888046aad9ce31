import { randomBytes } from 'node:crypto';
import { copyFile, link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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
    await writeBoth(join(this.#root, sidecar), join(this.#root, asset.mirror), text);
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

/**
 * The same content under two names, each the old or the new and never half: written and synced once, then linked and
 * renamed. The folders are not synced: after a loss of power a name may be the old one, and the audit writes it anew
 * from the row, which is what was acknowledged.
 */
async function writeBoth(path: string, mirror: string, text: string): Promise<void> {
  const mark = `${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  const [fresh, second] = [`${path}.${mark}`, `${mirror}.${mark}`];
  try {
    const file = await openIn(fresh);
    try {
      await file.writeFile(text);
      await file.datasync();
    } finally {
      await file.close();
    }
    await linked(fresh, second);
    await rename(fresh, path);
    await rename(second, mirror);
  } catch (error) {
    await Promise.all([rm(fresh, { force: true }), rm(second, { force: true })]);
    throw error;
  }
}

/** The folder is there but for the first file in it. */
async function openIn(path: string) {
  try {
    return await open(path, 'wx', 0o600);
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOENT') throw error;
    await mkdir(dirname(path), { recursive: true });
    return open(path, 'wx', 0o600);
  }
}

/** Some file systems know no second name for a file; a copy will do. */
async function linked(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') {
      await mkdir(dirname(to), { recursive: true });
      await link(from, to).catch(() => copyFile(from, to));
    } else await copyFile(from, to);
  }
}

import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../../base/atomic-file.ts';
import { optional } from '../../base/optional.ts';
import type { Kit } from '../../kernel/part.ts';
import { relativeTo, within } from './paths.ts';
import type { Places } from './places.ts';
import type { Previews as Found, Stored } from './store/rows.ts';
import { waveform } from './wav.ts';

/** The slice of `sharp` that is used; it is handed in, or loaded where it is installed. */
export type Sharp = (path: string, options?: object) => SharpImage;
interface SharpImage {
  rotate(): SharpImage;
  resize(options: { width: number; height: number; fit: 'inside'; withoutEnlargement: boolean }): SharpImage;
  webp(options?: object): SharpImage;
  toFile(path: string): Promise<unknown>;
}

const IMAGES = /\.(png|jpe?g|webp|gif|avif|tiff?)$/i;
const WAV = /\.wave?$/i;
const SIZES = [256, 512] as const;
/** More pixels than this are an attack on memory, or nothing that a thumbnail shows. */
const PIXELS_AT_MOST = 100_000_000;
const WAITING_AT_MOST = 100_000;

export interface PreviewOptions {
  readonly kit: Kit;
  readonly places: Places;
  /** What to do with what was made. */
  readonly done: (id: number, found: Found) => Promise<void>;
}

/** Makes previews one after the other, behind the answers. */
export class Previews {
  readonly #options: PreviewOptions;
  readonly #waiting: Stored[] = [];
  #running: Promise<void> | undefined;
  #sharp: Promise<Sharp | undefined> | undefined;
  #closed = false;

  constructor(options: PreviewOptions) {
    this.#options = options;
  }

  add(asset: Stored): void {
    const { kit } = this.#options;
    if (this.#closed || !kit.config.get('assets.previews') || this.#waiting.length >= WAITING_AT_MOST) return;
    if (!IMAGES.test(asset.path) && !WAV.test(asset.path)) return;
    this.#waiting.push(asset);
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** When nothing waits any more. */
  async settled(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#waiting.length = 0;
    await this.#running;
  }

  async remove({ uid }: Pick<Stored, 'uid'>): Promise<void> {
    const { thumbs } = this.#options.places;
    const names = [...SIZES.map(size => `${uid}-${size}.webp`), `${uid}.waveform.json`];
    await Promise.all(names.map(name => rm(join(thumbs, name), { force: true })));
  }

  async #run(): Promise<void> {
    const log = this.#options.kit.log.named('plimsoll.assets');
    for (let asset = this.#waiting.shift(); asset !== undefined; asset = this.#waiting.shift()) {
      try {
        const found = IMAGES.test(asset.path) ? await this.#thumbnails(asset) : await this.#waveform(asset);
        if (found !== undefined) await this.#options.done(asset.id, found);
      } catch {
        // A library's text about a file may hold its path.
        log.warn({ uid: asset.uid }, 'asset_preview_failed');
      }
    }
  }

  async #thumbnails({ uid, path }: Stored): Promise<Found | undefined> {
    this.#sharp ??= this.#load();
    const sharp = await this.#sharp;
    if (sharp === undefined) return undefined;
    const { root, thumbs } = this.#options.places;
    await mkdir(thumbs, { recursive: true });
    const thumbnails: Record<string, string> = {};
    for (const size of SIZES) {
      const to = join(thumbs, `${uid}-${size}.webp`);
      const fresh = `${to}.${process.pid}.tmp`;
      const box = { width: size, height: size, fit: 'inside', withoutEnlargement: true } as const;
      await sharp(join(root, path), { limitInputPixels: PIXELS_AT_MOST })
        .rotate()
        .resize(box)
        .webp()
        .toFile(fresh);
      await rename(fresh, to);
      thumbnails[size] = this.#shown(to);
    }
    return { thumbnails };
  }

  async #waveform({ uid, path }: Stored): Promise<Found | undefined> {
    const { root, thumbs } = this.#options.places;
    const found = await waveform(join(root, path));
    if (found === undefined) return undefined;
    const to = join(thumbs, `${uid}.waveform.json`);
    await writeFileAtomic(to, `${JSON.stringify(found)}\n`);
    return { preview: this.#shown(to) };
  }

  #shown(path: string): string {
    const { root, thumbs } = this.#options.places;
    return within(root, path) ? relativeTo(root, path) : relativeTo(thumbs, path);
  }

  async #load(): Promise<Sharp | undefined> {
    const { kit } = this.#options;
    const handed = kit.config.get('assets.sharp') as Sharp | undefined;
    const found = handed ?? (await optional<{ default: Sharp }>('sharp').catch(() => undefined))?.default;
    if (found === undefined) {
      kit.log.named('plimsoll.assets').info({ hint: 'npm install sharp' }, 'asset_thumbnails_need_sharp');
    }
    return found;
  }
}

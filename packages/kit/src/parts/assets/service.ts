import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OpsError } from '../../base/ops-error.ts';
import type { Kit } from '../../kernel/part.ts';
import { audit } from './audit.ts';
import { Batch } from './batch.ts';
import { cleanBag, replaceMetadata } from './clean.ts';
import { Downloads, isFile, type Opened } from './download.ts';
import { type Envelope, Events } from './events.ts';
import type { Received } from './files.ts';
import type {
  Asset,
  AssetCallbacks,
  AssetFilter,
  AssetPage,
  AssetReport,
  AssetStore,
  AuditOptions,
  RebuildOptions,
  RebuildResult,
  RegisterInput,
  UploadInput,
} from './gate.ts';
import { Intake } from './intake.ts';
import { sidecarPath } from './paths.ts';
import type { Places } from './places.ts';
import { Previews } from './previews.ts';
import { rebuild } from './rebuild.ts';
import { Sidecars } from './sidecars.ts';
import type { Bag, Draft, Put, Stored } from './store/rows.ts';
import type { Store } from './store/store.ts';
import { assetOf } from './view.ts';

export interface ServiceOptions {
  readonly kit: Kit;
  readonly places: Places;
  readonly store: Store;
  readonly callbacks: AssetCallbacks;
}

/** Registrations that share a commit, at most. */
const BATCH = 200;

export class AssetService implements AssetStore {
  readonly places: Places;
  readonly store: Store;
  readonly events: Events;
  readonly sidecars: Sidecars;
  readonly previews: Previews;
  readonly downloads: Downloads;
  readonly #kit: Kit;
  readonly #intake: Intake;
  readonly #puts: Batch<Draft, Put>;

  constructor({ kit, places, store, callbacks }: ServiceOptions) {
    this.#kit = kit;
    this.places = places;
    this.store = store;
    this.events = new Events(kit, callbacks);
    this.sidecars = new Sidecars(places.root, this.events);
    this.downloads = new Downloads(kit.config, places.root);
    this.previews = new Previews({ kit, places, done: (id, found) => this.#previewed(id, found) });
    const maxBytes = kit.config.get('assets.maxBytes');
    this.#intake = new Intake({ places, store, privacy: kit.privacy, maxBytes });
    this.#puts = new Batch(drafts => this.#put(drafts), BATCH);
  }

  register(input: RegisterInput): Promise<Asset> {
    return this.#take(() => this.#intake.register(input));
  }

  async upload(stream: AsyncIterable<Uint8Array>, input: UploadInput): Promise<Asset> {
    return this.#take(await this.#intake.upload(stream, input));
  }

  /** An upload whose bytes are on the disk already. */
  received(file: Received, input: UploadInput): Promise<Asset> {
    return this.#take(() => this.#intake.received(file, input));
  }

  async get(id: string): Promise<Asset | undefined> {
    const stored = await this.store.get(id);
    return stored && assetOf(stored);
  }

  async find(filter: AssetFilter = {}): Promise<AssetPage> {
    const { items, total } = await this.store.find(filter);
    return { items: items.map(assetOf), total };
  }

  async update(id: string, metadata: Bag): Promise<Asset> {
    const known = await this.known(id);
    const meta = replaceMetadata(known.meta, cleanBag(this.#kit.privacy, metadata));
    const stored = await this.store.update(known.id, meta);
    await this.rewrite(stored);
    return assetOf(stored);
  }

  async remove(
    id: string,
    { remove_files = false }: { remove_files?: boolean | undefined } = {},
  ): Promise<boolean> {
    const known = await this.store.get(id);
    if (known === undefined) return false;
    // The row last: what is cut off here is found again, and a row without a file says so.
    await this.#discard(known, remove_files);
    await this.previews.remove(known);
    await this.store.remove([known.id]);
    this.removed(known);
    this.#kit.log.named('plimsoll.assets').info({ uid: known.uid, trashed: !remove_files }, 'asset_removed');
    return true;
  }

  audit(options: AuditOptions = {}): Promise<AssetReport> {
    return audit(this, options);
  }

  rebuild(options: RebuildOptions = {}): Promise<RebuildResult> {
    return rebuild(this, options, this.#kit);
  }

  async known(id: string): Promise<Stored> {
    const known = await this.store.get(id);
    if (known === undefined) throw new OpsError('asset not found');
    return known;
  }

  async open(id: string): Promise<Opened & { readonly asset: Stored }> {
    const asset = await this.known(id);
    return { asset, ...(await this.downloads.open(asset)) };
  }

  history(limit: number): readonly Envelope[] {
    return this.events.history(limit);
  }

  /** The sidecar anew, and the two events of that. */
  async rewrite(asset: Stored): Promise<void> {
    await this.sidecars.write(asset);
    this.updated(asset);
  }

  removed(asset: Stored): void {
    const { uid, type, path, bytes, meta } = asset;
    this.events.raise('asset_removed', { uid, type, path, sidecar: sidecarPath(path), meta, bytes });
  }

  updated({ uid, type, path, meta }: Stored): void {
    this.events.raise('asset_meta_updated', { uid, type, meta, path, sidecar: sidecarPath(path) });
  }

  async close(): Promise<void> {
    await this.#puts.settled();
    await this.previews.close();
    await this.store.close();
  }

  async #take(draft: () => Promise<Draft>): Promise<Asset> {
    const { asset, fresh } = await this.#puts.add(draft);
    await this.announce(asset, fresh);
    this.previews.add(asset);
    this.#kit.log
      .named('plimsoll.assets')
      .info({ uid: asset.uid, type: asset.type, bytes: asset.bytes, fresh }, 'asset_registered');
    return assetOf(asset);
  }

  /** Sidecar first, then that the asset is there. */
  async announce(asset: Stored, fresh: boolean): Promise<void> {
    await this.sidecars.write(asset);
    if (!fresh) return this.updated(asset);
    const { uid, type, path, meta, bytes } = asset;
    this.events.raise('asset_registered', { uid, type, path, meta, sidecar: sidecarPath(path), bytes });
  }

  #put(drafts: readonly Draft[]): Promise<readonly Put[]> {
    return this.store.put(drafts);
  }

  async #discard(asset: Stored, forGood: boolean): Promise<void> {
    const { root, trash } = this.places;
    const folder = join(trash, `${Date.now()}-${asset.uid}`);
    for (const path of asset.paths) {
      for (const one of [path, sidecarPath(path)]) {
        const from = join(root, one);
        if (!(await isFile(from))) continue;
        if (forGood) await rm(from, { force: true });
        else {
          const to = join(folder, one);
          await mkdir(dirname(to), { recursive: true });
          await rename(from, to);
        }
      }
    }
    await this.sidecars.remove(asset);
  }

  async #previewed(id: number, found: Stored['previews']): Promise<void> {
    const asset = await this.store.previews(id, found);
    // It was removed while its preview was being made.
    if (asset === undefined) return;
    await this.rewrite(asset);
  }
}

import { Callbacks } from '../../base/callbacks.ts';
import { PlimsollError } from '../../base/errors.ts';
import type { Gate, Slot } from '../../config/gate.ts';

/** What can be hooked, as `obs.assets.add_hook` and the hook bus (with `on_` before it) name it. */
export const ASSET_HOOKS = [
  'asset_registered',
  'asset_meta_updated',
  'asset_removed',
  'asset_sidecar_written',
] as const;
export type AssetHookEvent = (typeof ASSET_HOOKS)[number];
export type AssetHook = (payload: Readonly<Record<string, unknown>>) => void;
export type AssetCallbacks = Callbacks<AssetHookEvent, Readonly<Record<string, unknown>>>;
export interface AssetHookEntry {
  readonly event: AssetHookEvent;
  readonly callback: AssetHook;
}

export const assetCallbacks = (): AssetCallbacks => new Callbacks(ASSET_HOOKS);

type Bag = Readonly<Record<string, unknown>>;

export interface AssetProvenanceInput {
  /** What made it: `render`, `import`, an URL's host. */
  readonly source: string;
  readonly workflow_hash?: string | undefined;
  readonly commit_hash?: string | undefined;
  /** Kept as a keyed hash. */
  readonly user_id?: string | number | undefined;
  readonly inputs?: Bag | undefined;
  readonly c2pa_like?: Bag | undefined;
}

export interface AssetDescription {
  /** The first folder of the default path; default `generic`. */
  readonly asset_type?: string | undefined;
  /** Relative to the assets folder; default `<type>/<file name>`. */
  readonly dest_path?: string | undefined;
  /** `tags`, `license`, `origin` and `version` are known; the rest is kept as it is, under the privacy policy. */
  readonly metadata?: Bag | undefined;
  readonly provenance?: AssetProvenanceInput | undefined;
  /** Further names of the sidecar. */
  readonly sidecar?: Bag | undefined;
}

export interface RegisterInput extends AssetDescription {
  /** In the assets folder, or in one of `assets.sources`. */
  readonly path: string;
  /** False: the file lies in the assets folder and stays where it is. Default true. */
  readonly copy?: boolean | undefined;
}

export interface UploadInput extends AssetDescription {
  readonly filename: string;
}

export interface AssetProvenance {
  readonly id: number;
  readonly asset_id: number;
  readonly asset_uid: string;
  readonly source: string;
  readonly workflow_hash: string | null;
  readonly commit_hash: string | null;
  readonly user_id: string | null;
  readonly created_at: string;
  readonly inputs: Bag;
  readonly c2pa_like: Bag | null;
}

export interface Asset {
  readonly id: number;
  /** The first 16 hex digits of the hash; more where those are another asset's. */
  readonly uid: string;
  readonly type: string;
  readonly path: string;
  readonly paths: readonly string[];
  /** SHA-256, 64 hex digits. */
  readonly hash: string;
  readonly bytes: number;
  readonly tags: readonly string[];
  readonly license: string | null;
  readonly origin: string;
  readonly version: number;
  readonly created_at: string;
  readonly metadata: Bag;
  readonly links: Bag;
  /** Relative, as all paths here. */
  readonly sidecar: string;
  readonly thumb?: string;
  readonly preview?: string;
  readonly thumbnails?: Readonly<Record<string, string>>;
  readonly provenance?: AssetProvenance;
}

export interface AssetFilter {
  readonly type?: string | undefined;
  readonly hash?: string | undefined;
  /** All must match, in any case. */
  readonly tags?: readonly string[] | undefined;
  /** One must match, in any case. */
  readonly licenses?: readonly string[] | undefined;
  /** A part of a path, or of a text of the metadata, in any case. */
  readonly q?: string | undefined;
  /** Default 200. */
  readonly limit?: number | undefined;
}

export interface AssetPage {
  readonly items: readonly Asset[];
  /** Matches before the limit. */
  readonly total: number;
}

export interface AuditOptions {
  /** Write what is missing. Default true. */
  readonly fix_missing?: boolean | undefined;
  /** Write those that are there anew. */
  readonly overwrite?: boolean | undefined;
  /** Fill `tags` from the folders and the name, and `license` with `unknown`. */
  readonly fill_metadata?: boolean | undefined;
}

export interface AssetReport {
  readonly missing_sidecars: readonly string[];
  readonly repaired_sidecars: readonly string[];
  readonly metadata_missing: readonly {
    readonly uid: string;
    readonly fields: readonly ('tags' | 'license')[];
  }[];
  readonly metadata_fixed: readonly string[];
}

export interface RebuildOptions {
  /** Forget assets whose files are gone. Default true. */
  readonly remove_stale?: boolean | undefined;
  readonly enforce_sidecars?: boolean | undefined;
  readonly overwrite_sidecars?: boolean | undefined;
  readonly fix_metadata?: boolean | undefined;
  /** Told about now and then. */
  readonly onProgress?: ((processed: number) => void) | undefined;
}

export interface RebuildResult {
  readonly processed: number;
  /** Files that could not be read. */
  readonly skipped: number;
  readonly removed: number;
  readonly report?: AssetReport;
}

/** The registry of files: found by what is in them, described beside them. */
export interface Assets {
  /** Takes over a file of this machine. Rejects with `OpsError`s, and then nothing changed. */
  register(input: RegisterInput): Promise<Asset>;
  /** Takes over a stream of bytes, hashed on its way to the disk and never whole in memory. */
  upload(stream: AsyncIterable<Uint8Array>, input: UploadInput): Promise<Asset>;
  /** By uid, or by the number in `id`. */
  get(id: string): Promise<Asset | undefined>;
  find(filter?: AssetFilter): Promise<AssetPage>;
  update(id: string, metadata: Bag): Promise<Asset>;
  /** To the trash; `remove_files` deletes the file for good. False for an unknown id. */
  remove(id: string, options?: { readonly remove_files?: boolean | undefined }): Promise<boolean>;
  /** Compares rows and sidecars, and mends. */
  audit(options?: AuditOptions): Promise<AssetReport>;
  /** Reads the assets folder anew. */
  rebuild(options?: RebuildOptions): Promise<RebuildResult>;
  /** Calls back in this process, synchronously, with a copy of its own. Throws for an unknown event. */
  add_hook(event: AssetHookEvent, callback: AssetHook): void;
  remove_hook(event: AssetHookEvent, callback: AssetHook): void;
  iter_hooks(event?: AssetHookEvent): readonly AssetHookEntry[];
}

/** What follows the flag; hooks are kept beside it, so that they outlive a switch off and on. */
export type AssetStore = Omit<Assets, 'add_hook' | 'remove_hook' | 'iter_hooks'>;

const off = (): Promise<never> => Promise.reject(new PlimsollError('PLIMSOLL_OFF', 'assets'));

export const assetsGate: Gate<AssetStore> = {
  name: 'assets',
  on: (_config, flags) => flags.isEnabled('enable_assets'),
  paths: config => {
    const [own, api] = [config.get('assets.prefix'), config.get('assets.apiPrefix')];
    const shared = sharedPaths(config.get('assets.busHooksRoute'));
    return [own, api]
      .filter(prefix => prefix !== '')
      .flatMap(prefix => shared.map(path => `${prefix}${path}`));
  },
  off: {
    ...{
      register: off,
      upload: off,
      get: off,
      find: off,
      update: off,
      remove: off,
      audit: off,
      rebuild: off,
    },
  },
};

/** Exact ones first: the router takes the first that fits. */
export function sharedPaths(busHooks: string): readonly string[] {
  return [
    ...['', '/', '/register', '/upload', '/search', '/audit', '/enforce', '/rebuild'],
    ...['/debug/hooks', `/debug/${busHooks}`, '/debug/history'],
    ...['/:id', '/:id/sidecar', '/:id/download', '/:id/preview'],
  ];
}

export function assetsOf(slot: Slot<AssetStore>, hooks: AssetCallbacks): Assets {
  const known = (event: AssetHookEvent): AssetHookEvent => {
    if (!hooks.has(event)) throw new PlimsollError('PLIMSOLL_ASSETS_HOOK', String(event).slice(0, 64));
    return event;
  };
  return {
    register: input => slot.impl.register(input),
    upload: (stream, input) => slot.impl.upload(stream, input),
    get: id => slot.impl.get(id),
    find: filter => slot.impl.find(filter),
    update: (id, metadata) => slot.impl.update(id, metadata),
    remove: (id, options) => slot.impl.remove(id, options),
    audit: options => slot.impl.audit(options),
    rebuild: options => slot.impl.rebuild(options),
    add_hook: (event, callback) => hooks.add(known(event), callback),
    remove_hook: (event, callback) => hooks.remove(event, callback),
    iter_hooks: event => hooks.entries(event === undefined ? undefined : known(event)),
  };
}

import type { AssetProvenance } from '../gate.ts';
import type { Row } from './sql.ts';

export type Bag = Readonly<Record<string, unknown>>;

export interface Metadata {
  readonly tags: readonly string[];
  readonly license: string | null;
  readonly origin: string;
  readonly version: number;
  readonly [name: string]: unknown;
}

export interface Previews {
  readonly thumbnails?: Readonly<Record<string, string>>;
  readonly preview?: string;
}

/** An asset as the store keeps it. */
export interface Stored {
  readonly id: number;
  readonly uid: string;
  readonly type: string;
  readonly hash: string;
  readonly bytes: number;
  readonly path: string;
  readonly paths: readonly string[];
  readonly mirror: string;
  readonly createdAt: string;
  readonly meta: Metadata;
  readonly extras: Bag;
  readonly previews: Previews;
  readonly provenance?: AssetProvenance;
}

export interface Provenance {
  readonly source: string;
  readonly workflowHash: string | null;
  readonly commitHash: string | null;
  readonly userId: string | null;
  readonly inputs: Bag;
  readonly c2paLike: Bag | null;
}

/** What is to be stored under a hash. */
export interface Draft {
  readonly hash: string;
  readonly bytes: number;
  readonly type: string;
  readonly path: string;
  readonly meta: Bag;
  readonly extras?: Bag | undefined;
  readonly provenance?: Provenance | undefined;
  /** Names of the legacy mirror, best first; the first that is free is taken. */
  readonly mirrors: readonly string[];
}

export interface Put {
  readonly asset: Stored;
  readonly fresh: boolean;
}

/** Of the main table and its companion. */
export const COLUMNS = `a.id, a.uid, a.type, a.hash, a.bytes, a.path, a.mirror, a.created_at, d.meta, d.extras, d.previews`;

export function storedOf(row: Row, paths: readonly string[], provenance?: AssetProvenance): Stored {
  const first = String(row['path']);
  return {
    id: Number(row['id']),
    uid: String(row['uid']),
    type: String(row['type']),
    hash: String(row['hash']),
    bytes: Number(row['bytes']),
    path: first,
    paths: [first, ...paths.filter(path => path !== first)],
    mirror: String(row['mirror']),
    createdAt: String(row['created_at']),
    meta: JSON.parse(String(row['meta'])) as Metadata,
    extras: JSON.parse(String(row['extras'])) as Bag,
    previews: JSON.parse(String(row['previews'])) as Previews,
    ...(provenance && { provenance }),
  };
}

export function provenanceOf(row: Row, uid: string): AssetProvenance {
  const text = (name: string) => (row[name] === null ? null : String(row[name]));
  const c2pa = text('c2pa_like');
  return {
    ...{
      id: Number(row['id']),
      asset_id: Number(row['asset_id']),
      asset_uid: uid,
      source: String(row['source']),
    },
    ...{ workflow_hash: text('workflow_hash'), commit_hash: text('commit_hash'), user_id: text('user_id') },
    created_at: String(row['created_at']),
    inputs: JSON.parse(String(row['inputs_json'])) as Bag,
    c2pa_like: c2pa === null ? null : (JSON.parse(c2pa) as Bag),
  };
}

export const folded = (text: string): string => text.trim().toLowerCase();

/** What `q` looks through: paths, and the texts and lists of texts of the metadata. */
export function searchText(paths: readonly string[], meta: Bag): string {
  const texts = Object.values(meta).flatMap(value =>
    [value].flat().filter(item => typeof item === 'string' || typeof item === 'number'),
  );
  return [...paths, ...texts].join('\n').toLowerCase();
}

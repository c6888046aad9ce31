import type { Asset } from './gate.ts';
import { sidecarPath } from './paths.ts';
import type { Bag, Stored } from './store/rows.ts';

/** An asset as it is given out; every path is relative to the assets folder. */
export function assetOf(stored: Stored): Asset {
  const { id, uid, type, hash, bytes, path, paths, createdAt, meta, previews, provenance } = stored;
  const { tags, license, origin, version } = meta;
  const { thumbnails, preview } = previews;
  return {
    ...{ id, uid, type, path, paths, hash, bytes, tags, license, origin, version, created_at: createdAt },
    metadata: meta,
    links: linksOf(stored),
    sidecar: sidecarPath(path),
    ...(thumbnails && { thumbnails, thumb: thumbnails['256'] ?? Object.values(thumbnails)[0] }),
    ...(preview !== undefined && { preview }),
    ...(provenance && { provenance }),
  } as Asset;
}

function linksOf({ path, previews }: Stored): Bag {
  const { thumbnails, preview } = previews;
  return {
    file: path,
    sidecar: sidecarPath(path),
    ...(thumbnails && { thumbnail: thumbnails['256'], thumbnails }),
    ...(preview !== undefined && { preview }),
  };
}

/** The sidecar's content: the extras that somebody gave, and over them what the registry knows. */
export function sidecarOf(stored: Stored): Bag {
  const { id, uid, type, hash, bytes, path, paths, createdAt, meta, extras, previews, provenance } = stored;
  const { tags, license, origin, version } = meta;
  return {
    ...extras,
    ...{ id, uid, type, path, ...(paths.length > 1 && { paths }), hash, bytes },
    ...{ tags, license, origin, version, created_at: createdAt, meta },
    ...previews,
    links: linksOf(stored),
    ...(provenance && { provenance }),
  };
}

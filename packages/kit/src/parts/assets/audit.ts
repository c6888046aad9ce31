import { mergeMetadata } from './clean.ts';
import { walk } from './files.ts';
import type { AssetReport, AuditOptions } from './gate.ts';
import { SIDECAR, sidecarPath } from './paths.ts';
import { OWN } from './places.ts';
import type { AssetService } from './service.ts';
import type { Metadata, Stored } from './store/rows.ts';

/** Sidecars that are written at the same time. */
const AT_ONCE = 8;

/** Compares every row with its sidecar. With every option false nothing is written. */
export async function audit(
  service: AssetService,
  { fix_missing = true, overwrite = false, fill_metadata = false }: AuditOptions,
): Promise<AssetReport> {
  const report = {
    missing_sidecars: [],
    repaired_sidecars: [],
    metadata_missing: [],
    metadata_fixed: [],
  } as {
    -readonly [K in keyof AssetReport]: AssetReport[K][number][];
  };
  const there = await sidecarsIn(service.places.root);
  for await (const page of service.store.all()) {
    for (let at = 0; at < page.length; at += AT_ONCE) {
      const some = page.slice(at, at + AT_ONCE);
      await Promise.all(some.map(one => check(one)));
    }
  }
  return report as AssetReport;

  async function check(given: Stored): Promise<void> {
    let asset = given;
    const fields = gaps(asset.meta);
    if (fields.length > 0) report.metadata_missing.push({ uid: asset.uid, fields });
    const filled = fill_metadata && fields.length > 0;
    if (filled) {
      asset = await service.store.update(asset.id, fill(asset, fields));
      report.metadata_fixed.push(asset.uid);
    }
    const missing = !there.has(sidecarPath(asset.path));
    if ((missing && fix_missing) || overwrite || filled) {
      const written = await service.rewrite(asset).then(
        () => true,
        () => false,
      );
      if (written && (missing || overwrite)) report.repaired_sidecars.push(asset.uid);
      if (missing && !written) report.missing_sidecars.push(asset.uid);
    } else if (missing) report.missing_sidecars.push(asset.uid);
  }
}

export function gaps(meta: Metadata): readonly ('tags' | 'license')[] {
  return [
    ...(meta.tags.length === 0 ? (['tags'] as const) : []),
    ...(meta.license ? [] : (['license'] as const)),
  ];
}

function fill({ meta, path }: Stored, fields: readonly ('tags' | 'license')[]): Metadata {
  return mergeMetadata(meta, {
    ...(fields.includes('tags') && { tags: pathTags(path) }),
    ...(fields.includes('license') && { license: 'unknown' }),
  });
}

/** The names of the folders and of the file, without its extension, in lower case. */
export function pathTags(path: string): readonly string[] {
  const parts = path.split('/');
  const stem = (parts.at(-1) ?? '').replace(/(?<=.)\.[^.]+$/, '');
  return [...new Set([...parts.slice(0, -1), stem].map(part => part.trim().toLowerCase()))].filter(Boolean);
}

async function sidecarsIn(root: string): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const own: ReadonlySet<string> = new Set(Object.values(OWN));
  for await (const files of walk(root, { skip: path => own.has(path), onError: () => {} })) {
    for (const path of files) if (path.endsWith(SIDECAR)) found.add(path);
  }
  return found;
}

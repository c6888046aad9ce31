import { z } from 'zod';

const bag = z.record(z.string(), z.unknown());
const many = z.union([z.string(), z.array(z.string()).max(64)]);

export const assetProvenance = z
  .object({
    id: z.int(),
    asset_id: z.int(),
    asset_uid: z.string(),
    source: z.string(),
    workflow_hash: z.string().nullable(),
    commit_hash: z.string().nullable(),
    user_id: z.string().nullable(),
    created_at: z.string(),
    inputs: bag,
    c2pa_like: bag.nullable(),
  })
  .meta({ id: 'AssetProvenance' });

export const asset = z
  .object({
    id: z.int(),
    uid: z.string(),
    type: z.string(),
    path: z.string(),
    /** Every path with these bytes; the first is `path`. */
    paths: z.array(z.string()),
    hash: z.string(),
    bytes: z.int(),
    tags: z.array(z.string()),
    license: z.string().nullable(),
    origin: z.string(),
    version: z.int(),
    created_at: z.string(),
    metadata: bag,
    links: bag,
    sidecar: z.string(),
    thumb: z.string().optional(),
    preview: z.string().optional(),
    thumbnails: z.record(z.string(), z.string()).optional(),
    provenance: assetProvenance.optional(),
  })
  .meta({ id: 'Asset' });
export type AssetAnswer = z.infer<typeof asset>;

export const assetsAnswer = z
  .object({ ok: z.literal(true), items: z.array(asset), total: z.int() })
  .meta({ id: 'Assets' });
export type AssetsAnswer = z.infer<typeof assetsAnswer>;
export const assetsSearchAnswer = z
  .object({ ok: z.literal(true), total: z.int(), items: z.array(asset), filters: bag, debug: bag.optional() })
  .meta({ id: 'AssetsSearch' });
export const assetAnswer = z.object({ ok: z.literal(true), asset }).meta({ id: 'AssetEntry' });
export const assetWrittenAnswer = z
  .object({
    ok: z.literal(true),
    ...{ asset_id: z.int(), uid: z.string(), path: z.string(), sidecar: z.string(), asset },
  })
  .meta({ id: 'AssetWritten' });
export const assetSidecarAnswer = z
  .object({ ok: z.literal(true), uid: z.string(), path: z.string(), sidecar: bag })
  .meta({ id: 'AssetSidecar' });
export type AssetSidecarAnswer = z.infer<typeof assetSidecarAnswer>;
export const assetRemovedAnswer = z
  .object({ ok: z.literal(true), trashed: z.literal(true).optional(), removed: z.literal(true).optional() })
  .meta({ id: 'AssetRemoved' });
export const assetFileAnswer = z.string().meta({ id: 'AssetFile' });

/** The asset audit: uids of what is missing, was repaired, has gaps, was filled. */
export const assetReport = z
  .object({
    missing_sidecars: z.array(z.string()),
    repaired_sidecars: z.array(z.string()),
    metadata_missing: z.array(z.object({ uid: z.string(), fields: z.array(z.enum(['tags', 'license'])) })),
    metadata_fixed: z.array(z.string()),
  })
  .meta({ id: 'AssetReport' });
export const assetReportAnswer = z
  .object({ ok: z.boolean(), report: assetReport })
  .meta({ id: 'AssetAudit' });
export type AssetReportAnswer = z.infer<typeof assetReportAnswer>;
export const assetRebuiltAnswer = z
  .object({
    ok: z.literal(true),
    ...{ processed: z.int(), skipped: z.int(), removed: z.int() },
    report: assetReport.optional(),
  })
  .meta({ id: 'AssetsRebuilt' });

export const assetHooksAnswer = z
  .object({ ok: z.literal(true), hooks: z.record(z.string(), z.int()) })
  .meta({ id: 'AssetHooks' });
export const assetBusHooksAnswer = z
  .object({
    ok: z.literal(true),
    hooks: z.array(z.object({ name: z.string(), payload: z.array(z.string()) })),
  })
  .meta({ id: 'AssetBusHooks' });
export const assetHistoryAnswer = z
  .object({
    ok: z.literal(true),
    items: z.array(z.object({ event: z.string(), ts: z.number(), data: bag })),
  })
  .meta({ id: 'AssetHistory' });

const provenance = z.object({
  source: z.string().min(1).max(256),
  workflow_hash: z.string().max(256).optional(),
  commit_hash: z.string().max(256).optional(),
  user_id: z.union([z.string().max(256), z.number()]).optional(),
  inputs: bag.optional(),
  c2pa_like: bag.optional(),
});

const described = {
  asset_type: z.string().min(1).max(64).optional(),
  dest_path: z.string().min(1).max(1024).optional(),
  metadata: bag.optional(),
  provenance: provenance.optional(),
  /** Further names of the sidecar. */
  sidecar: bag.optional(),
};
export const assetRegisterRequest = z
  .object({ path: z.string().min(1).max(4096), copy: z.boolean().optional(), ...described })
  .meta({ id: 'AssetRegisterRequest' });
/** The fields of the upload form, after its JSON texts were read. */
export const assetUploadFields = z.object(described);
export const assetUpdateRequest = z.object({ metadata: bag }).meta({ id: 'AssetUpdateRequest' });
export const assetEnforceRequest = z
  .object({
    fix_missing: z.boolean().optional(),
    overwrite: z.boolean().optional(),
    fill_metadata: z.boolean().optional(),
  })
  .optional();
export const assetRebuildRequest = z
  .object({
    remove_stale: z.boolean().optional(),
    enforce_sidecars: z.boolean().optional(),
    overwrite_sidecars: z.boolean().optional(),
    fix_metadata: z.boolean().optional(),
  })
  .optional();

const filters = {
  type: z.string().max(64).optional(),
  hash: z.string().max(128).optional(),
  tags: many.optional(),
  tag: many.optional(),
  licenses: many.optional(),
  license: many.optional(),
  q: z.string().max(256).optional(),
};
export const assetsQuery = z.object({
  ...filters,
  limit: z.coerce.number().int().min(1).max(1000).optional(),
});
export const assetsSearchQuery = z.object({
  ...filters,
  limit: z.coerce.number().int().min(1).max(500).optional(),
  include_debug: z.enum(['true', 'false', '1', '0']).optional(),
});
export const assetRemoveQuery = z.object({ remove_files: z.enum(['true', 'false', '1', '0']).optional() });
export const assetHistoryQuery = z.object({ limit: z.coerce.number().int().min(1).max(200).optional() });

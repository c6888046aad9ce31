import * as schemas from '@plimsoll/wire/ops';
import type { z } from 'zod';
import { OpsError } from '../../../base/ops-error.ts';
import type { Kit } from '../../../kernel/part.ts';
import type { Asset } from '../gate.ts';
import type { Impl, Own } from '../routes.ts';
import { FORM_ROOM, upload } from './upload.ts';

const yes = (text: string | undefined) => text === 'true' || text === '1';

/** Everything that changes something; each asks for the token before it reads a byte. */
export function writeRoutes(impl: Impl, kit: Kit): readonly Own[] {
  const tokens = { scope: 'assets.write', accepted: kit.config.get('assets.writeToken') };
  const maxBytes = kit.config.get('assets.maxBytes');
  const routes: readonly Own[] = [
    ...entries(impl),
    {
      ...{
        method: 'POST',
        path: '/upload',
        limit: maxBytes + FORM_ROOM,
        summary: 'Take over the file of a form',
      },
      answer: schemas.assetWrittenAnswer,
      handle: async c => written(await upload(impl(), c, maxBytes)),
    },
    ...upkeep(impl),
  ];
  return routes.map(route => ({ ...route, access: 'token' as const, tokens }));
}

function written(asset: Asset) {
  const { id, uid, path, sidecar } = asset;
  return { ok: true, asset_id: id, uid, path, sidecar, asset };
}

function entries(impl: Impl): readonly Own[] {
  return [
    {
      ...{ method: 'POST', path: '/register', summary: 'Take over a file of this machine' },
      ...{ body: schemas.assetRegisterRequest, limit: FORM_ROOM, answer: schemas.assetWrittenAnswer },
      async handle({ body }) {
        return written(await impl().register(body as z.infer<typeof schemas.assetRegisterRequest>));
      },
    },
    {
      ...{ method: 'PATCH', path: '/:id', summary: 'Change the metadata' },
      ...{ body: schemas.assetUpdateRequest, limit: FORM_ROOM, answer: schemas.assetAnswer },
      async handle({ params, body }) {
        const { metadata } = body as z.infer<typeof schemas.assetUpdateRequest>;
        return { ok: true, asset: await impl().update(params['id'] ?? '', metadata) };
      },
    },
    {
      ...{ method: 'DELETE', path: '/:id', summary: 'Move to the trash, or delete for good' },
      ...{ query: schemas.assetRemoveQuery, answer: schemas.assetRemovedAnswer },
      async handle({ params, search }) {
        const remove_files = yes((search as z.infer<typeof schemas.assetRemoveQuery>).remove_files);
        if (!(await impl().remove(params['id'] ?? '', { remove_files })))
          throw new OpsError('asset not found');
        return { ok: true, ...(remove_files ? { removed: true } : { trashed: true }) };
      },
    },
  ];
}

function upkeep(impl: Impl): readonly Own[] {
  return [
    {
      ...{ method: 'POST', path: '/enforce', summary: 'Audit, and write what is missing' },
      ...{ body: schemas.assetEnforceRequest, answer: schemas.assetReportAnswer },
      async handle({ body }) {
        const { fix_missing, overwrite, fill_metadata = true } = (body ?? {}) as Record<string, boolean>;
        const report = await impl().audit({ fix_missing, overwrite, fill_metadata });
        return { ok: report.missing_sidecars.length === 0, report };
      },
    },
    {
      ...{ method: 'POST', path: '/rebuild', summary: 'Read the assets folder anew' },
      ...{ body: schemas.assetRebuildRequest, answer: schemas.assetRebuiltAnswer },
      async handle({ body }) {
        return { ok: true, ...(await impl().rebuild((body ?? {}) as Record<string, boolean>)) };
      },
    },
  ];
}

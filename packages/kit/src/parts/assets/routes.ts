import * as schemas from '@plimsoll/wire/ops';
import type { z } from 'zod';
import { PlimsollError } from '../../base/errors.ts';
import { OpsError } from '../../base/ops-error.ts';
import type { Kit, OpsContext, Route } from '../../kernel/part.ts';
import { BUS_HOOKS } from './events.ts';
import { ASSET_HOOKS, type AssetCallbacks, type AssetFilter, assetsGate } from './gate.ts';
import { fileRoutes } from './routes/files.ts';
import { writeRoutes } from './routes/writes.ts';
import type { AssetService } from './service.ts';

export type Impl = () => AssetService;
export type Own = Omit<Route, 'access'> & { readonly access?: Route['access'] };

/** The two families: the seed's own, and the one under `/api` that clients of the host search with. */
export function assetsRoutes(kit: Kit, hooks: AssetCallbacks): readonly Route[] {
  const impl = (): AssetService => {
    const found = kit.read<AssetService>(assetsGate.name);
    if (found === undefined) throw new PlimsollError('PLIMSOLL_OFF', 'assets');
    return found;
  };
  const own: readonly Own[] = [
    ...debugRoutes(impl, { hooks, busHooks: kit.config.get('assets.busHooksRoute') }),
    ...searchRoutes(impl),
    ...fileRoutes(impl),
    ...writeRoutes(impl, kit),
  ];
  const prefixes = [kit.config.get('assets.prefix'), kit.config.get('assets.apiPrefix')];
  return prefixes
    .filter(prefix => prefix !== '')
    .flatMap(prefix =>
      own.map(route => ({
        ...route,
        access: route.access ?? ('local' as const),
        path: `${prefix}${route.path}`,
      })),
    );
}

function searchRoutes(impl: Impl): readonly Own[] {
  const list: Own = {
    ...{ method: 'GET', path: '', summary: 'Assets by type, hash, tags, licences and text' },
    ...{ query: schemas.assetsQuery, answer: schemas.assetsAnswer },
    async handle({ search }) {
      const { items, total } = await impl().find(filterOf(search as z.infer<typeof schemas.assetsQuery>));
      return { ok: true, items, total };
    },
  };
  return [
    list,
    { ...list, path: '/' },
    {
      ...{ method: 'GET', path: '/search', summary: 'The same, with the filter as it was understood' },
      ...{ query: schemas.assetsSearchQuery, answer: schemas.assetsSearchAnswer },
      async handle({ search }) {
        const query = search as z.infer<typeof schemas.assetsSearchQuery>;
        const filters = filterOf(query);
        const began = performance.now();
        const { items, total } = await impl().find(filters);
        const debug = { took_ms: Math.round((performance.now() - began) * 100) / 100, listed: items.length };
        const wanted = query.include_debug === 'true' || query.include_debug === '1';
        return { ok: true, total, items, filters, ...(wanted && { debug }) };
      },
    },
    {
      ...{ method: 'GET', path: '/:id', answer: schemas.assetAnswer, summary: 'One asset' },
      async handle({ params }) {
        const asset = await impl().get(params['id'] ?? '');
        if (asset === undefined) throw new OpsError('asset not found');
        return { ok: true, asset };
      },
    },
    {
      ...{ method: 'GET', path: '/audit', summary: 'The audit of sidecars and metadata; nothing is written' },
      answer: schemas.assetReportAnswer,
      async handle() {
        const report = await impl().audit({ fix_missing: false });
        return { ok: report.missing_sidecars.length === 0, report };
      },
    },
  ];
}

type Query = z.infer<typeof schemas.assetsQuery>;

/** `tags` and `tag`, `licenses` and `license`; repeated, or with commas. */
export function filterOf(query: Query): AssetFilter {
  const list = (...given: readonly (string | readonly string[] | undefined)[]) =>
    given
      .flat()
      .flatMap(text => text?.split(',') ?? [])
      .map(text => text.trim())
      .filter(text => text !== '');
  const tags = list(query.tags, query.tag);
  const licenses = list(query.licenses, query.license);
  return {
    ...(query.type && { type: query.type }),
    ...(query.hash && { hash: query.hash.toLowerCase() }),
    ...(tags.length > 0 && { tags }),
    ...(licenses.length > 0 && { licenses }),
    ...(query.q && { q: query.q }),
    limit: query.limit ?? 200,
  };
}

function debugRoutes(
  impl: Impl,
  { hooks, busHooks }: { hooks: AssetCallbacks; busHooks: string },
): readonly Own[] {
  return [
    {
      ...{
        method: 'GET',
        path: '/debug/hooks',
        answer: schemas.assetHooksAnswer,
        summary: 'Listeners of each event',
      },
      handle: () => ({
        ok: true,
        hooks: Object.fromEntries(ASSET_HOOKS.map(event => [event, hooks.entries(event).length])),
      }),
    },
    {
      ...{ method: 'GET', path: `/debug/${busHooks}`, summary: 'What the hook bus is told about assets' },
      ...{ answer: schemas.assetBusHooksAnswer, handle: () => ({ ok: true, hooks: BUS_HOOKS }) },
    },
    {
      ...{ method: 'GET', path: '/debug/history', summary: 'The last events, redacted' },
      ...{ query: schemas.assetHistoryQuery, answer: schemas.assetHistoryAnswer },
      handle({ search }: OpsContext) {
        const { limit = 15 } = search as z.infer<typeof schemas.assetHistoryQuery>;
        return { ok: true, items: impl().history(limit) };
      },
    },
  ];
}

import * as schemas from '@plimsoll/wire/ops';
import type { z } from 'zod';
import { PlimsollError } from '../../base/errors.ts';
import { OpsError } from '../../base/ops-error.ts';
import type { Kit, OpsContext, Route } from '../../kernel/part.ts';
import { providersGate } from './gate.ts';
import type { ProvidersImpl } from './part.ts';

export function providersRoutes(kit: Kit): readonly Route[] {
  const prefix = kit.config.get('providers.prefix');
  const impl = (): ProvidersImpl => {
    const found = kit.read<ProvidersImpl>(providersGate.name);
    if (found === undefined) throw new PlimsollError('PLIMSOLL_OFF', 'providers');
    return found;
  };
  return [...reads(impl), ...asks(impl), ...changes(impl), ...exchange(impl)].map(route => ({
    ...route,
    path: `${prefix}${route.path}`,
    access: 'local' as const,
  }));
}

type Own = Omit<Route, 'access'>;
type Impl = () => ProvidersImpl;

function reads(impl: Impl): readonly Own[] {
  const list = () => ({ ok: true, providers: impl().list(), templates: impl().templates() });
  const shown = { method: 'GET', answer: schemas.providersAnswer, handle: list };
  return [
    { ...shown, path: '', summary: 'The providers, secrets masked, and the templates' },
    { ...shown, path: '/list' },
    {
      ...{ method: 'GET', path: '/health', summary: 'Probe every provider, or one' },
      ...{ query: schemas.providerHealthQuery, answer: schemas.providersHealthAnswer },
      async handle({ search }) {
        const { id } = search as z.infer<typeof schemas.providerHealthQuery>;
        if (id === undefined) return impl().health();
        const status = await impl().check(id);
        return { ok: status.ok, status };
      },
    },
  ];
}

function asks(impl: Impl): readonly Own[] {
  return [
    {
      ...{ method: 'GET', path: '/quota', summary: 'What is left of one provider' },
      ...{ query: schemas.providerQuery, answer: schemas.providerQuotaAnswer },
      handle: ({ search }) => impl().quota((search as z.infer<typeof schemas.providerQuery>).id),
    },
    {
      ...{
        method: 'GET',
        path: '/templates',
        summary: 'What a provider can be made from, or what one offers',
      },
      ...{ query: schemas.providerHealthQuery, answer: schemas.providerTemplatesAnswer },
      handle({ search }) {
        const { id } = search as z.infer<typeof schemas.providerHealthQuery>;
        return id === undefined ? { ok: true, templates: impl().templates() } : impl().offered(id);
      },
    },
    {
      ...{ method: 'POST', path: '/bootstrap', summary: 'Make a provider ready, and tell how it was found' },
      ...{ body: schemas.providerBootstrapRequest, answer: schemas.providerBootstrapAnswer },
      handle({ body }) {
        const { id, provider_id = '' } = body as z.infer<typeof schemas.providerBootstrapRequest>;
        return impl().bootstrap(id ?? provider_id);
      },
    },
  ];
}

function changes(impl: Impl): readonly Own[] {
  const remove = async ({ params }: OpsContext) => {
    if (!(await impl().remove(params['id'] ?? ''))) throw new OpsError('provider not found');
    return { ok: true };
  };
  const removal = { path: '/remove/:id', answer: schemas.providersOkAnswer, handle: remove };
  return [
    {
      ...{ method: 'POST', path: '/register', summary: 'Add a provider, or change the one of this id' },
      ...{ body: schemas.providerRegisterRequest, answer: schemas.providerEntryAnswer },
      async handle({ body }) {
        const input = body as z.infer<typeof schemas.providerRegisterRequest>;
        return { ok: true, provider: await impl().register(input) };
      },
    },
    {
      ...{ method: 'POST', path: '/create', summary: 'Add a provider from a template' },
      ...{ body: schemas.providerCreateRequest, answer: schemas.providerEntryAnswer },
      async handle({ body }) {
        const { template, ...input } = body as z.infer<typeof schemas.providerCreateRequest>;
        return { ok: true, provider: await impl().create(template, input) };
      },
    },
    {
      ...{ method: 'POST', path: '/activate', summary: 'Let a provider be probed, or not' },
      ...{ body: schemas.providerActivateRequest, answer: schemas.providerEntryAnswer },
      async handle({ body }) {
        const { id, active } = body as z.infer<typeof schemas.providerActivateRequest>;
        return { ok: true, provider: await impl().activate(id, active) };
      },
    },
    {
      ...{ method: 'POST', path: '/order', summary: 'Put these providers first' },
      ...{ body: schemas.providerOrderRequest, answer: schemas.providersAnswer },
      async handle({ body }) {
        const { order } = body as z.infer<typeof schemas.providerOrderRequest>;
        return { ok: true, providers: await impl().order(order), templates: impl().templates() };
      },
    },
    { ...removal, method: 'DELETE', summary: 'Remove a provider' },
    { ...removal, method: 'POST' },
  ];
}

function exchange(impl: Impl): readonly Own[] {
  return [
    {
      ...{ method: 'GET', path: '/export', summary: 'The providers as a file, without their secrets' },
      ...{ query: schemas.providersExportQuery, answer: schemas.providersExportAnswer },
      handle(c) {
        const { secrets = 'false' } = c.search as z.infer<typeof schemas.providersExportQuery>;
        const wanted = secrets === 'true' || secrets === '1';
        if (wanted && !(c.admin && fromThisMachine(c))) throw new OpsError('secrets need a loopback admin');
        return { version: 1, exported_at: Date.now(), providers: impl().export(wanted) };
      },
    },
    {
      ...{ method: 'POST', path: '/import', summary: 'Take over what was exported' },
      ...{ body: schemas.providersImportRequest, limit: 1024 * 1024, answer: schemas.providersImportAnswer },
      async handle({ body }) {
        const { providers, replace } = body as z.infer<typeof schemas.providersImportRequest>;
        return { ok: true, imported: await impl().import(providers, replace === true) };
      },
    },
  ];
}

/** A loopback peer that no proxy speaks for. */
function fromThisMachine({ peer, request }: OpsContext): boolean {
  for (const name of request.headers.keys()) if (/^(forwarded$|x-forwarded-|via$)/.test(name)) return false;
  return /^(127\.|::1$|::ffff:127\.)/.test(peer.address ?? '');
}

import { z } from 'zod';

const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/);
const bag = z.record(z.string(), z.unknown());
const level = z.enum(['ok', 'warn', 'error', 'unknown']);

export const rateLimit = z
  .object({
    name: z.string(),
    limit: z.number().optional(),
    remaining: z.number().optional(),
    reset_s: z.number().optional(),
  })
  .meta({ id: 'RateLimit' });

/** One row of the health of the providers; adapters add names of their own. */
export const providerHealth = z
  .looseObject({
    provider_id: z.string(),
    ok: z.boolean(),
    error: z.string().nullable(),
    latency_ms: z.number().nullable(),
    provider_name: z.string(),
    level,
    status_code: z.int().optional(),
    checked_at: z.string().nullable(),
    ts: z.int().nullable(),
    last_error: z.string().optional(),
    last_error_at: z.string().optional(),
    retry_after_s: z.int().optional(),
    rate_limits: z.array(rateLimit).optional(),
  })
  .meta({ id: 'ProviderHealth' });
export type ProviderHealthAnswer = z.infer<typeof providerHealth>;

export const providersHealthAnswer = z
  .union([
    z.object({
      ok: z.boolean(),
      counts: z.record(z.string(), z.int()),
      checked_at: z.string(),
      results: z.array(providerHealth),
    }),
    z.object({ ok: z.boolean(), status: providerHealth }),
  ])
  .meta({ id: 'ProvidersHealth' });
export type ProvidersHealthAnswer = z.infer<typeof providersHealthAnswer>;

const commandResult = z.object({
  ok: z.boolean(),
  returncode: z.int(),
  stdout: z.string(),
  stderr: z.string(),
});
/** What is said of one provider that was asked for something. */
const answerOfOne = {
  provider_id: z.string(),
  ok: z.boolean(),
  error: z.string().optional(),
  code: z.string().optional(),
  checked_at: z.string(),
};
export const providerQuotaAnswer = z
  .object({
    ...answerOfOne,
    latency_ms: z.number().optional(),
    endpoint: z.string().optional(),
    quota: bag.optional(),
    /** Of a machine of one's own. */
    results: z.record(z.string(), commandResult).optional(),
    rate_limits: z.array(rateLimit).optional(),
  })
  .meta({ id: 'ProviderQuota' });
export type ProviderQuotaAnswer = z.infer<typeof providerQuotaAnswer>;

/** Secrets are masked. */
export const provider = z
  .object({
    id: z.string(),
    name: z.string(),
    kind: z.string(),
    service: z.string(),
    base_url: z.string(),
    active: z.boolean(),
    priority: z.number(),
    warn_ms: z.number().optional(),
    error_ms: z.number().optional(),
    meta: bag,
    config: bag,
    last_health: providerHealth.optional(),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'Provider' });
export type ProviderAnswer = z.infer<typeof provider>;

export const providerTemplate = z
  .object({
    ...{ id: z.string(), name: z.string(), kind: z.string(), service: z.string(), base_url: z.string() },
    meta: bag,
  })
  .meta({ id: 'ProviderTemplate' });

export const providersAnswer = z
  .object({ ok: z.literal(true), providers: z.array(provider), templates: z.array(providerTemplate) })
  .meta({ id: 'Providers' });
export type ProvidersAnswer = z.infer<typeof providersAnswer>;

/** What one provider offers; adapters add names of their own to each template. */
export const providerOffer = z
  .object({
    ...answerOfOne,
    latency_ms: z.number().optional(),
    templates: z.array(z.looseObject({ id: z.string(), name: z.string() })),
  })
  .meta({ id: 'ProviderOffer' });
export const providerTemplatesAnswer = z
  .union([providerOffer, z.object({ ok: z.literal(true), templates: z.array(providerTemplate) })])
  .meta({ id: 'ProviderTemplates' });
export const providerBootstrapAnswer = z
  .object({
    ...answerOfOne,
    steps: z.array(z.object({ name: z.string(), ok: z.boolean(), error: z.string().optional() })),
    details: z
      .object({
        health: providerHealth,
        quota: providerQuotaAnswer.optional(),
        templates: providerOffer.optional(),
      })
      .optional(),
  })
  .meta({ id: 'ProviderBootstrap' });
export const providerEntryAnswer = z.object({ ok: z.literal(true), provider }).meta({ id: 'ProviderEntry' });
export const providersOkAnswer = z.object({ ok: z.literal(true) }).meta({ id: 'ProvidersOk' });
export const providersImportAnswer = z
  .object({ ok: z.literal(true), imported: z.int() })
  .meta({ id: 'ProvidersImported' });

const ms = z.number().min(0).max(3_600_000);
const entry = z.object({
  id: id.optional(),
  name: z.string().min(1).max(128).optional(),
  kind: z.string().min(1).max(64).optional(),
  service: z.string().min(1).max(64).optional(),
  base_url: z.string().min(1).max(2048).optional(),
  endpoint: z.string().min(1).max(2048).optional(),
  active: z.boolean().optional(),
  priority: z.number().optional(),
  warn_ms: ms.optional(),
  error_ms: ms.optional(),
  meta: bag.optional(),
  config: bag.optional(),
});

export const providerRegisterRequest = entry
  .refine(({ base_url, endpoint }) => base_url !== undefined || endpoint !== undefined, {
    path: ['base_url'],
  })
  .refine(value => value.id !== undefined || value.name !== undefined, { path: ['id'] })
  .meta({ id: 'ProviderRegisterRequest' });
export const providerCreateRequest = entry
  .extend({ template: z.string().min(1).max(64) })
  .meta({ id: 'ProviderCreateRequest' });
export const providerActivateRequest = z
  .object({ id, active: z.boolean().optional() })
  .meta({ id: 'ProviderActivateRequest' });
export const providerBootstrapRequest = z
  .object({ id: id.optional(), provider_id: id.optional() })
  .refine(value => value.id !== undefined || value.provider_id !== undefined, { path: ['id'] })
  .meta({ id: 'ProviderBootstrapRequest' });
export const providerOrderRequest = z
  .object({ order: z.array(id).max(256) })
  .meta({ id: 'ProviderOrderRequest' });
export const providersExportAnswer = z
  .object({ version: z.literal(1), exported_at: z.int(), providers: z.array(bag) })
  .meta({ id: 'ProvidersExport' });
export const providersImportRequest = z
  .object({
    version: z.literal(1).optional(),
    exported_at: z.number().optional(),
    /** The others go. */
    replace: z.boolean().optional(),
    providers: z.array(entry).max(256),
  })
  .meta({ id: 'ProvidersImportRequest' });

export const providerQuery = z.object({ id: z.string().min(1).max(128) });
export const providerHealthQuery = z.object({ id: z.string().min(1).max(128).optional() });
export const providersExportQuery = z.object({ secrets: z.enum(['true', 'false', '1', '0']).optional() });

import { z } from 'zod';

export const hookOk = z.object({ ok: z.literal(true) }).meta({ id: 'HookOk' });

const hookEntry = z
  .object({
    name: z.string(),
    description: z.string(),
    ws_topic: z.string(),
    rest_event: z.string(),
    /** Field → what it is. */
    payload: z.record(z.string(), z.string()),
  })
  .meta({ id: 'HookEntry' });
export type HookEntryAnswer = z.infer<typeof hookEntry>;

const envelope = z
  .object({
    event: z.string(),
    /** Seconds since the Unix epoch, with a fraction. */
    ts: z.number(),
    data: z.record(z.string(), z.unknown()),
    id: z.string(),
  })
  .meta({ id: 'HookEnvelope' });
export type HookEnvelopeAnswer = z.infer<typeof envelope>;

/** A secret is in no answer. */
const webhook = z
  .object({
    id: z.string(),
    event: z.string(),
    url: z.string(),
    ordered: z.boolean(),
    signed: z.boolean(),
    disabled: z.literal('gone').optional(),
    pending: z.int(),
    dead: z.int(),
    breaker: z.enum(['closed', 'open', 'half-open']),
  })
  .meta({ id: 'Webhook' });
export type WebhookAnswer = z.infer<typeof webhook>;

const pluginHost = { enabled: z.boolean(), root: z.string() };

export const hooksAnswer = z
  .object({
    ok: z.literal(true),
    hooks: z.array(hookEntry),
    webhooks: z.array(webhook),
    plugin_host: z.object(pluginHost),
    history: z.array(envelope),
  })
  .meta({ id: 'Hooks' });
export type HooksAnswer = z.infer<typeof hooksAnswer>;

/** Less than 1 is 1, as clients of the first host know it. */
export const hookHistoryQuery = z.object({ limit: z.coerce.number().catch(1).default(25) });
export type HookHistoryQuery = z.infer<typeof hookHistoryQuery>;
export const hookHistoryAnswer = z
  .object({ ok: z.literal(true), items: z.array(envelope) })
  .meta({ id: 'HookHistory' });

/** Of any type: what is wrong with one has a literal of its own, which clients compare. */
export const webhookRequest = z
  .looseObject({
    event: z.unknown().optional(),
    url: z.unknown().optional(),
    secret: z.unknown().optional(),
    /** One delivery at a time, in the order of the hooks. */
    ordered: z.unknown().optional(),
  })
  .meta({ id: 'WebhookRequest' });
export const webhooksAnswer = z
  .object({ ok: z.literal(true), webhooks: z.array(webhook) })
  .meta({ id: 'Webhooks' });

export const webhookRotateRequest = z
  .strictObject({
    secret: z.string(),
    /** How long the old secrets sign beside it; default a day. */
    keep_seconds: z.int().min(0).max(2_592_000).optional(),
  })
  .meta({ id: 'WebhookRotateRequest' });
export type RotateRequest = z.infer<typeof webhookRotateRequest>;

export const hookTestRequest = z
  .looseObject({ event: z.unknown().optional(), payload: z.unknown().optional() })
  .optional()
  .meta({ id: 'HookTestRequest' });
export const hookTestAnswer = z.object({ ok: z.literal(true), event: z.string() }).meta({ id: 'HookTest' });

const attempt = z
  .object({
    /** Milliseconds since the Unix epoch. */
    at: z.number(),
    webhook: z.string(),
    /** The message's `webhook-id`. */
    id: z.string(),
    event: z.string(),
    attempt: z.int(),
    ok: z.boolean(),
    status: z.int().optional(),
    code: z.string().optional(),
    latency_ms: z.number(),
  })
  .meta({ id: 'WebhookAttempt' });
export type AttemptAnswer = z.infer<typeof attempt>;

const limit = z.coerce.number().int().min(1).max(1000).default(100);
export const deliveriesQuery = z.object({ webhook: z.string().optional(), limit });
export type DeliveriesQuery = z.infer<typeof deliveriesQuery>;
export const deliveriesAnswer = z
  .object({ ok: z.literal(true), attempts: z.array(attempt) })
  .meta({ id: 'WebhookDeliveries' });

const deadLetter = z
  .object({
    id: z.string(),
    webhook: z.string(),
    event: z.string(),
    attempts: z.int(),
    reason: z.string(),
    at: z.number(),
    status: z.int().optional(),
    code: z.string().optional(),
  })
  .meta({ id: 'DeadLetter' });
export type DeadLetterAnswer = z.infer<typeof deadLetter>;
export const deadLettersQuery = z.object({ webhook: z.string().optional(), limit });
export type DeadLettersQuery = z.infer<typeof deadLettersQuery>;
export const deadLettersAnswer = z
  .object({ ok: z.literal(true), items: z.array(deadLetter) })
  .meta({ id: 'DeadLetters' });

/** Without any of these, all dead letters. */
export const webhookReplayRequest = z
  .strictObject({
    ids: z.array(z.string()).min(1).max(1000).optional(),
    webhook: z.string().optional(),
    /** Milliseconds since the Unix epoch, of the time at which it was given up; both inclusive. */
    since: z.number().optional(),
    until: z.number().optional(),
  })
  .meta({ id: 'ReplayRequest' });
export type ReplayRequest = z.infer<typeof webhookReplayRequest>;
export const webhookReplayAnswer = z
  .object({ ok: z.literal(true), replayed: z.int() })
  .meta({ id: 'Replay' });

const plugin = z
  .object({
    file: z.string(),
    state: z.enum(['starting', 'running', 'restarting', 'stopped']),
    hooks: z.array(z.string()),
    calls: z.int(),
    errors: z.int(),
    missed: z.int(),
    restarts: z.int(),
    last_error: z.string().optional(),
  })
  .meta({ id: 'HookPlugin' });
export type HookPluginAnswer = z.infer<typeof plugin>;
export const hookPluginsAnswer = z
  .object({ ok: z.literal(true), ...pluginHost, plugins: z.array(plugin) })
  .meta({ id: 'HookPlugins' });
export type HookPluginsAnswer = z.infer<typeof hookPluginsAnswer>;

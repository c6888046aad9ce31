import { z } from 'zod';

const name = z.string().min(1).max(1024);
/** UTC, ISO 8601 with microseconds. */
const moment = z.string();

export const telemetryConsentRequest = z
  .object({
    telemetry_opt_in: z.boolean().nullish(),
    crash_opt_in: z.boolean().nullish(),
    diagnostics_opt_in: z.boolean().nullish(),
    dry_run: z.boolean().nullish(),
  })
  .meta({ id: 'TelemetryConsentRequest' });
export type TelemetryConsentRequest = z.infer<typeof telemetryConsentRequest>;

/** What is absent stays as it is. */
export const telemetryOptInRequest = z
  .object({
    crash: z.boolean().nullish(),
    diagnostics: z.boolean().nullish(),
    dry_run: z.boolean().nullish(),
  })
  .optional()
  .meta({ id: 'TelemetryOptInRequest' });
export type TelemetryOptInRequest = z.infer<typeof telemetryOptInRequest>;

const consent = z
  .object({
    telemetry_opt_in: z.boolean(),
    crash_opt_in: z.boolean(),
    diagnostics_opt_in: z.boolean(),
    dry_run: z.boolean(),
  })
  .meta({ id: 'TelemetryConsent' });
export type TelemetryConsent = z.infer<typeof consent>;

const states = z.object({
  flag_enabled: z.boolean(),
  telemetry_opt_in: z.boolean(),
  telemetry_active: z.boolean(),
  crash_opt_in: z.boolean(),
  crash_active: z.boolean(),
  diagnostics_opt_in: z.boolean(),
  diagnostics_active: z.boolean(),
  dry_run: z.boolean(),
  last_settings_update: moment.nullable(),
  /** First 8 digits of the installation's id; null before there is consent. */
  anonymous_preview: z.string().nullable(),
  /** What lowers the stored consent now. */
  lowered_by: z.enum(['do_not_track', 'ci', 'forbidden']).nullable(),
  /** False without a runtime root: then nothing is recorded. */
  storage: z.boolean(),
});
export type TelemetryStates = z.infer<typeof states>;

const flag = { feature_flag: z.boolean() };

export const telemetryHealthAnswer = states
  .extend({ ok: z.literal(true), ...flag })
  .meta({ id: 'TelemetryHealth' });
export type TelemetryHealthAnswer = z.infer<typeof telemetryHealthAnswer>;

export const telemetrySettingsAnswer = z
  .object({
    ok: z.literal(true),
    /** As stored; `health` has what counts. */
    settings: consent,
    telemetry_active: z.boolean(),
    crash_uploads_active: z.boolean(),
    diagnostics_opt_in: z.boolean(),
    diagnostics_active: z.boolean(),
    health: states,
    ...flag,
  })
  .meta({ id: 'TelemetrySettings' });
export type TelemetrySettingsAnswer = z.infer<typeof telemetrySettingsAnswer>;

const feature = z.object({
  total: z.int(),
  last_ts: moment,
  variants: z.record(z.string(), z.int()).optional(),
});
const hook = z.object({
  total: z.int(),
  last_ts: moment,
  samples: z.array(z.object({ ts: moment, payload: z.unknown() })),
});
const event = z.object({ event: z.string(), category: z.string(), ts: moment, payload: z.unknown() });
const crash = z.object({ report: z.string(), ts: moment });
export type TelemetryFeature = z.infer<typeof feature>;
export type TelemetryHook = z.infer<typeof hook>;
export type TelemetryEvent = z.infer<typeof event>;
export type TelemetryCrash = z.infer<typeof crash>;

export const telemetrySummaryAnswer = z
  .object({
    /** 32 hex digits; null while telemetry is not active. */
    anonymous_id: z.string().nullable(),
    app_version: z.string().nullable(),
    flag_enabled: z.boolean(),
    telemetry_active: z.boolean(),
    crash_uploads_active: z.boolean(),
    diagnostics_opt_in: z.boolean(),
    diagnostics_active: z.boolean(),
    dry_run: z.boolean(),
    consent,
    features: z.record(z.string(), feature),
    hooks: z.record(z.string(), hook),
    crashes: z.array(crash),
    /** Empty here; GET /events has them. */
    events: z.array(event),
    meta: z.object({ created_at: moment.nullable(), settings_updated_at: moment.nullable() }),
    ...flag,
  })
  .meta({ id: 'TelemetrySummary' });
export type TelemetrySummaryAnswer = z.infer<typeof telemetrySummaryAnswer>;

export const telemetryFeatureRequest = z
  .object({ feature: name, variant: name.nullish() })
  .meta({ id: 'TelemetryFeatureRequest' });
export type TelemetryFeatureRequest = z.infer<typeof telemetryFeatureRequest>;

export const telemetryEventRequest = z
  .object({ event: name, payload: z.record(z.string(), z.unknown()).nullish(), category: name.nullish() })
  .meta({ id: 'TelemetryEventRequest' });
export type TelemetryEventRequest = z.infer<typeof telemetryEventRequest>;

export const telemetryRecordedAnswer = z
  .object({ ok: z.literal(true), recorded: z.boolean(), telemetry_active: z.boolean(), ...flag })
  .meta({ id: 'TelemetryRecorded' });
export type TelemetryRecordedAnswer = z.infer<typeof telemetryRecordedAnswer>;

export const telemetryEventsQuery = z.object({ limit: z.coerce.number().int().min(1).max(200).default(20) });
export const telemetryEventsAnswer = z
  .object({ events: z.array(event), ...flag })
  .meta({ id: 'TelemetryEvents' });
export const telemetryHooksAnswer = z
  .object({ hooks: z.record(z.string(), hook), ...flag })
  .meta({ id: 'TelemetryHooks' });
export const telemetryCrashesAnswer = z
  .object({ crashes: z.array(crash), ...flag })
  .meta({ id: 'TelemetryCrashes' });

export const telemetryPreviewQuery = z.object({ format: z.enum(['json', 'raw']).default('json') });
export const telemetryPreviewAnswer = z
  .object({
    /** True when these bytes leave with the next batch. */
    would_send: z.boolean(),
    /** What holds them back, if anything does. */
    reason: z.enum(['flag_off', 'no_consent', 'dry_run', 'no_endpoint', 'no_storage']).nullable(),
    /** Without login and query. */
    endpoint: z.string().nullable(),
    content_type: z.string(),
    size: z.int(),
    /** Batches that wait. */
    queued: z.int(),
    /** The request's body as it is or would be sent, base64. */
    body: z.string(),
    /** The same, to read: OTLP/JSON. */
    readable: z.unknown(),
    ...flag,
  })
  .meta({ id: 'TelemetryPreview' });
export type TelemetryPreviewAnswer = z.infer<typeof telemetryPreviewAnswer>;

export const telemetryLedgerQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});
const receipt = z
  .object({
    batch: z.string(),
    first_sent_at: moment,
    last_sent_at: moment,
    attempts: z.int(),
    /** `unknown`: the process ended before an answer came; it may have arrived. */
    outcome: z.enum(['accepted', 'refused', 'failed', 'unknown']),
    /** The answer's HTTP status, or an error's code. */
    status: z.string().nullable(),
    endpoint: z.string(),
    size: z.int(),
    records: z.int(),
    sha256: z.string(),
    /** What was sent, base64; null once it was forgotten. */
    body: z.string().nullable(),
  })
  .meta({ id: 'TelemetryReceipt' });
export type TelemetryReceipt = z.infer<typeof receipt>;
/** Newest first. */
export const telemetryLedgerAnswer = z
  .object({ entries: z.array(receipt), total: z.int(), ...flag })
  .meta({ id: 'TelemetryLedger' });
export type TelemetryLedgerAnswer = z.infer<typeof telemetryLedgerAnswer>;

export const telemetryForgetAnswer = z
  .object({ ok: z.literal(true), forgotten: z.boolean(), ...flag })
  .meta({ id: 'TelemetryForget' });

/** A zip: manifest.json, telemetry.json, crashes.json. */
export const telemetryDiagnosticsAnswer = z.string().meta({ id: 'TelemetryDiagnostics' });

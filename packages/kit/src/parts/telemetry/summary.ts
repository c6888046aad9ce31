import type { Permission } from './consent.ts';
import type { TelemetrySummary } from './gate.ts';
import type { Usage } from './usage.ts';

export interface Known {
  /** Undefined where nothing may be shown. */
  readonly usage: Usage | undefined;
  readonly id: string | null;
  readonly version: string;
}

/** The summary of what is counted; of an installation without consent it says nothing but that. */
export function summaryOf(permission: Permission, { usage, id, version }: Known): TelemetrySummary {
  const { consent } = permission;
  return {
    anonymous_id: permission.telemetry ? id : null,
    app_version: version || null,
    flag_enabled: permission.flag,
    telemetry_active: permission.telemetry,
    crash_uploads_active: permission.crash,
    diagnostics_opt_in: consent.diagnostics_opt_in,
    diagnostics_active: permission.diagnostics,
    dry_run: consent.dry_run,
    consent,
    features: usage?.features ?? {},
    hooks: usage?.hooks ?? {},
    crashes: permission.crash ? (usage?.crashes ?? []) : [],
    events: [],
    meta: { created_at: usage?.meta.created_at ?? null, settings_updated_at: permission.updatedAt },
  };
}

/** What `/health` and `/settings` say of the consent that counts. */
export function statesOf(permission: Permission, { id, storage }: { id: string | null; storage: boolean }) {
  const { consent } = permission;
  return {
    flag_enabled: permission.flag,
    telemetry_opt_in: consent.telemetry_opt_in,
    telemetry_active: permission.telemetry,
    crash_opt_in: consent.crash_opt_in,
    crash_active: permission.crash,
    diagnostics_opt_in: consent.diagnostics_opt_in,
    diagnostics_active: permission.diagnostics,
    dry_run: consent.dry_run,
    last_settings_update: permission.updatedAt,
    anonymous_preview: permission.telemetry && id !== null ? id.slice(0, 8) : null,
    lowered_by: permission.loweredBy,
    storage,
  };
}

import type { Gate, Slot } from '../../config/gate.ts';

export interface TelemetryConsent {
  readonly telemetry_opt_in: boolean;
  readonly crash_opt_in: boolean;
  readonly diagnostics_opt_in: boolean;
  readonly dry_run: boolean;
}

export interface TelemetryFeature {
  readonly total: number;
  readonly last_ts: string;
  readonly variants?: Readonly<Record<string, number>>;
}

export interface TelemetryHook {
  readonly total: number;
  readonly last_ts: string;
  /** The last five, hashed, oldest first. */
  readonly samples: readonly { readonly ts: string; readonly payload: unknown }[];
}

/** What is counted on this installation; times are UTC, ISO 8601 with microseconds. */
export interface TelemetrySummary {
  /** 32 hex digits; null while telemetry is not active. */
  readonly anonymous_id: string | null;
  readonly app_version: string | null;
  readonly flag_enabled: boolean;
  readonly telemetry_active: boolean;
  readonly crash_uploads_active: boolean;
  readonly diagnostics_opt_in: boolean;
  readonly diagnostics_active: boolean;
  readonly dry_run: boolean;
  readonly consent: TelemetryConsent;
  readonly features: Readonly<Record<string, TelemetryFeature>>;
  readonly hooks: Readonly<Record<string, TelemetryHook>>;
  readonly crashes: readonly { readonly report: string; readonly ts: string }[];
  readonly events: readonly never[];
  readonly meta: { readonly created_at: string | null; readonly settings_updated_at: string | null };
}

/**
 * `obs.telemetry`: usage that its user consented to. Each recorder says whether it recorded, which takes the flag
 * `enable_observability`, consent and a runtime root; true means that a killed process has it when it starts again.
 */
export interface Telemetry {
  /** Counts a use of a feature. Names are trimmed and lower-cased; they are constants of the code, never data. */
  feature(name: string, variant?: string): boolean;
  /** Keeps an event; ids, paths and credentials in the payload are hashed or gone before it is stored. */
  event(name: string, payload?: Readonly<Record<string, unknown>>, category?: string): boolean;
  /** Keeps the digest of a crash dump's path; takes `enable_crash_uploader` and consent to crashes as well. */
  registerCrash(path: string): boolean;
  summary(): TelemetrySummary;
}

const OFF_SUMMARY: TelemetrySummary = {
  ...{ anonymous_id: null, app_version: null, flag_enabled: false, telemetry_active: false },
  ...{ crash_uploads_active: false, diagnostics_opt_in: false, diagnostics_active: false, dry_run: true },
  consent: { telemetry_opt_in: false, crash_opt_in: false, diagnostics_opt_in: false, dry_run: true },
  ...{ features: {}, hooks: {}, crashes: [], events: [] },
  meta: { created_at: null, settings_updated_at: null },
};

const ROUTES = [
  ...['health', 'settings', 'opt_in', 'summary', 'features', 'events', 'hooks', 'crashes', 'diagnostics'],
  ...['preview', 'ledger', 'forget'],
];

export const telemetryGate: Gate<Telemetry> = {
  name: 'telemetry',
  on: (_config, flags) => flags.subsystem('observability').enabled,
  paths: config => ROUTES.map(route => `${config.get('telemetry.prefix')}/${route}`),
  always: true,
  off: {
    feature: () => false,
    event: () => false,
    registerCrash: () => false,
    summary: () => OFF_SUMMARY,
  },
};

export function telemetryOf(slot: Slot<Telemetry>): Telemetry {
  return {
    feature: (name, variant) => slot.impl.feature(name, variant),
    event: (name, payload, category) => slot.impl.event(name, payload, category),
    registerCrash: path => slot.impl.registerCrash(path),
    summary: () => slot.impl.summary(),
  };
}

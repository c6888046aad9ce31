import { PlimsollError } from '../../base/errors.ts';
import type { Gate, Slot } from '../../config/gate.ts';

export type ProviderLevel = 'ok' | 'warn' | 'error' | 'unknown';

/** What an application or an operator says of a provider. Everything in `config` is private, `meta` is not. */
export interface ProviderInput {
  /** Default: the name as a slug. */
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  /** Default `remote`. */
  readonly kind?: string | undefined;
  /** How it is probed: `openai`, `runpod`, `s3`, `ssh`, `echo`, or anything for a plain URL. Default: the kind. */
  readonly service?: string | undefined;
  readonly base_url?: string | undefined;
  /** Another name of `base_url`. */
  readonly endpoint?: string | undefined;
  readonly active?: boolean | undefined;
  readonly priority?: number | undefined;
  /** Milliseconds from which the latency is a warning, and from which it is an error (unset: never). */
  readonly warn_ms?: number | undefined;
  readonly error_ms?: number | undefined;
  readonly meta?: Readonly<Record<string, unknown>> | undefined;
  readonly config?: Readonly<Record<string, unknown>> | undefined;
}

export interface Provider {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly service: string;
  readonly base_url: string;
  readonly active: boolean;
  readonly priority: number;
  readonly warn_ms?: number;
  readonly error_ms?: number;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly config: Readonly<Record<string, unknown>>;
  readonly last_health?: ProviderHealth;
  /** UTC, ISO 8601. */
  readonly created_at: string;
  readonly updated_at: string;
}

/** One window of a rate limit, as the provider's own headers told it. */
export interface RateLimit {
  readonly name: string;
  readonly limit?: number;
  readonly remaining?: number;
  /** Seconds until it is whole again, counted from now. */
  readonly reset_s?: number;
}

/** One row of the health answer. The first four names are always there. */
export interface ProviderHealth {
  readonly provider_id: string;
  readonly ok: boolean;
  readonly error: string | null;
  readonly latency_ms: number | null;
  readonly provider_name: string;
  readonly level: ProviderLevel;
  readonly status_code?: number;
  /** UTC, ISO 8601; null for what was never probed. */
  readonly checked_at: string | null;
  /** The same in epoch milliseconds. */
  readonly ts: number | null;
  readonly last_error?: string;
  readonly last_error_at?: string;
  readonly retry_after_s?: number;
  readonly rate_limits?: readonly RateLimit[];
  /** An adapter's own: `models`, `templates`, `bucket`. */
  readonly [extra: string]: unknown;
}

export interface ProvidersHealth {
  /** True where any of the providers that were asked is healthy, or there is none to ask but the built-in one. */
  readonly ok: boolean;
  readonly counts: Readonly<Record<ProviderLevel | 'total' | 'healthy', number>>;
  readonly checked_at: string;
  readonly results: readonly ProviderHealth[];
}

/** What is said of one provider that was asked for something. */
interface AnswerOfOne {
  readonly provider_id: string;
  readonly ok: boolean;
  readonly error?: string;
  /** Stable: what was asked for, as in `quota_unsupported`, `quota_failed`. */
  readonly code?: string;
  readonly checked_at: string;
}

export interface ProviderQuota extends AnswerOfOne {
  readonly latency_ms?: number;
  readonly endpoint?: string;
  readonly quota?: Readonly<Record<string, unknown>>;
  /** Of a machine of one's own: `gpu`, `disk` and `docker`, and what each command printed. */
  readonly results?: Readonly<Record<string, CommandResult>>;
  readonly rate_limits?: readonly RateLimit[];
}

export interface CommandResult {
  readonly ok: boolean;
  readonly returncode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a provider offers to start from: of an account its templates, of a machine its images. */
export interface ProviderOffer extends AnswerOfOne {
  readonly latency_ms?: number;
  readonly templates: readonly OfferedTemplate[];
}

export interface OfferedTemplate {
  readonly id: string;
  readonly name: string;
  /** `image`, `gpu`, `hourly_usd`, `size`, and others. */
  readonly [extra: string]: unknown;
}

export interface ProviderBootstrap extends AnswerOfOne {
  readonly steps: readonly { readonly name: string; readonly ok: boolean; readonly error?: string }[];
  /** How it was found afterwards. */
  readonly details?: {
    readonly health: ProviderHealth;
    readonly quota?: ProviderQuota;
    readonly templates?: ProviderOffer;
  };
}

export interface ProviderTemplate {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly service: string;
  readonly base_url: string;
  readonly meta: Readonly<Record<string, unknown>>;
}

/** The slice of an answer that `observe` reads: a fetch `Response`, or a client's with plain headers. */
export interface ObservedResponse {
  readonly status: number;
  readonly headers:
    | { get(name: string): string | null }
    | Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** The registry of the remote services that this one depends on. */
export interface Providers {
  /** By priority; secrets are masked at every depth. */
  list(): readonly Provider[];
  /** As registered, secrets included; undefined for an unknown id. */
  get(id: string): Provider | undefined;
  templates(): readonly ProviderTemplate[];
  /** Adds a provider or changes the one of this id. Rejects with `OpsError`s, and then nothing changed. */
  register(input: ProviderInput): Promise<Provider>;
  /** From a template: its values under the given ones, and an id that is free. */
  create(template: string, input?: ProviderInput): Promise<Provider>;
  activate(id: string, active?: boolean): Promise<Provider>;
  /** These ids first, in this order; `local` stays before all. */
  order(ids: readonly string[]): Promise<readonly Provider[]>;
  remove(id: string): Promise<boolean>;
  /** Probes every active provider at once, within `providers.budgetMs`. Calls that overlap share a round. */
  health(): Promise<ProvidersHealth>;
  check(id: string): Promise<ProviderHealth>;
  quota(id: string): Promise<ProviderQuota>;
  offered(id: string): Promise<ProviderOffer>;
  /** Makes a machine ready (its `config.folders`), and tells how it was found: health, quota, templates. */
  bootstrap(id: string): Promise<ProviderBootstrap>;
  /** Learns from an answer that the app got anyway: status, `Retry-After`, rate-limit headers. Never throws. */
  observe(id: string, response: ObservedResponse): void;
}

const off = (): Promise<never> => Promise.reject(new PlimsollError('PLIMSOLL_OFF', 'providers'));

export const providersGate: Gate<Providers> = {
  name: 'providers',
  on: (_config, flags) => flags.isEnabled('enable_providers'),
  paths: config => {
    const prefix = config.get('providers.prefix');
    return PATHS.map(path => `${prefix}${path}`);
  },
  off: {
    list: () => [],
    get: () => undefined,
    templates: () => [],
    ...{ register: off, create: off, activate: off, order: off, remove: off },
    ...{ health: off, check: off, quota: off, offered: off, bootstrap: off, observe: () => {} },
  },
};

export const PATHS = [
  ...['', '/list', '/health', '/quota', '/templates', '/register', '/create', '/activate', '/order'],
  ...['/remove/:id', '/bootstrap', '/export', '/import'],
] as const;

export function providersOf(slot: Slot<Providers>): Providers {
  return {
    list: () => slot.impl.list(),
    get: id => slot.impl.get(id),
    templates: () => slot.impl.templates(),
    register: input => slot.impl.register(input),
    create: (template, input) => slot.impl.create(template, input),
    activate: (id, active) => slot.impl.activate(id, active),
    order: ids => slot.impl.order(ids),
    remove: id => slot.impl.remove(id),
    health: () => slot.impl.health(),
    check: id => slot.impl.check(id),
    quota: id => slot.impl.quota(id),
    offered: id => slot.impl.offered(id),
    bootstrap: id => slot.impl.bootstrap(id),
    observe: (id, response) => slot.impl.observe(id, response),
  };
}

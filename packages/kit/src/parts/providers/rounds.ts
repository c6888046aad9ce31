import type { Clock } from '../../base/clock.ts';
import type { Kit } from '../../kernel/part.ts';
import { adapterOf, type Probed, statusError } from './adapters.ts';
import { ProbeError } from './fetch.ts';
import type {
  ObservedResponse,
  Provider,
  ProviderHealth,
  ProviderLevel,
  ProviderQuota,
  ProvidersHealth,
  RateLimit,
} from './gate.ts';
import { headerReader, readTold, type Told } from './limits.ts';
import { masked, scrub, scrubDeep, secretsOf } from './mask.ts';
import { LOCAL, type Registry } from './registry.ts';

interface Known {
  told?: Told;
  lastError?: string;
  lastErrorAt?: string;
}

const ERROR_TEXT = 200;

/** Probes, alone and in rounds, with what the answers told in between. */
export class Rounds {
  readonly #kit: Kit;
  readonly #registry: Registry;
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();
  readonly #stop = new AbortController();
  #round: Promise<ProvidersHealth> | undefined;

  constructor(kit: Kit, registry: Registry) {
    this.#kit = kit;
    this.#registry = registry;
    this.#clock = kit.clock;
  }

  /** Everybody who asks while a round is under way gets that one. */
  all(): Promise<ProvidersHealth> {
    this.#round ??= this.#all().finally(() => {
      this.#round = undefined;
    });
    return this.#round;
  }

  async #all(): Promise<ProvidersHealth> {
    const budget = this.#budget();
    const results = await Promise.all(this.#registry.list().map(one => this.check(one, budget)));
    const count = (level: ProviderLevel) => results.filter(row => row.level === level).length;
    const remote = results.filter(({ provider_id }) => provider_id !== LOCAL);
    return {
      ok: remote.some(({ ok }) => ok),
      counts: {
        ...{ total: results.length, healthy: results.filter(({ ok }) => ok).length },
        ...{ ok: count('ok'), warn: count('warn'), error: count('error'), unknown: count('unknown') },
      },
      checked_at: this.#time(),
      results,
    };
  }

  /** Never rejects: a provider that is down is an answer. */
  async check(provider: Provider, budget = this.#budget()): Promise<ProviderHealth> {
    if (provider.id === LOCAL) return this.#row(provider, { ok: true }, { latency: 0 });
    if (!provider.active) return { ...this.#base(provider), ok: false, level: 'unknown' };
    const known = this.#of(provider.id);
    const wait = (known.told?.retryAt ?? 0) - this.#clock.now();
    // It asked to be left alone, and a probe is a call like any other.
    if (wait > 0) return this.#row(provider, { ok: false, error: 'rate limited' }, {});
    const began = this.#clock.monotonic();
    const signal = AbortSignal.any([budget, this.#timeout(), this.#stop.signal]);
    const probed = await this.#probe(provider, signal);
    const latency = probed.answer?.latencyMs ?? Math.round((this.#clock.monotonic() - began) * 100) / 100;
    if (probed.answer !== undefined) this.#learn(provider.id, probed.answer);
    const row = this.#row(provider, probed, { latency });
    this.#registry.note(row);
    return row;
  }

  async #probe(provider: Provider, signal: AbortSignal): Promise<Probed> {
    try {
      return await adapterOf(provider).probe(provider, signal);
    } catch (error) {
      return { ok: false, error: error instanceof ProbeError ? error.failure : 'probe failed' };
    }
  }

  async quota(provider: Provider): Promise<ProviderQuota> {
    const base = { provider_id: provider.id, checked_at: this.#time() };
    const limits = () => this.#limits(this.#of(provider.id));
    const adapter = adapterOf(provider);
    if (provider.id === LOCAL || adapter.quota === undefined) {
      return { ...base, ok: false, error: 'quota inspection not supported', code: 'quota_unsupported' };
    }
    const signal = AbortSignal.any([this.#budget(), this.#timeout(), this.#stop.signal]);
    try {
      const found = await adapter.quota(provider, signal);
      if (found !== undefined) this.#learn(provider.id, found.answer);
      const rate_limits = limits();
      if (found === undefined && rate_limits === undefined) {
        return { ...base, ok: false, error: 'no account path told a quota', code: 'quota_failed' };
      }
      return {
        ...base,
        ok: true,
        ...(found && {
          quota: this.#clean(provider, found.quota) as Readonly<Record<string, unknown>>,
          latency_ms: found.answer.latencyMs,
          endpoint: found.endpoint,
        }),
        ...(rate_limits && { rate_limits }),
      };
    } catch (error) {
      const reason = error instanceof ProbeError ? error.failure : 'probe failed';
      return { ...base, ok: false, error: reason, code: 'quota_failed' };
    }
  }

  observe(provider: Provider, response: ObservedResponse): void {
    this.#learn(provider.id, response);
    const { status } = response;
    if (status !== 429 && status < 500 && status !== 401) return;
    this.#failed(this.#of(provider.id), statusError(status));
  }

  stop(): void {
    this.#stop.abort();
  }

  #learn(id: string, { headers }: Pick<ObservedResponse, 'headers'>): void {
    const told = readTold(headerReader(headers), this.#clock.now());
    const known = this.#of(id);
    const limits = told.limits.length > 0 ? told.limits : (known.told?.limits ?? []);
    known.told = { ...(told.retryAt !== undefined && { retryAt: told.retryAt }), limits };
  }

  #row(provider: Provider, probed: Probed, { latency }: { latency?: number }): ProviderHealth {
    const known = this.#of(provider.id);
    const secrets = secretsOf(provider, this.#kit.privacy);
    const error =
      probed.error === undefined
        ? null
        : scrub(probed.error, secrets, this.#kit.privacy).slice(0, ERROR_TEXT);
    if (error !== null) this.#failed(known, error);
    const extra = this.#clean(provider, probed.extra ?? {}) as Readonly<Record<string, unknown>>;
    return {
      ...extra,
      ...this.#base(provider),
      ...{ ok: probed.ok, error, latency_ms: latency ?? null, level: this.#level(provider, probed, latency) },
      ...(probed.answer && !probed.ok && { status_code: probed.answer.status }),
      ...{ checked_at: this.#time(), ts: Math.round(this.#clock.now()) },
    };
  }

  #base(provider: Provider): ProviderHealth {
    const known = this.#of(provider.id);
    const wait = (known.told?.retryAt ?? 0) - this.#clock.now();
    const limits = this.#limits(known);
    return {
      ...{ provider_id: provider.id, provider_name: this.#kit.privacy.text(provider.name) },
      ...{ ok: false, error: null, latency_ms: null, level: 'unknown', checked_at: null, ts: null },
      ...(known.lastError !== undefined && { last_error: known.lastError }),
      ...(known.lastErrorAt !== undefined && { last_error_at: known.lastErrorAt }),
      ...(wait > 0 && { retry_after_s: Math.ceil(wait / 1000) }),
      ...(limits && { rate_limits: limits }),
    };
  }

  #level(provider: Provider, probed: Probed, latency: number | undefined): ProviderLevel {
    const known = this.#of(provider.id);
    const limited = (known.told?.retryAt ?? 0) > this.#clock.now();
    if (!probed.ok) return limited ? 'warn' : 'error';
    if (latency === undefined) return 'unknown';
    if (provider.error_ms !== undefined && latency >= provider.error_ms) return 'error';
    const warn = provider.warn_ms ?? this.#kit.config.get('providers.warnMs');
    const empty = this.#limits(known)?.some(
      ({ remaining, reset_s }) => remaining === 0 && (reset_s ?? 1) > 0,
    );
    return latency >= warn || limited || empty ? 'warn' : 'ok';
  }

  #limits(known: Known): readonly RateLimit[] | undefined {
    const limits = known.told?.limits ?? [];
    if (limits.length === 0) return undefined;
    const now = this.#clock.now();
    return limits.map(({ resetAt, ...limit }) => ({
      ...limit,
      ...(resetAt !== undefined && { reset_s: Math.max(0, Math.ceil((resetAt - now) / 1000)) }),
    }));
  }

  #failed(known: Known, error: string): void {
    known.lastError = error;
    known.lastErrorAt = this.#time();
  }

  /** What a provider sent, as it may be shown: masked by name, and without the secrets that it was sent. */
  #clean(provider: Provider, value: unknown): unknown {
    return scrubDeep(masked(value, this.#kit.privacy), secretsOf(provider, this.#kit.privacy));
  }

  #of(id: string): Known {
    const known = this.#known.get(id) ?? {};
    this.#known.set(id, known);
    return known;
  }

  #budget(): AbortSignal {
    return AbortSignal.timeout(this.#kit.config.get('providers.budgetMs'));
  }

  #timeout(): AbortSignal {
    return AbortSignal.timeout(this.#kit.config.get('providers.timeoutMs'));
  }

  #time(): string {
    return new Date(this.#clock.now()).toISOString();
  }
}

import type { Kit } from '../../kernel/part.ts';
import { type Probed, statusError } from './adapter.ts';
import { adapterOf } from './adapters.ts';
import { type Asker, reasonOf } from './asker.ts';
import type { ObservedResponse, Provider, ProviderHealth, ProviderLevel, ProvidersHealth } from './gate.ts';
import { scrub, secretsOf } from './mask.ts';
import { LOCAL, type Registry } from './registry.ts';

export interface RoundsOptions {
  readonly kit: Kit;
  readonly registry: Registry;
  readonly asker: Asker;
}

const ERROR_TEXT = 200;

/** Probes, alone and in rounds. */
export class Rounds {
  readonly #kit: Kit;
  readonly #registry: Registry;
  readonly #asker: Asker;
  #round: Promise<ProvidersHealth> | undefined;

  constructor({ kit, registry, asker }: RoundsOptions) {
    this.#kit = kit;
    this.#registry = registry;
    this.#asker = asker;
  }

  /** Everybody who asks while a round is under way gets that one. */
  all(): Promise<ProvidersHealth> {
    this.#round ??= this.#all().finally(() => {
      this.#round = undefined;
    });
    return this.#round;
  }

  async #all(): Promise<ProvidersHealth> {
    const budget = this.#asker.budget();
    const results = await Promise.all(this.#registry.list().map(one => this.check(one, budget)));
    const count = (level: ProviderLevel) => results.filter(row => row.level === level).length;
    const asked = results.filter(
      ({ provider_id, checked_at }) => provider_id !== LOCAL && checked_at !== null,
    );
    return {
      // `local` is always well, so it counts only where there is nothing else to ask.
      ok: asked.length === 0 || asked.some(({ ok }) => ok),
      counts: {
        ...{ total: results.length, healthy: results.filter(({ ok }) => ok).length },
        ...{ ok: count('ok'), warn: count('warn'), error: count('error'), unknown: count('unknown') },
      },
      checked_at: this.#asker.time(),
      results,
    };
  }

  /** Never rejects: a provider that is down is an answer. */
  async check(provider: Provider, budget = this.#asker.budget()): Promise<ProviderHealth> {
    if (provider.id === LOCAL) return this.#row(provider, { ok: true }, { latency: 0 });
    if (!provider.active) return { ...this.#base(provider), ok: false, level: 'unknown' };
    const wait = this.#asker.waitMs(provider.id);
    // It asked to be left alone, and a probe is a call like any other.
    if (wait > 0) return this.#row(provider, { ok: false, error: 'rate limited' }, {});
    const began = this.#kit.clock.monotonic();
    const probed = await this.#probe(provider, budget);
    const latency = probed.answer?.latencyMs ?? Math.round((this.#kit.clock.monotonic() - began) * 100) / 100;
    if (probed.answer !== undefined) this.#asker.learn(provider.id, probed.answer);
    const row = this.#row(provider, probed, { latency });
    this.#registry.note(row);
    return row;
  }

  async #probe(provider: Provider, budget: AbortSignal): Promise<Probed> {
    try {
      return await adapterOf(provider).probe(provider, this.#asker.asking(budget));
    } catch (error) {
      return { ok: false, error: reasonOf(error) };
    }
  }

  observe(provider: Provider, response: ObservedResponse): void {
    this.#asker.learn(provider.id, response);
    const { status } = response;
    if (status !== 429 && status < 500 && status !== 401) return;
    this.#asker.failed(provider.id, statusError(status));
  }

  #row(provider: Provider, probed: Probed, { latency }: { latency?: number }): ProviderHealth {
    const secrets = secretsOf(provider, this.#kit.privacy);
    const error =
      probed.error === undefined
        ? null
        : scrub(probed.error, secrets, this.#kit.privacy).slice(0, ERROR_TEXT);
    if (error !== null) this.#asker.failed(provider.id, error);
    const extra = this.#asker.clean(provider, probed.extra ?? {});
    return {
      ...extra,
      ...this.#base(provider),
      ...{ ok: probed.ok, error, latency_ms: latency ?? null, level: this.#level(provider, probed, latency) },
      ...(probed.answer && !probed.ok && { status_code: probed.answer.status }),
      ...{ checked_at: this.#asker.time(), ts: Math.round(this.#kit.clock.now()) },
    };
  }

  #base(provider: Provider): ProviderHealth {
    const known = this.#asker.of(provider.id);
    const wait = this.#asker.waitMs(provider.id);
    const limits = this.#asker.limits(provider.id);
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
    const limited = this.#asker.waitMs(provider.id) > 0;
    if (!probed.ok) return limited ? 'warn' : 'error';
    if (latency === undefined) return 'unknown';
    if (provider.error_ms !== undefined && latency >= provider.error_ms) return 'error';
    const warn = provider.warn_ms ?? this.#kit.config.get('providers.warnMs');
    const limits = this.#asker.limits(provider.id);
    const empty = limits?.some(({ remaining, reset_s }) => remaining === 0 && (reset_s ?? 1) > 0);
    return latency >= warn || limited || empty ? 'warn' : 'ok';
  }
}

import { statusError } from './adapter.ts';
import { adapterOf } from './adapters.ts';
import { type Asker, reasonOf } from './asker.ts';
import type { Provider, ProviderBootstrap, ProviderHealth, ProviderOffer, ProviderQuota } from './gate.ts';
import { LOCAL } from './registry.ts';

export interface InspectorOptions {
  readonly asker: Asker;
  readonly check: (provider: Provider) => Promise<ProviderHealth>;
}

/** What a provider tells beyond its health. Nothing here rejects: what can't be told has a code that stays. */
export class Inspector {
  readonly #asker: Asker;
  readonly #check: InspectorOptions['check'];

  constructor({ asker, check }: InspectorOptions) {
    this.#asker = asker;
    this.#check = check;
  }

  async quota(provider: Provider): Promise<ProviderQuota> {
    const base = this.#base(provider);
    const { quota } = adapterOf(provider);
    if (provider.id === LOCAL || quota === undefined) {
      return { ...base, error: 'quota inspection not supported', code: 'quota_unsupported' };
    }
    try {
      const found = await quota(provider, this.#asker.asking());
      if (found?.answer !== undefined) this.#asker.learn(provider.id, found.answer);
      const rate_limits = this.#asker.limits(provider.id);
      if (found === undefined && rate_limits === undefined) {
        return { ...base, error: 'no account path told a quota', code: 'quota_failed' };
      }
      const { ok = true, answer, ...told } = found ?? {};
      return {
        ...base,
        ok,
        ...(!ok && { error: 'a command failed', code: 'quota_failed' }),
        ...this.#asker.clean(provider, told),
        ...(answer && { latency_ms: answer.latencyMs }),
        ...(rate_limits && { rate_limits }),
      };
    } catch (error) {
      return { ...base, error: reasonOf(error), code: 'quota_failed' };
    }
  }

  async offered(provider: Provider): Promise<ProviderOffer> {
    const base = { ...this.#base(provider), templates: [] };
    const { templates } = adapterOf(provider);
    if (provider.id === LOCAL || templates === undefined) {
      return { ...base, error: 'template inspection not supported', code: 'templates_unsupported' };
    }
    try {
      const found = await templates(provider, this.#asker.asking());
      const { answer } = found;
      if (answer !== undefined) this.#asker.learn(provider.id, answer);
      const error = answer !== undefined && answer.status >= 400 ? statusError(answer.status) : undefined;
      return {
        ...base,
        ok: error === undefined,
        ...(error !== undefined && { error, code: 'templates_failed' }),
        ...(answer && { latency_ms: answer.latencyMs }),
        templates: this.#asker.clean(provider, found.templates),
      };
    } catch (error) {
      return { ...base, error: reasonOf(error), code: 'templates_failed' };
    }
  }

  async bootstrap(provider: Provider): Promise<ProviderBootstrap> {
    const base = { ...this.#base(provider), steps: [] };
    const { prepare, quota, templates } = adapterOf(provider);
    if (provider.id === LOCAL || prepare === undefined) {
      return { ...base, error: 'bootstrap not supported', code: 'bootstrap_unsupported' };
    }
    try {
      const steps = await prepare(provider, this.#asker.asking());
      const [health, left, offered] = await Promise.all([
        this.#check(provider),
        quota && this.quota(provider),
        templates && this.offered(provider),
      ]);
      const ok = health.ok && steps.every(step => step.ok);
      return {
        ...base,
        ok,
        ...(!ok && { error: health.error ?? 'a step failed', code: 'bootstrap_failed' }),
        steps,
        details: { health, ...(left && { quota: left }), ...(offered && { templates: offered }) },
      };
    } catch (error) {
      return { ...base, error: reasonOf(error), code: 'bootstrap_failed' };
    }
  }

  #base({ id }: Provider) {
    return { provider_id: id, ok: false, checked_at: this.#asker.time() };
  }
}

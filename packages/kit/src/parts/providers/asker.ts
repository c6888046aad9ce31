import type { Kit } from '../../kernel/part.ts';
import type { Asking } from './adapter.ts';
import { ProbeError } from './fetch.ts';
import type { ObservedResponse, Provider, RateLimit } from './gate.ts';
import { headerReader, readTold, type Told } from './limits.ts';
import { masked, scrubDeep, secretsOf } from './mask.ts';

export interface Known {
  told?: Told;
  lastError?: string;
  lastErrorAt?: string;
}

/** What every question to a provider needs: its bounds, what was learnt from the answers, and how they are cleaned. */
export class Asker {
  readonly #kit: Kit;
  readonly #known = new Map<string, Known>();
  readonly #stop = new AbortController();

  constructor(kit: Kit) {
    this.#kit = kit;
  }

  /** Bounds for one question, within those of a round. */
  asking(budget = this.budget()): Asking {
    const timeout = AbortSignal.timeout(this.#kit.config.get('providers.timeoutMs'));
    const signal = AbortSignal.any([budget, timeout, this.#stop.signal]);
    return { signal, ssh: this.#kit.config.get('providers.ssh') };
  }

  budget(): AbortSignal {
    return AbortSignal.timeout(this.#kit.config.get('providers.budgetMs'));
  }

  stop(): void {
    this.#stop.abort();
  }

  of(id: string): Known {
    const known = this.#known.get(id) ?? {};
    this.#known.set(id, known);
    return known;
  }

  learn(id: string, { headers }: Pick<ObservedResponse, 'headers'>): void {
    const told = readTold(headerReader(headers), this.#kit.clock.now());
    const known = this.of(id);
    const limits = told.limits.length > 0 ? told.limits : (known.told?.limits ?? []);
    known.told = { ...(told.retryAt !== undefined && { retryAt: told.retryAt }), limits };
  }

  failed(id: string, error: string): void {
    const known = this.of(id);
    known.lastError = error;
    known.lastErrorAt = this.time();
  }

  /** Milliseconds for which it asked to be left alone; below zero where that is over. */
  waitMs(id: string): number {
    return (this.of(id).told?.retryAt ?? 0) - this.#kit.clock.now();
  }

  limits(id: string): readonly RateLimit[] | undefined {
    const limits = this.of(id).told?.limits ?? [];
    if (limits.length === 0) return undefined;
    const now = this.#kit.clock.now();
    return limits.map(({ resetAt, ...limit }) => ({
      ...limit,
      ...(resetAt !== undefined && { reset_s: Math.max(0, Math.ceil((resetAt - now) / 1000)) }),
    }));
  }

  /** What a provider sent, as it may be shown: masked by name, and without the secrets that it was sent. */
  clean<T>(provider: Provider, value: T): T {
    const { privacy } = this.#kit;
    return scrubDeep(masked(value, privacy), secretsOf(provider, privacy)) as T;
  }

  time(): string {
    return new Date(this.#kit.clock.now()).toISOString();
  }
}

/** In a word that holds nothing of the address. */
export const reasonOf = (error: unknown): string =>
  error instanceof ProbeError ? error.failure : 'probe failed';

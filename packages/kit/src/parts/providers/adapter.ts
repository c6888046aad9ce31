import type { Answer } from './fetch.ts';
import type {
  OfferedTemplate,
  Provider,
  ProviderBootstrap,
  ProviderQuota,
  ProviderTemplate,
} from './gate.ts';

/** What a probe found. A text of the provider's own (`error`, extras) is scrubbed by the caller. */
export interface Probed {
  readonly ok: boolean;
  readonly error?: string;
  readonly answer?: Answer;
  readonly extra?: Readonly<Record<string, unknown>>;
}

export interface Quoted extends Pick<ProviderQuota, 'quota' | 'endpoint' | 'results'> {
  /** False where `results` tells of a failure. */
  readonly ok: boolean;
  readonly answer?: Answer;
}

export interface Offered {
  readonly templates: readonly OfferedTemplate[];
  readonly answer?: Answer;
}

/** What an adapter asks with. */
export interface Asking {
  readonly signal: AbortSignal;
  /** The program that opens a remote shell, and its first arguments. */
  readonly ssh: readonly string[];
}

/**
 * How one kind of service is asked. Everything but a probe is optional, and unsupported where it is missing; what can't
 * be asked rejects with a `ProbeError`.
 */
export interface Adapter {
  readonly template: ProviderTemplate;
  /** The addresses that it can ask; default: those of HTTP. */
  readonly address?: RegExp;
  probe(provider: Provider, asking: Asking): Promise<Probed>;
  /** Undefined where no path of it told anything. */
  quota?(provider: Provider, asking: Asking): Promise<Quoted | undefined>;
  templates?(provider: Provider, asking: Asking): Promise<Offered>;
  /** Makes it ready for work; gives the steps that were taken. */
  prepare?(provider: Provider, asking: Asking): Promise<readonly Step[]>;
}

export type Step = ProviderBootstrap['steps'][number];

export type Json = Readonly<Record<string, unknown>>;
export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The first text of these names in the provider's config. */
export function text(provider: Provider, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = provider.config[name];
    if (typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}

export function template(id: string, name: string, more: Partial<ProviderTemplate> = {}): ProviderTemplate {
  return { id, name, kind: 'remote', service: id, base_url: '', meta: {}, ...more };
}

/** A word for a status that is no success. */
export function statusError(status: number): string {
  if (REFUSED.has(status)) return 'credentials rejected';
  if (status === 429) return 'rate limited';
  return status >= 500 ? `server error ${status}` : `unexpected status ${status}`;
}

export const REFUSED: ReadonlySet<number> = new Set([401, 403]);

import type { Store } from '../store/types.ts';
import { isLoopbackName } from './origin.ts';
import { ConsoleError } from './problem.ts';

/** Where a service's ops API is. The token goes to this address only. */
export interface Target {
  /** Origin, such as `http://127.0.0.1:8000`; a path stands before the ops paths. */
  readonly url: string;
  readonly token?: string;
}

/** A resource attribute by which a service says where its ops API is. */
export const OPS_URL = 'plimsoll.ops.url';

/**
 * Finds a service's ops API: as configured, else as the service says in its resource. What a service says is
 * believed for loopback alone and never gets a token, since anyone who can send OTLP can say it.
 */
export class Targets {
  readonly #configured: ReadonlyMap<string, Target>;
  readonly #store: Store;

  constructor(store: Store, configured: Readonly<Record<string, Target>>) {
    this.#store = store;
    this.#configured = new Map(Object.entries(configured));
    for (const [service, { url }] of this.#configured) {
      if (!isPlain(url)) throw new ConsoleError('PLIMSOLL_CONSOLE_TARGET', service);
    }
  }

  async find(service: string): Promise<Target | undefined> {
    const configured = this.#configured.get(service);
    if (configured) return configured;
    const row = (await this.#store.services()).find(one => one.service === service);
    return row && this.learnt(row.resource);
  }

  of(service: string, resource: Readonly<Record<string, unknown>>): Target | undefined {
    return this.#configured.get(service) ?? this.learnt(resource);
  }

  learnt(resource: Readonly<Record<string, unknown>>): Target | undefined {
    const url = resource[OPS_URL];
    if (typeof url !== 'string' || !isPlain(url) || !isLoopbackName(new URL(url).hostname)) return undefined;
    return { url };
  }

  /** Configured services, seen or not. */
  names(): readonly string[] {
    return [...this.#configured.keys()];
  }
}

function isPlain(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, username, password } = new URL(url);
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === '';
}

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
const ANNOUNCED_AT_MOST = 256;

/**
 * Finds a service's ops API: as configured, else as an app announced it that this console was started with, else as the
 * service says in its resource. What a service says is believed for loopback alone, and what it says in its resource
 * never gets a token, since anyone who can send OTLP can say it.
 */
export class Targets {
  readonly #configured: ReadonlyMap<string, Target>;
  readonly #store: Store;
  /** In memory alone: a token of one run is nothing to keep. */
  readonly #announced = new Map<string, Target>();

  constructor(store: Store, configured: Readonly<Record<string, Target>>) {
    this.#store = store;
    this.#configured = new Map(Object.entries(configured));
    for (const [service, { url }] of this.#configured) {
      if (!isPlain(url)) throw new ConsoleError('PLIMSOLL_CONSOLE_TARGET', service);
    }
  }

  async find(service: string): Promise<Target | undefined> {
    const told = this.#told(service);
    if (told) return told;
    const row = (await this.#store.services()).find(one => one.service === service);
    return row && this.learnt(row.resource);
  }

  of(service: string, resource: Readonly<Record<string, unknown>>): Target | undefined {
    return this.#told(service) ?? this.learnt(resource);
  }

  /** Whether this is an address that a service may say of itself: plain http(s) over loopback. */
  static isNear(url: string): boolean {
    return isPlain(url) && isLoopbackName(new URL(url).hostname);
  }

  /** Takes an address that an app told us by our secret, and that proved right. */
  announce(service: string, target: Target): void {
    this.#announced.delete(service);
    this.#announced.set(service, target);
    if (this.#announced.size > ANNOUNCED_AT_MOST) {
      this.#announced.delete(this.#announced.keys().next().value!);
    }
  }

  learnt(resource: Readonly<Record<string, unknown>>): Target | undefined {
    const url = resource[OPS_URL];
    return typeof url === 'string' && Targets.isNear(url) ? { url } : undefined;
  }

  /** Services that have an address, seen or not. */
  names(): readonly string[] {
    return [...new Set([...this.#configured.keys(), ...this.#announced.keys()])];
  }

  #told(service: string): Target | undefined {
    return this.#configured.get(service) ?? this.#announced.get(service);
  }
}

function isPlain(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, username, password } = new URL(url);
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === '';
}

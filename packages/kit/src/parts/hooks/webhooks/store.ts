import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../../base/atomic-file.ts';

/** One registration, as it is kept; its secrets are in a file of their own. */
export interface Endpoint {
  readonly id: string;
  readonly event: string;
  readonly url: string;
  readonly ordered: boolean;
  readonly created: number;
  disabled?: 'gone';
}

interface Secret {
  readonly secret: string;
  /** Milliseconds since the epoch until which it still signs; absent for the one that counts. */
  readonly until?: number;
}

export interface Wanted {
  readonly event: string;
  readonly url: string;
  readonly secret?: string | undefined;
  readonly ordered?: boolean | undefined;
}

/** A receiver that is offline for longer while it rotates gets to know the new secret first. */
const SECRETS_AT_MOST = 5;

/**
 * Who gets which hook. Every change is on the disk, owner only, before it is answered; without a folder it is in
 * memory alone.
 */
export class EndpointStore {
  readonly #dir: string | undefined;
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #secrets = new Map<string, readonly Secret[]>();
  #work: Promise<void> = Promise.resolve();

  /** Throws what the file system throws, and for a file that is not what was written. */
  constructor(dir: string | undefined, { writes = true } = {}) {
    this.#dir = writes ? dir : undefined;
    if (dir === undefined) return;
    for (const endpoint of readJson<Endpoint[]>(join(dir, 'webhooks.json')) ?? [])
      this.#endpoints.set(endpoint.id, endpoint);
    const secrets = readJson<Record<string, Secret[]>>(join(dir, 'webhook-secrets.json')) ?? {};
    for (const [id, list] of Object.entries(secrets)) this.#secrets.set(id, list);
  }

  list(): readonly Endpoint[] {
    return [...this.#endpoints.values()];
  }

  get(id: string): Endpoint | undefined {
    return this.#endpoints.get(id);
  }

  find(event: string, url: string): Endpoint | undefined {
    return this.list().find(endpoint => endpoint.event === event && endpoint.url === url);
  }

  /** Newest first. */
  secrets(id: string, now: number): readonly string[] {
    const known = this.#secrets.get(id) ?? [];
    return known.filter(({ until }) => until === undefined || now < until).map(({ secret }) => secret);
  }

  /** What is there under this event and URL is put anew: a call without a secret takes the secret away. */
  async put({ event, url, secret, ordered = false }: Wanted, now: number): Promise<Endpoint> {
    const known = this.find(event, url);
    const id = known?.id ?? `wh_${randomBytes(9).toString('hex')}`;
    const endpoint: Endpoint = { id, event, url, ordered, created: known?.created ?? now };
    this.#endpoints.set(id, endpoint);
    if (secret === undefined || secret === '') this.#secrets.delete(id);
    else this.#secrets.set(id, [{ secret }]);
    await this.#save();
    return endpoint;
  }

  /** The new secret signs first, the old ones beside it until then. */
  async rotate(id: string, secret: string, until: number): Promise<void> {
    const old = (this.#secrets.get(id) ?? []).map(one => ({
      ...one,
      until: Math.min(one.until ?? until, until),
    }));
    this.#secrets.set(id, [{ secret }, ...old].slice(0, SECRETS_AT_MOST));
    await this.#save();
  }

  async disable(id: string, disabled: Endpoint['disabled'] | undefined): Promise<void> {
    const endpoint = this.#endpoints.get(id);
    if (endpoint === undefined) return;
    if (disabled === undefined) delete endpoint.disabled;
    else endpoint.disabled = disabled;
    await this.#save();
  }

  async remove(id: string): Promise<void> {
    this.#endpoints.delete(id);
    this.#secrets.delete(id);
    await this.#save();
  }

  /** One write after the other; each takes what is true when it begins. Secrets first: none is ever missing. */
  #save(): Promise<void> {
    const dir = this.#dir;
    if (dir === undefined) return Promise.resolve();
    const work = this.#work.then(async () => {
      const secrets = Object.fromEntries(this.#secrets);
      await writeFileAtomic(join(dir, 'webhook-secrets.json'), JSON.stringify(secrets), { mode: 0o600 });
      await writeFileAtomic(join(dir, 'webhooks.json'), JSON.stringify(this.list(), undefined, 2));
    });
    this.#work = work.catch(() => {});
    return work;
  }
}

function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

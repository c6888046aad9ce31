import { writeFileAtomic } from '../../base/atomic-file.ts';
import { OpsError } from '../../base/ops-error.ts';
import { adapterOf, isAddress, TEMPLATES } from './adapters.ts';
import { LOCAL, parse, STEP, stampOf } from './file.ts';
import type { Provider, ProviderInput } from './gate.ts';

const AT_MOST = 256;
const SLUG = /[^a-z0-9]+/g;

export { LOCAL };

export interface RegistryOptions {
  /** Undefined: nothing is written. */
  readonly path: string | undefined;
  readonly now: () => number;
  readonly onDamaged: () => void;
}

/** The entries, in memory and in one JSON file that only its owner can read. Changes are written before they are told. */
export class Registry {
  readonly #options: RegistryOptions;
  #entries: ReadonlyMap<string, Provider> = new Map();
  #stamp = '';
  #damaged = false;
  #work: Promise<unknown> = Promise.resolve();

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#read();
  }

  /** By priority, `local` first. Reads the file again where it changed. */
  list(): readonly Provider[] {
    this.#read();
    return [...this.#entries.values()].sort((a, b) => a.priority - b.priority || (a.id < b.id ? -1 : 1));
  }

  get(id: string): Provider | undefined {
    this.#read();
    return this.#entries.get(id);
  }

  register(input: ProviderInput, options: { fresh?: boolean } = {}): Promise<Provider> {
    return this.#change(entries => {
      const id = input.id ?? slug(input.name ?? '');
      if (id === '' || input.id === '') throw invalid('id');
      if (id === LOCAL) throw new OpsError('provider is built in');
      const known = entries.get(id);
      if (options.fresh && known !== undefined) throw new OpsError('provider exists');
      if (known === undefined && entries.size >= AT_MOST) throw new OpsError('too many providers');
      const made = this.#entry(id, input, { known, entries });
      entries.set(id, made);
      return made;
    });
  }

  /** From a template, with an id of its own: `openai`, `openai-2`, … */
  create(name: string, input: ProviderInput): Promise<Provider> {
    const template = TEMPLATES().find(({ id }) => id === name);
    if (template === undefined) return Promise.reject(new OpsError('template not found'));
    const { id: _, meta, ...values } = template;
    if (input.id !== undefined)
      return this.register({ ...values, ...input, meta: { ...meta, ...input.meta } }, { fresh: true });
    return this.#change(entries => {
      const base = slug(input.name ?? name);
      let id = base;
      for (let n = 2; entries.has(id); n += 1) id = `${base}-${n}`;
      const made = this.#entry(
        id,
        { ...values, ...input, meta: { ...meta, ...input.meta } },
        { known: undefined, entries },
      );
      entries.set(id, made);
      return made;
    });
  }

  activate(id: string, active: boolean): Promise<Provider> {
    return this.#change(entries => {
      const known = entries.get(id);
      if (known === undefined) throw new OpsError('provider not found');
      const made = { ...known, active, updated_at: this.#time() };
      entries.set(id, made);
      return made;
    });
  }

  async order(ids: readonly string[]): Promise<readonly Provider[]> {
    await this.#change(entries => {
      if (ids.some(id => !entries.has(id))) throw new OpsError('provider not found');
      const rest = [...entries.values()].sort((a, b) => a.priority - b.priority).map(({ id }) => id);
      const all = [...new Set([LOCAL, ...ids, ...rest])];
      for (const [at, id] of all.entries()) {
        entries.set(id, { ...(entries.get(id) as Provider), priority: at * STEP });
      }
    });
    return this.list();
  }

  remove(id: string): Promise<boolean> {
    if (id === LOCAL) return Promise.reject(new OpsError('provider is built in'));
    return this.#change(entries => entries.delete(id));
  }

  /** Several at once, all or none. */
  import(inputs: readonly ProviderInput[], replace: boolean): Promise<number> {
    return this.#change(entries => {
      if (replace) for (const id of [...entries.keys()]) if (id !== LOCAL) entries.delete(id);
      const own = inputs.filter(input => input.id !== LOCAL);
      for (const input of own) {
        const id = input.id ?? slug(input.name ?? '');
        if (id === '') throw invalid('id');
        entries.set(id, this.#entry(id, input, { known: entries.get(id), entries }));
      }
      if (entries.size > AT_MOST) throw new OpsError('too many providers');
      return own.length;
    });
  }

  /** Kept in memory, and on the disk with the next change: a probe is no reason to write. */
  note(health: Provider['last_health'] & object): void {
    const known = this.#entries.get(health.provider_id);
    if (known === undefined) return;
    this.#entries = new Map(this.#entries).set(known.id, { ...known, last_health: health });
  }

  close(): Promise<unknown> {
    return this.#work.catch(() => {});
  }

  #entry(
    id: string,
    input: ProviderInput,
    { known, entries }: { known: Provider | undefined; entries: ReadonlyMap<string, Provider> },
  ): Provider {
    const base_url = input.base_url ?? input.endpoint ?? known?.base_url ?? '';
    const kind = input.kind ?? known?.kind ?? 'remote';
    const service = input.service ?? known?.service ?? kind;
    if (!isAddress(base_url, { service, kind })) throw invalid('base_url');
    const highest = Math.max(0, ...[...entries.values()].map(({ priority }) => priority));
    const warn = input.warn_ms ?? known?.warn_ms;
    const error = input.error_ms ?? known?.error_ms;
    return {
      ...{ id, name: input.name ?? known?.name ?? id, kind, service, base_url },
      active: input.active ?? known?.active ?? true,
      priority: input.priority ?? known?.priority ?? highest + STEP,
      ...(warn !== undefined && { warn_ms: warn }),
      ...(error !== undefined && { error_ms: error }),
      meta: { ...adapterOf({ service, kind }).template.meta, ...known?.meta, ...input.meta },
      config: structuredClone(input.config ?? known?.config ?? {}),
      ...(known?.last_health && { last_health: known.last_health }),
      created_at: known?.created_at ?? this.#time(),
      updated_at: this.#time(),
    };
  }

  #time(): string {
    return new Date(this.#options.now()).toISOString();
  }

  /** One change after the other; what throws, or can't be written, changed nothing. */
  #change<R>(change: (entries: Map<string, Provider>) => R): Promise<R> {
    const work = this.#work.then(async () => {
      this.#read();
      if (this.#damaged) throw new OpsError('providers file is damaged');
      const entries = new Map(this.#entries);
      const result = change(entries);
      await this.#write([...entries.values()]);
      this.#entries = entries;
      return result;
    });
    this.#work = work.catch(() => {});
    return work;
  }

  async #write(providers: readonly Provider[]): Promise<void> {
    const { path } = this.#options;
    if (path === undefined) return;
    await writeFileAtomic(path, `${JSON.stringify({ providers }, null, 2)}\n`);
    this.#stamp = stampOf(path);
  }

  #read(): void {
    const { path } = this.#options;
    const stamp = path === undefined ? 'none' : stampOf(path);
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    const found = path === undefined || stamp === 'none' ? [] : parse(path);
    this.#damaged = found === undefined;
    // What was known stays: a file that somebody is editing must not stop the panel.
    if (found === undefined) {
      this.#options.onDamaged();
      return;
    }
    const old = this.#entries;
    const entries = new Map(found.map(entry => [entry.id, { ...entry, ...kept(old.get(entry.id)) }]));
    this.#entries = entries.set(LOCAL, { ...entries.get(LOCAL), ...this.#local() });
  }

  #local(): Provider {
    const known = this.#entries.get(LOCAL);
    const time = known?.created_at ?? this.#time();
    return {
      ...{
        id: LOCAL,
        name: 'This service',
        kind: LOCAL,
        service: LOCAL,
        base_url: '',
        active: true,
        priority: 0,
      },
      ...{ meta: {}, config: {}, created_at: time, updated_at: time },
    };
  }
}

const kept = (known: Provider | undefined) =>
  known?.last_health === undefined ? {} : { last_health: known.last_health };

function slug(name: string): string {
  return name
    .toLowerCase()
    .replace(SLUG, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64);
}

function invalid(field: string): OpsError {
  return new OpsError('validation_error', { errors: [{ field, code: 'invalid_value' }] });
}

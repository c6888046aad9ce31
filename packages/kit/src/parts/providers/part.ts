import { resolve } from 'node:path';
import { OpsError } from '../../base/ops-error.ts';
import type { Kit, Part } from '../../kernel/part.ts';
import { TEMPLATES } from './adapters.ts';
import { Asker } from './asker.ts';
import { type Provider, type ProviderInput, type Providers, providersGate } from './gate.ts';
import { Inspector } from './inspect.ts';
import { masked, withoutSecrets } from './mask.ts';
import { Registry } from './registry.ts';
import { Rounds } from './rounds.ts';

/** What the routes need beyond `obs.providers`. */
export interface ProvidersImpl extends Providers {
  export(secrets: boolean): readonly object[];
  import(inputs: readonly ProviderInput[], replace: boolean): Promise<number>;
}

export const providers: Part = {
  name: providersGate.name,
  setup(kit) {
    const impl = new Service(kit);
    const hide = kit.expose(providersGate.name, () => impl);
    return async () => {
      await hide();
      await impl.close();
    };
  },
};

class Service implements ProvidersImpl {
  readonly #kit: Kit;
  readonly #registry: Registry;
  readonly #asker: Asker;
  readonly #rounds: Rounds;
  readonly #inspector: Inspector;

  constructor(kit: Kit) {
    this.#kit = kit;
    const root = kit.config.get('runtimeRoot');
    const log = kit.log.named('plimsoll.providers');
    this.#registry = new Registry({
      path: root === undefined ? undefined : resolve(root, kit.config.get('providers.file')),
      now: () => kit.clock.now(),
      onDamaged: () =>
        log.error({ hint: 'Mend or remove it; until then nothing is changed.' }, 'providers_file_damaged'),
    });
    this.#asker = new Asker(kit);
    this.#rounds = new Rounds({ kit, registry: this.#registry, asker: this.#asker });
    this.#inspector = new Inspector({ asker: this.#asker, check: provider => this.#rounds.check(provider) });
  }

  list(): readonly Provider[] {
    return this.#registry.list().map(entry => this.#shown(entry));
  }

  get(id: string): Provider | undefined {
    const known = this.#registry.get(id);
    return known && structuredClone(known);
  }

  templates = TEMPLATES;

  async register(input: ProviderInput): Promise<Provider> {
    return this.#changed('provider_registered', await this.#registry.register(input));
  }

  async create(template: string, input: ProviderInput = {}): Promise<Provider> {
    return this.#changed('provider_registered', await this.#registry.create(template, input));
  }

  async activate(id: string, active = true): Promise<Provider> {
    return this.#changed('provider_activated', await this.#registry.activate(id, active));
  }

  async order(ids: readonly string[]): Promise<readonly Provider[]> {
    return (await this.#registry.order(ids)).map(entry => this.#shown(entry));
  }

  async remove(id: string): Promise<boolean> {
    const removed = await this.#registry.remove(id);
    if (removed) this.#kit.log.named('plimsoll.providers').info({ provider_id: id }, 'provider_removed');
    return removed;
  }

  health: Providers['health'] = () => this.#rounds.all();
  check: Providers['check'] = async id => this.#rounds.check(this.#known(id));
  quota: Providers['quota'] = async id => this.#inspector.quota(this.#known(id));
  offered: Providers['offered'] = async id => this.#inspector.offered(this.#known(id));

  bootstrap: Providers['bootstrap'] = async id => {
    const done = await this.#inspector.bootstrap(this.#known(id));
    const fields = { provider_id: id, ok: done.ok, ...(done.code !== undefined && { code: done.code }) };
    this.#kit.log.named('plimsoll.providers').info(fields, 'provider_bootstrapped');
    return done;
  };

  observe: Providers['observe'] = (id, response) => {
    try {
      const known = this.#registry.get(id);
      if (known !== undefined) this.#rounds.observe(known, response);
    } catch {
      // What a client gives as its answer is not always one, and the call that it belongs to must not fail for it.
    }
  };

  export(secrets: boolean): readonly object[] {
    const entries = this.#registry.list().filter(({ id }) => id !== 'local');
    return entries.map(({ last_health: _, ...entry }) =>
      secrets ? structuredClone(entry) : withoutSecrets(entry, this.#kit.privacy),
    );
  }

  import(inputs: readonly ProviderInput[], replace: boolean): Promise<number> {
    return this.#registry.import(inputs, replace);
  }

  async close(): Promise<void> {
    this.#asker.stop();
    await this.#registry.close();
  }

  #known(id: string): Provider {
    const known = this.#registry.get(id);
    if (known === undefined) throw new OpsError('provider not found');
    return known;
  }

  #shown(entry: Provider): Provider {
    const { last_health, ...own } = entry;
    return { ...masked(own, this.#kit.privacy), id: entry.id, ...(last_health && { last_health }) };
  }

  #changed(event: string, entry: Provider): Provider {
    const fields = { provider_id: entry.id, service: entry.service, active: entry.active };
    this.#kit.log.named('plimsoll.providers').info(fields, event);
    return this.#shown(entry);
  }
}

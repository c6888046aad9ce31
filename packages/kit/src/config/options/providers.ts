import type { OptionRow } from './row.ts';

/** Remote services that this one depends on: their registry, and how they are probed. */
export const PROVIDERS = [
  {
    key: 'providers.prefix',
    env: ['OBS_PROVIDERS_PREFIX'],
    type: 'string',
    default: '/api/providers',
    doc: 'Where the routes of the providers are',
  },
  {
    key: 'providers.file',
    env: ['OBS_PROVIDERS_FILE'],
    type: 'string',
    default: 'settings/providers.json',
    doc: 'The registry, relative to the runtime root; without a runtime root it is in memory alone',
  },
  {
    key: 'providers.timeoutMs',
    env: ['OBS_PROVIDERS_TIMEOUT_MS'],
    type: 'integer',
    min: 1,
    max: 120_000,
    default: 4000,
    doc: 'Milliseconds for the probe of one provider',
  },
  {
    key: 'providers.budgetMs',
    env: ['OBS_PROVIDERS_BUDGET_MS'],
    type: 'integer',
    min: 1,
    max: 120_000,
    default: 4500,
    doc: 'Milliseconds for a round of probes, which run together; less than the 5 s that a panel waits',
  },
  {
    key: 'providers.warnMs',
    env: ['OBS_PROVIDERS_WARN_MS'],
    type: 'integer',
    min: 1,
    max: 120_000,
    default: 1500,
    doc: 'Milliseconds of latency from which a provider is amber, where its entry does not say `warn_ms`',
  },
  {
    key: 'providers.ssh',
    env: ['OBS_PROVIDERS_SSH'],
    type: 'list',
    default: ['ssh'],
    doc: 'The program that opens a remote shell, and its first arguments, such as `ssh,-F,/etc/app/ssh_config`',
  },
] as const satisfies readonly OptionRow[];

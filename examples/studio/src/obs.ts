import type { InitOptions } from 'plimsoll';

/**
 * All that makes Plimsoll speak as the documents that studio grew from do, in one place: names of files, headers and
 * members that their readers and scripts know. What is not here is Plimsoll's default.
 */
export function seedPreset(runtimeRoot: string): InitOptions {
  return {
    service: 'studio',
    runtimeRoot,
    // Merged key by key, the second wins.
    configFiles: ['studio.json', 'config/studio.json'],
    http: { correlationIdHeader: 'X-Correlation-ID', traceparentHeader: true },
    ops: { problem: 'ok' },
    // Lines with `timestamp` and `event`.
    log: { format: 'event' },
    telemetry: { bundleName: 'comfyvn-diagnostics' },
    hooks: {
      prefix: '/api/modder/hooks',
      topicPrefix: 'modder.',
      signatureHeader: 'X-Comfy-Signature',
      pluginRoot: 'dev/modder_hooks',
    },
    assets: { busHooksRoute: 'modder-hooks' },
  };
}

/** The variables of those documents → Plimsoll's. */
const ALIASES: Readonly<Record<string, string>> = {
  COMFYVN_RUNTIME_ROOT: 'PLIMSOLL_RUNTIME_ROOT',
  COMFYVN_LOG_DIR: 'LOG_DIR',
  COMFYVN_LOG_LEVEL: 'LOG_LEVEL',
  COMFYVN_VERSION: 'SERVICE_VERSION',
  COMFYVN_DEV_MODE: 'PLIMSOLL_DEV_MODE',
  COMFYVN_MOD_PLUGIN_ROOT: 'PLIMSOLL_PLUGIN_ROOT',
  COMFYVN_ASSETS_ROOT: 'OBS_ASSETS_ROOT',
};

/** Sets Plimsoll's variables from the aliases, where they are not set themselves. */
export function applyAliases(env: Record<string, string | undefined>): void {
  for (const [alias, name] of Object.entries(ALIASES)) {
    if (env[alias] && !env[name]) env[name] = env[alias];
  }
}

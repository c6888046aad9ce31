import { resolve } from 'node:path';
import { parseBoolean } from './boolean.ts';
import { baseFolder, DEFAULT_CONFIG_FILE, parseObject, type ReadFile, readConfigFile } from './files.ts';

export interface GateInput {
  /** Options in code, unchecked. */
  readonly code?: Readonly<Record<string, unknown>> | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly argv1?: string | undefined;
}

/**
 * The rule for `enabled`, and nothing else: it imports no table, so that a service that is off loads none.
 * Each config file is read at most once: hand `preread` to `loadConfig`. A bad value counts as on, since
 * the loader must be there to report it.
 */
export function readEnabled({ code = {}, env, argv1 }: GateInput): {
  enabled: boolean;
  preread: readonly ReadFile[];
} {
  if (code['enabled'] !== undefined) return { enabled: code['enabled'] !== false, preread: [] };
  if (env['OBS_ENABLED']) return { enabled: parseBoolean(env['OBS_ENABLED']) ?? true, preread: [] };
  const preread = configPaths(code, env, argv1).map(readConfigFile);
  let enabled = true;
  for (const { text } of preread) {
    const obs = text === undefined ? undefined : parseObject(text)?.['obs'];
    if (typeof obs !== 'object' || obs === null || !('enabled' in obs)) continue;
    enabled = obs.enabled !== false;
  }
  return { enabled, preread };
}

function configPaths(
  code: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
  argv1: string | undefined,
): string[] {
  const root = code['runtimeRoot'] ?? env['PLIMSOLL_RUNTIME_ROOT'];
  const base = baseFolder(typeof root === 'string' ? root : undefined, argv1);
  const listed = code['configFiles'] ?? env['OBS_CONFIG_FILES'];
  const files = typeof listed === 'string' ? listed.split(/[,\n]/) : Array.isArray(listed) ? listed : [];
  const names = files.map(file => String(file).trim()).filter(file => file !== '');
  const absent = listed === undefined || listed === '';
  return (absent ? [DEFAULT_CONFIG_FILE] : names).map(file => resolve(base, file));
}

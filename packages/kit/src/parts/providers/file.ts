import { chmodSync, readFileSync, statSync } from 'node:fs';
import type { Provider } from './gate.ts';

export const LOCAL = 'local';
/** Room between two priorities, so that one can be put there by hand. */
export const STEP = 10;

/** The entries, or undefined for what is no registry. */
export function parse(path: string): Provider[] | undefined {
  try {
    const { providers } = JSON.parse(readFileSync(path, 'utf8')) as { providers?: unknown };
    if (!Array.isArray(providers) || !providers.every(isEntry)) return undefined;
    // A file that was put there by hand may be open to others; its secrets must not be.
    if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
    return providers.map(whole);
  } catch {
    return undefined;
  }
}

/** An entry of a file that a person may have written: what is left out has its default. */
function whole({ id, kind = 'remote', ...entry }: Partial<Provider>): Provider {
  const { service = kind, name = id ?? '', active = true, priority = STEP, base_url = '' } = entry;
  const { meta = {}, config = {}, created_at = '', updated_at = '' } = entry;
  const own = { id: id as string, name, kind, service, base_url, active, priority };
  return { ...entry, ...own, meta, config, created_at, updated_at };
}

function isEntry(value: unknown): value is Provider {
  const { id, base_url } = (value ?? {}) as { id?: unknown; base_url?: unknown };
  return typeof id === 'string' && id !== '' && (id === LOCAL || typeof base_url === 'string');
}

/** Changes with the file; `none` where there is none. */
export function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stat === undefined ? 'none' : `${stat.ino} ${stat.size} ${stat.mtimeNs}`;
}

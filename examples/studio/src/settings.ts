import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of this package: what ships, such as the first config and the documents. */
export const HOME = fileURLToPath(new URL('..', import.meta.url));
/** Where the flags and the consent are, below the runtime root. */
export const CONFIG_FILE = 'config/studio.json';

/** What studio itself reads from the environment; everything of Plimsoll's is Plimsoll's. */
export interface Settings {
  /** Absolute: all that is written is below it. */
  readonly runtimeRoot: string;
}

/** A relative root counts from studio's own folder, wherever it is started. */
export function settingsFrom(env: Readonly<Record<string, string | undefined>>): Settings {
  return { runtimeRoot: resolve(HOME, env['PLIMSOLL_RUNTIME_ROOT'] || '.runtime') };
}

/** A root that is new gets the config of a fresh install; one that has its own keeps it. */
export function prepareRoot({ runtimeRoot }: Settings): void {
  const file = join(runtimeRoot, CONFIG_FILE);
  if (existsSync(file)) return;
  mkdirSync(dirname(file), { recursive: true });
  copyFileSync(join(HOME, CONFIG_FILE), file);
}

import { createRequire, register as registerAsync } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { readEnabled } from '../config/enabled.ts';
import type { Obs } from './obs.ts';

/**
 * `node --import plimsoll/register app.js` observes every node:http server of the process, by the environment and the
 * config file alone. Whoever needs the `Obs` awaits this; it is undefined where Plimsoll is off, in worker threads,
 * and where the start failed, which is a warning of the process and never the end of the app.
 */
export const ready: Promise<Obs | undefined> = isMainThread ? register() : Promise.resolve(undefined);

/**
 * Nothing here may await before the first line of the app runs: Node waits for the evaluation of this module only.
 * So what observes is loaded by `require`, on the spot; what writes and exports follows, and ends wait for it.
 */
function register(): Promise<Obs | undefined> {
  const { enabled, preread } = readEnabled({ env: process.env, argv1: process.argv[1] });
  if (!enabled) return Promise.resolve(undefined);
  const source = import.meta.url.endsWith('.ts');
  try {
    showImports(new URL(source ? '../' : './', import.meta.url).href);
    const require = createRequire(import.meta.url);
    const { observeProcess } = require(
      source ? './start.ts' : './app/start.js',
    ) as typeof import('./start.ts');
    return observeProcess(preread).catch(warn);
  } catch (error) {
    if ((error as { code?: string }).code === 'PLIMSOLL_BAD_CONFIG') throw error;
    // Where modules can't be required, all of it is late instead of nothing of it there.
    if ((error as { code?: string }).code !== 'ERR_REQUIRE_ESM') return Promise.resolve(warn(error));
    return import('./start.ts').then(({ observeProcess }) => observeProcess(preread)).catch(warn);
  }
}

function warn(error: unknown): undefined {
  process.emitWarning(error instanceof Error ? error : String(error), { code: 'PLIMSOLL_REGISTER' });
}

/**
 * Lets OpenTelemetry's instrumentations see what is imported and not only what is required, as its documentation
 * says; where `@opentelemetry/instrumentation` is not installed, nothing is loaded.
 */
function showImports(own: string): void {
  const app = createRequire(process.argv[1] ?? join(process.cwd(), 'index.js'));
  let path: string;
  try {
    path = app.resolve('@opentelemetry/instrumentation');
  } catch {
    return;
  }
  const peer = createRequire(path);
  let sync: { supportsSyncHooks(): boolean; register(options: object): void } | undefined;
  try {
    sync = peer('import-in-the-middle/register-hooks.mjs');
  } catch {
    // Versions before 3 know the hooks on a thread of their own only.
  }
  if (sync?.supportsSyncHooks()) sync.register({ shouldInclude: (url: string) => !url.startsWith(own) });
  else registerAsync('@opentelemetry/instrumentation/hook.mjs', pathToFileURL(path));
}

import { readEnabled } from '../config/enabled.ts';
import type { InitOptions } from '../config/load.ts';
import type { Obs } from './obs.ts';
import { createOff } from './off.ts';

/** Turns everything on that the config says, around `app` when one is given. Throws only for bad options in code. */
export function init(options?: InitOptions): Promise<Obs>;
export function init(app: object, options?: InitOptions): Promise<Obs>;
export async function init(appOrOptions?: object, options?: InitOptions): Promise<Obs> {
  const app = isApp(appOrOptions) ? appOrOptions : undefined;
  const code = app === undefined ? ((appOrOptions ?? options) as InitOptions | undefined) : options;
  const gate = readEnabled({
    code: code as Record<string, unknown> | undefined,
    env: process.env,
    argv1: process.argv[1],
  });
  if (!gate.enabled) return createOff(code);
  const { start } = await import('./start.ts');
  return start({ app, code, preread: gate.preread });
}

/** Apps have methods, options have none. */
function isApp(value: object | undefined): value is object {
  if (value === undefined || value === null) return false;
  const { addHook, listen, use } = value as Record<string, unknown>;
  return [addHook, listen, use].some(method => typeof method === 'function');
}

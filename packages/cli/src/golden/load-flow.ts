import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { GoldenFlow } from 'plimsoll/testing';

/** The flow of a module of the user's, or what is wrong with the call. What the module throws is its own. */
export async function loadFlow(name: string): Promise<GoldenFlow | string> {
  const path = resolve(name);
  if (!existsSync(path)) return `There is no flow at ${path}.`;
  let module: { default?: unknown; flow?: unknown };
  try {
    module = await import(pathToFileURL(path).href);
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_UNKNOWN_FILE_EXTENSION') throw error;
    return `This Node can't run ${path}; use Node 22.18 or newer, or a flow in JavaScript.`;
  }
  const flow = module.default ?? module.flow;
  return isFlow(flow) ? flow : `${path} must export a flow by default: { file, rules?, run() }.`;
}

function isFlow(value: unknown): value is GoldenFlow {
  const { file, run } = (value ?? {}) as { file?: unknown; run?: unknown };
  return (typeof file === 'string' || file instanceof URL) && typeof run === 'function';
}

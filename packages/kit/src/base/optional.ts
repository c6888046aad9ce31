import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** True where a package that users may leave out can be loaded: from beside us, else from the working directory. */
export function isInstalled(name: string): boolean {
  return locate(name) !== undefined;
}

/**
 * Loads an optional peer, or gives undefined where it is not installed. The name is computed so that a bundler
 * does not insist on a package that the user has left out.
 */
export async function optional<T>(name: string): Promise<T | undefined> {
  const url = locate(name);
  if (url === undefined) return undefined;
  const loaded = (await import(url)) as T & { readonly default?: T };
  // Not every name of a CommonJS package is found, and not every ES module repeats its names in its default.
  return { ...loaded.default, ...loaded };
}

function locate(name: string): string | undefined {
  try {
    return import.meta.resolve(name);
  } catch {
    // A bundle has no `node_modules` beside it, and in CommonJS no `import.meta`.
  }
  try {
    return pathToFileURL(createRequire(`${process.cwd()}/`).resolve(name)).href;
  } catch {
    return undefined;
  }
}
